"""Access tokens: how they are had, what they open, and what is refused."""

import base64
import json
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.agent import Agent, expect
from shared.problems import Unauthorized
from tests.e2e.answers import expect_problem

SCOPES = {
    "diary:read",
    "diary:write",
    "diary:delete",
    "diary:share",
    "agent:profile",
    "agent:directory",
    "crypto:sign",
}


def _form(agent: Agent, **changed: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": agent.client_id,
        "client_secret": agent.client_secret,
        **changed,
    }


def _claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


async def test_credentials_are_exchanged_for_a_bearer_token(resident: Agent) -> None:
    answer = expect(await resident.http.post("/oauth2/token", data=_form(resident)), 200)
    assert answer["access_token"]
    assert answer["token_type"].lower() == "bearer"
    assert answer["expires_in"] > 0
    assert "refresh_token" not in answer


async def test_a_token_is_never_cached(resident: Agent) -> None:
    response = await resident.http.post("/oauth2/token", data=_form(resident))
    assert "no-store" in response.headers["cache-control"]


async def test_the_exchange_takes_json_as_well(resident: Agent) -> None:
    expect(await resident.http.post("/oauth2/token", json=_form(resident)), 200)


async def test_a_client_may_have_any_of_the_seven_scopes(resident: Agent) -> None:
    wanted = _form(resident, scope=" ".join(sorted(SCOPES)))
    answer = expect(await resident.http.post("/oauth2/token", data=wanted), 200)
    assert set(answer["scope"].split()) == SCOPES


async def test_a_token_names_the_agent(resident: Agent) -> None:
    claims = _claims(resident.token)
    claims |= claims.get("ext", {})
    assert claims["moltnet:identity_id"] == resident.identity_id
    assert claims["moltnet:public_key"] == resident.public_key
    assert claims["moltnet:fingerprint"] == resident.fingerprint


async def test_a_token_tells_who_its_agent_is(resident: Agent) -> None:
    assert expect(await resident.get("/agents/whoami"), 200) == {
        "identityId": resident.identity_id,
        "publicKey": resident.public_key,
        "fingerprint": resident.fingerprint,
        "clientId": resident.client_id,
    }


async def test_the_crypto_identity_is_that_of_the_token(resident: Agent) -> None:
    assert expect(await resident.get("/crypto/identity"), 200) == {
        "identityId": resident.identity_id,
        "publicKey": resident.public_key,
        "fingerprint": resident.fingerprint,
    }


async def test_anyone_may_look_an_agent_up_by_its_fingerprint_in_any_case(
    http: httpx.AsyncClient, resident: Agent
) -> None:
    found = expect(await http.get(f"/agents/{resident.fingerprint.lower()}"), 200)
    assert found == {"publicKey": resident.public_key, "fingerprint": resident.fingerprint}


@pytest.mark.parametrize("changed", [{"client_secret": "wrong"}, {"client_id": "nobody"}], ids=str)
async def test_wrong_credentials_are_401(resident: Agent, changed: dict[str, str]) -> None:
    response = await resident.http.post("/oauth2/token", data=_form(resident, **changed))
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "password", ""])
async def test_no_other_grant_is_served(resident: Agent, grant: str) -> None:
    answer = expect(await resident.http.post("/oauth2/token", data=_form(resident, grant_type=grant)), 400)
    assert answer["error"] == "unsupported_grant_type"
    assert "client_credentials" in answer["error_description"]


async def test_two_grants_at_once_are_not_one_that_is_served(resident: Agent) -> None:
    form = {**_form(resident), "grant_type": ["client_credentials", "refresh_token"]}
    assert (await resident.http.post("/oauth2/token", data=form)).status_code == 400


ODD_TOKEN_REQUESTS: dict[str, tuple[str, bytes]] = {
    "nothing": ("", b""),
    "broken JSON": ("application/json", b"{"),
    "nested JSON": ("application/json", b"[" * 100_000),
    "a JSON list": ("application/json", b"[]"),
    "JSON that is not UTF-8": ("application/json", b'{"grant_type": "\xff"}'),
    "a lone surrogate": (
        "application/json",
        b'{"grant_type": "client_credentials", "client_id": "\\ud800", "client_secret": "x"}',
    ),
    "a form that is not UTF-8": ("application/x-www-form-urlencoded", b"grant_type=\xff"),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=x" % n for n in range(60))),
    "another type": ("text/plain", b"grant_type"),
}


@pytest.mark.parametrize(("media_type", "body"), ODD_TOKEN_REQUESTS.values(), ids=ODD_TOKEN_REQUESTS.keys())
async def test_an_odd_token_request_is_the_clients_mistake(
    http: httpx.AsyncClient, media_type: str, body: bytes
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    response = await http.post("/oauth2/token", content=body, headers=headers)
    assert response.status_code in (400, 401), response.text


def _forged(agent: Agent, **header: Any) -> str:
    """A token like the agent's, signed with a key of our own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    known = jwt.get_unverified_header(agent.token)
    return jwt.encode(_claims(agent.token), key, algorithm="RS256", headers={"kid": known["kid"], **header})


def _unsigned(agent: Agent) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(_claims(agent.token))}.x"


def _confused(agent: Agent) -> str:
    kid = jwt.get_unverified_header(agent.token)["kid"]
    claims = {**_claims(agent.token), "exp": int(time.time()) + 600}
    return jwt.encode(claims, "secret" * 8, algorithm="HS256", headers={"kid": kid})


FORGERIES = {
    "signed by another key": _forged,
    "signed under an unknown key id": lambda agent: _forged(agent, kid="unknown"),
    "not signed": _unsigned,
    "signed with a shared secret": _confused,
    "cut short": lambda agent: agent.token[:-10],
    "of two parts": lambda agent: agent.token.rpartition(".")[0],
    "opaque and unknown": lambda agent: "ory_at_" + "x" * 40,
    "nonsense": lambda agent: "nonsense",
    "dots": lambda agent: "a.b.c",
    "not ASCII": lambda agent: "é.é.é",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_token_that_is_not_ours_is_401(resident: Agent, forge: Any) -> None:
    header = f"Bearer {forge(resident)}".encode()
    response = await resident.http.get("/agents/whoami", headers={b"authorization": header})
    document = expect_problem(response, Unauthorized)
    assert "invalid or expired" in document["detail"]


BAD_HEADERS = {
    "missing": (None, "missing"),
    "empty": ("", "missing"),
    "no token": ("Bearer", "missing"),
    "two spaces": ("Bearer  a", "missing"),
    "two tokens": ("Bearer a b", "missing"),
    "lower-case scheme": ("bearer abc", "Bearer"),
    "another scheme": ("Basic abc", "Bearer"),
}


@pytest.mark.parametrize(("header", "reason"), BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
async def test_a_bad_authorization_header_is_401_and_says_why(
    http: httpx.AsyncClient, header: str | None, reason: str
) -> None:
    headers = {} if header is None else {"authorization": header}
    document = expect_problem(await http.get("/agents/whoami", headers=headers), Unauthorized)
    assert reason in document["detail"]


TOKEN_ROUTES = (
    ("GET", "/agents/whoami"),
    ("GET", "/crypto/identity"),
    ("GET", "/crypto/signing-requests"),
    ("POST", "/crypto/signing-requests"),
    ("POST", "/crypto/signing-requests/not-an-id/sign"),
    ("POST", "/vouch"),
    ("POST", "/diaries"),
    ("GET", "/diaries"),
    ("POST", "/diaries/not-an-id/entries"),
)


@pytest.mark.parametrize(("method", "path"), TOKEN_ROUTES, ids=" ".join)
async def test_an_anonymous_call_is_401_whatever_its_body(
    http: httpx.AsyncClient, method: str, path: str
) -> None:
    body = {} if method == "GET" else {"content": b"{broken", "headers": {"content-type": "application/json"}}
    expect_problem(await http.request(method, path, **body), Unauthorized)  # type: ignore[arg-type]
