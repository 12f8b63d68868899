"""Every Ory server is alive, takes the key, and has the schema and the permission model that MoltNet needs; the
collector, if there is one, can be reached."""

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from operations.preflight.agreement import ORY
from operations.preflight.answers.asking import SECONDS, NotFitError, address, asked
from operations.preflight.findings import Finding
from operations.preflight.installation import Installation

NOT_ALLOWED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
SCHEMA = "agent"
"""Part of the `$id` of the agents' identity schema."""


def check(installation: Installation) -> Iterator[Finding]:
    with httpx.Client(timeout=SECONDS, trust_env=False) as http:
        yield from _ory(installation, http)
        yield from _collector(installation, http)


def _ory(installation: Installation, http: httpx.Client) -> Iterator[Finding]:
    addresses = {name: _ory_address(installation, name) for name in ORY}
    for url in dict.fromkeys(filter(None, addresses.values())):
        yield asked(_name(url), "is alive", partial(_get, http, url, "/health/alive"))
    key = installation.value("identity", "ORY_API_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    issuers = installation.value("gateway", "TOKEN_ISSUERS") or addresses["ORY_HYDRA_PUBLIC_URL"]
    checks: tuple[tuple[str, str, Callable[[str], None]], ...] = (
        ("ORY_KRATOS_PUBLIC_URL", "has the agents' schema", partial(_schema, http)),
        ("ORY_KRATOS_ADMIN_URL", "takes our key", partial(_admit, http, "/admin/identities", headers)),
        ("ORY_HYDRA_PUBLIC_URL", "is an issuer that is trusted", partial(_issuer, http, issuers)),
        ("ORY_HYDRA_ADMIN_URL", "takes our key", partial(_admit, http, "/admin/clients", headers)),
        ("ORY_KETO_PUBLIC_URL", "has the permission model", partial(_model, http, headers)),
    )
    for name, well, ask in checks:
        if addresses[name]:
            yield asked(_name(addresses[name]), well, partial(ask, addresses[name]))


def _ory_address(installation: Installation, name: str) -> str:
    project = address(installation, "identity", "ORY_PROJECT_URL")
    return (address(installation, "identity", name) or project).rstrip("/")


def _name(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _get(http: httpx.Client, url: str, path: str) -> None:
    _answer(http.get(f"{url}{path}"), path)


def _admit(http: httpx.Client, path: str, headers: dict[str, str], url: str) -> None:
    _answer(http.get(f"{url}{path}", headers=headers, params={"page_size": 1}), path)


def _answer(answer: httpx.Response, path: str) -> Any:
    if answer.status_code in NOT_ALLOWED:
        raise NotFitError(f"answers {answer.status_code} to {path}: ORY_API_KEY is missing or wrong")
    if not answer.is_success:
        raise NotFitError(f"answers {answer.status_code} to {path}")
    try:
        return answer.json()
    except ValueError:
        raise NotFitError(f"answers no JSON to {path}: is it the right server?") from None


def _schema(http: httpx.Client, url: str) -> None:
    schemas = _answer(http.get(f"{url}/schemas"), "/schemas")
    if not any(SCHEMA in each.get("schema", {}).get("$id", "") for each in schemas):
        raise NotFitError("has no identity schema for agents")


def _issuer(http: httpx.Client, trusted: str, url: str) -> None:
    path = "/.well-known/openid-configuration"
    issuer = str(_answer(http.get(f"{url}{path}"), path).get("issuer", ""))
    if issuer.rstrip("/") not in {each.strip().rstrip("/") for each in trusted.split(",")}:
        raise NotFitError(f"calls itself {issuer}, which TOKEN_ISSUERS does not name")


def _model(http: httpx.Client, headers: dict[str, str], url: str) -> None:
    query = {"namespace": "Diary", "object": "preflight", "relation": "read", "subject_id": "preflight"}
    path = "/relation-tuples/check/openapi"
    answer = http.get(f"{url}{path}", headers=headers, params=query)
    if answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
        raise NotFitError("does not know the namespace Diary: deploy the permission model")
    _answer(answer, path)


def _collector(installation: Installation, http: httpx.Client) -> Iterator[Finding]:
    url = address(installation, "gateway", "OTEL_EXPORTER_OTLP_ENDPOINT")
    if url:
        yield asked(f"collector {_name(url)}", "answers", partial(_reach, http, url))


def _reach(http: httpx.Client, url: str) -> None:
    """Whatever it answers: without a trace in it the request may be refused."""
    http.post(f"{url.rstrip('/')}/v1/traces")
