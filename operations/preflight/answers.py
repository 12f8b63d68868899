"""Does what the services need answer, and to them?

Postgres takes each role, NATS each user, every Ory server is alive, takes the key, and has the schema and the
permission model that MoltNet needs. An address that is none is not asked: its parts may be those of a password.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import nats
import psycopg
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from operations.preflight.agreement import BUS_USERS, DURABLE, ORY
from operations.preflight.findings import Finding
from operations.preflight.forms import is_address
from operations.preflight.installation import Installation
from shared.settings import inbox_prefix

SECONDS = 5
OLDEST_POSTGRES = 16
OLDEST_PGVECTOR = (0, 8)
NOT_ALLOWED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
SCHEMA = "agent"
"""Part of the `$id` of the agents' identity schema."""


class NotFitError(Exception):
    """A server answers, and not as it should. The text says how, without a secret."""


def check(installation: Installation) -> Iterator[Finding]:
    yield from _postgres(installation)
    yield from asyncio.run(_bus(installation))
    with httpx.Client(timeout=SECONDS, trust_env=False) as http:
        yield from _ory(installation, http)
        yield from _collector(installation, http)


def _asked(about: str, well: str, ask: Callable[[], None]) -> Finding:
    """Ask, and tell how it went."""
    try:
        ask()
    except NotFitError as failure:
        return Finding(about, str(failure))
    except httpx.HTTPError as failure:
        return Finding(about, f"cannot be reached ({type(failure).__name__})")
    except psycopg.OperationalError as failure:
        return Finding(about, f"refuses or cannot be reached ({_first_line(failure)})")
    except psycopg.Error as failure:
        return Finding(about, f"refuses ({type(failure).__name__})")
    return Finding(about, well, wrong=False)


def _first_line(failure: Exception) -> str:
    """Postgres' own words name the role and the address, never the password."""
    return next(iter(str(failure).strip().splitlines()), type(failure).__name__)


def _postgres(installation: Installation) -> Iterator[Finding]:
    made: set[str] = set()
    url = _address(installation, "migrate", "MIGRATIONS_DATABASE_URL")
    if url:
        yield _asked("postgres", "is fit for the migrations", lambda: made.update(_prepared(url)))
    for service in DURABLE:
        own, role = _address(installation, service, "DATABASE_URL"), f"moltnet_{service}"
        if own and role in made:
            yield _asked("postgres", f"lets {role} in", partial(_log_in, own))
        elif own:
            yield Finding("postgres", f"has no {role} yet: the migrations make it", wrong=False)


def _address(installation: Installation, service: str, variable: str) -> str:
    """Empty when there is none that could be asked."""
    value = installation.value(service, variable)
    return value if is_address(variable, value) else ""


def _log_in(url: str) -> None:
    _connect(url).close()


def _connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url, connect_timeout=SECONDS, autocommit=True)


def _prepared(url: str) -> set[str]:
    """The services' roles that exist. NotFitError when the migrations could not do their work."""
    with _connect(url) as connection:
        version = connection.info.server_version // 10_000
        if version < OLDEST_POSTGRES:
            raise NotFitError(f"is version {version}, and {OLDEST_POSTGRES} or newer is needed")
        _demand_vectors(connection)
        may = connection.execute(
            "SELECT rolsuper OR rolcreaterole AND has_database_privilege(current_database(), 'CREATE')"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if may != (True,):
            raise NotFitError("MIGRATIONS_DATABASE_URL names a login that may not create roles and schemas")
        roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'moltnet\\_%'").fetchall()
    return {str(name) for (name,) in roles}


def _demand_vectors(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    found = connection.execute(
        "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    if found is None:
        raise NotFitError("has no pgvector")
    if tuple(int(part) for part in str(found[0]).split(".")[:2]) < OLDEST_PGVECTOR:
        raise NotFitError(f"has pgvector {found[0]}, and {'.'.join(map(str, OLDEST_PGVECTOR))} is needed")


async def _bus(installation: Installation) -> list[Finding]:
    asked = [
        _user(url, user, password)
        for service, user in BUS_USERS.items()
        if (url := _address(installation, service, "NATS_URL"))
        and (password := installation.value(service, "NATS_PASSWORD"))
    ]
    return list(await asyncio.gather(*asked))


async def _user(url: str, user: str, password: str) -> Finding:
    async def silent(_: Exception) -> None:
        """What goes wrong is raised as well."""

    try:
        client = await nats.connect(
            url,
            user=user,
            password=password,
            inbox_prefix=inbox_prefix(user).encode(),
            connect_timeout=SECONDS,
            allow_reconnect=False,
            max_reconnect_attempts=1,  # of a first connection too
            reconnect_time_wait=0,
            error_cb=silent,
        )
    except (NatsError, OSError, TimeoutError) as failure:
        return Finding("nats", f"does not let {user} in ({type(failure).__name__})")
    try:
        if user == "operator":
            await client.jetstream(timeout=SECONDS).account_info()
    except (NatsError, JetStreamError, TimeoutError) as failure:
        return Finding("nats", f"has no JetStream for {user} ({type(failure).__name__})")
    finally:
        with contextlib.suppress(NatsError):
            await client.close()
    return Finding("nats", f"lets {user} in", wrong=False)


def _ory(installation: Installation, http: httpx.Client) -> Iterator[Finding]:
    addresses = {name: _ory_address(installation, name) for name in ORY}
    for url in dict.fromkeys(filter(None, addresses.values())):
        yield _asked(_name(url), "is alive", partial(_get, http, url, "/health/alive"))
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
            yield _asked(_name(addresses[name]), well, partial(ask, addresses[name]))


def _ory_address(installation: Installation, name: str) -> str:
    project = _address(installation, "identity", "ORY_PROJECT_URL")
    return (_address(installation, "identity", name) or project).rstrip("/")


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
    url = _address(installation, "gateway", "OTEL_EXPORTER_OTLP_ENDPOINT")
    if url:
        yield _asked(f"collector {_name(url)}", "answers", partial(_reach, http, url))


def _reach(http: httpx.Client, url: str) -> None:
    """Whatever it answers: without a trace in it the request may be refused."""
    http.post(f"{url.rstrip('/')}/v1/traces")
