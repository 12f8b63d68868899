"""From a token to a principal: which tokens are judged here, which are asked about, and which are refused."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any, cast
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.gateway import key_ring
from services.gateway.authentication import Authenticator, Trust
from services.gateway.key_ring import KeyRing
from shared.contracts.identity import Agent
from shared.ory.hydra import Clients, SigningKeys
from shared.problems import ServiceUnavailable, Unauthorized, UpstreamError
from tests.unit.vectors import A, B

ISSUER = "https://issuer.example"
IDENTITY = uuid4()
AGENT = Agent(identity_id=IDENTITY, public_key=A.public_key, fingerprint=A.fingerprint)
CLAIMS = {
    "moltnet:identity_id": str(IDENTITY),
    "moltnet:public_key": A.public_key,
    "moltnet:fingerprint": A.fingerprint,
}
NO_CLAIMS: dict[str, Any] = dict.fromkeys(CLAIMS)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class TokenServer:
    """The two questions that the gateway has for it, counted."""

    def __init__(self) -> None:
        self.keys = {"first": KEY}
        self.known: dict[str, dict[str, Any]] = {}
        self.clients: dict[str, dict[str, Any]] = {}
        self.fetches = 0
        self.introspections = 0
        self.down = False

    async def fetch(self) -> dict[str, Any]:
        self.fetches += 1
        if self.down:
            raise UpstreamError("down")
        keys = []
        for kid, key in self.keys.items():
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            keys.append({**public, "kid": kid, "alg": "RS256", "use": "sig"})
        return {"keys": keys}

    async def introspect(self, token: str) -> dict[str, Any]:
        self.introspections += 1
        if self.down:
            raise UpstreamError("down")
        return self.known.get(token, {"active": False})

    async def metadata(self, client_id: str) -> dict[str, Any] | None:
        return self.clients.get(client_id)


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


def _authenticator(server: TokenServer, *audiences: str) -> Authenticator:
    async def agents(identity_id: UUID) -> Agent | None:
        return AGENT if identity_id == IDENTITY else None

    return Authenticator(
        KeyRing(cast("SigningKeys", server)),
        cast("Clients", server),
        agents,
        Trust(frozenset({ISSUER}), frozenset(audiences)),
    )


def _token(key: rsa.RSAPrivateKey = KEY, kid: str = "first", algorithm: str = "RS256", **changed: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "client", "client_id": "client", "iat": now, "exp": now + 60, **CLAIMS}
    kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid})


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def _refused(server: TokenServer, token: str, *audiences: str) -> None:
    with pytest.raises(Unauthorized):
        await _authenticator(server, *audiences).principal(token)


async def test_a_token_of_ours_is_judged_without_asking_about_it(server: TokenServer) -> None:
    principal = await _authenticator(server).principal(_token(scope="diary:read crypto:sign"))
    assert (principal.identity_id, principal.client_id) == (IDENTITY, "client")
    assert principal.scopes == {"diary:read", "crypto:sign"}
    assert server.introspections == 0


async def test_the_signing_keys_are_fetched_once_for_many_tokens(server: TokenServer) -> None:
    door = _authenticator(server)
    await asyncio.gather(*(door.principal(_token()) for _ in range(20)))
    assert server.fetches == 1


async def test_claims_under_ext_serve_as_well(server: TokenServer) -> None:
    principal = await _authenticator(server).principal(_token(**NO_CLAIMS, ext=CLAIMS))
    assert principal.fingerprint == A.fingerprint


async def test_without_claims_the_clients_metadata_name_the_agent_whose_key_is_asked_for(
    server: TokenServer,
) -> None:
    server.clients["client"] = {"identity_id": str(IDENTITY), "public_key": B.public_key}
    principal = await _authenticator(server).principal(_token(**NO_CLAIMS))
    assert (principal.identity_id, principal.public_key) == (IDENTITY, A.public_key)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"identity_id": "nonsense"},
        {"identity_id": "5f0c9a52-0d5e-4d0c-8a9e-3f1b7c2d4e6f"},
        {"identity_id": 7},
    ],
    ids=str,
)
async def test_a_client_that_is_no_agents_opens_nothing(server: TokenServer, metadata: Any) -> None:
    if metadata is not None:
        server.clients["client"] = metadata
    await _refused(server, _token(**NO_CLAIMS))


async def test_an_opaque_token_is_asked_about(server: TokenServer) -> None:
    server.known["ory_at_x"] = {"active": True, "client_id": "client", "scope": "diary:read", "ext": CLAIMS}
    principal = await _authenticator(server).principal("ory_at_x")
    assert principal.scopes == {"diary:read"}
    await _refused(server, "ory_at_y")


def _opaque(**told: Any) -> dict[str, dict[str, Any]]:
    return {"ory_at_x": {"active": True, "client_id": "client", "ext": CLAIMS, **told}}


@pytest.mark.parametrize("audience", [None, [], "another", ["another", "third"]], ids=str)
async def test_an_opaque_token_for_another_audience_or_none_is_refused(
    server: TokenServer, audience: Any
) -> None:
    server.known = _opaque(aud=audience)
    await _refused(server, "ory_at_x", "us")
    await _authenticator(server).principal("ory_at_x")


async def test_an_opaque_token_for_us_is_good(server: TokenServer) -> None:
    server.known = _opaque(aud=["another", "us"], iss=f"{ISSUER}/")
    await _authenticator(server, "us").principal("ory_at_x")


async def test_an_opaque_token_of_another_issuer_is_refused(server: TokenServer) -> None:
    server.known = _opaque(iss="https://elsewhere.example")
    await _refused(server, "ory_at_x")


async def test_scopes_may_come_as_a_list(server: TokenServer) -> None:
    principal = await _authenticator(server).principal(_token(scp=["diary:read", "diary:write"]))
    assert principal.scopes == {"diary:read", "diary:write"}


REFUSED_AT_ONCE: dict[str, dict[str, Any]] = {
    "expired": {"exp": int(time.time()) - 60},
    "without an end": {"exp": None},
    "not yet valid": {"nbf": int(time.time()) + 3600},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "of an issuer that begins alike": {"iss": f"{ISSUER}.evil.example"},
    "of no issuer": {"iss": None},
}


@pytest.mark.parametrize("changed", REFUSED_AT_ONCE.values(), ids=REFUSED_AT_ONCE.keys())
async def test_a_well_signed_token_that_does_not_count_is_refused_without_asking(
    server: TokenServer, changed: dict[str, Any]
) -> None:
    await _refused(server, _token(**changed))
    assert server.introspections == 0


@pytest.mark.parametrize("audience", [None, "another", ["another", "third"], []], ids=str)
async def test_a_token_for_another_audience_is_refused(server: TokenServer, audience: Any) -> None:
    await _refused(server, _token(aud=audience), "us")
    assert server.introspections == 0


@pytest.mark.parametrize("audience", ["us", ["another", "us"]], ids=str)
async def test_a_token_for_us_among_others_is_good(server: TokenServer, audience: Any) -> None:
    await _authenticator(server, "us").principal(_token(aud=audience))


@pytest.mark.parametrize("slack", [-3, 0], ids=["three seconds late", "now"])
async def test_clocks_may_differ_by_a_few_seconds(server: TokenServer, slack: int) -> None:
    await _authenticator(server).principal(_token(exp=int(time.time()) + slack))


async def test_clocks_may_not_differ_by_more(server: TokenServer) -> None:
    await _refused(server, _token(exp=int(time.time()) - 10))


def _unsigned() -> str:
    claims = jwt.decode(_token(), options={"verify_signature": False})
    return f"{_part({'alg': 'none', 'kid': 'first'})}.{_part(claims)}.x"


def _signed_with_the_public_key() -> str:
    claims = jwt.decode(_token(), options={"verify_signature": False})
    signed = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(claims)}"
    mac = hmac.new(PEM, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


FORGED = {
    "alg none": _unsigned(),
    "HS256 with the public key": _signed_with_the_public_key(),
    "another algorithm of the same key": _token(algorithm="RS512"),
    "another key under a known id": _token(OTHER_KEY),
    "another key under an unknown id": _token(OTHER_KEY, kid="other"),
    "claims exchanged": ".".join([_token().split(".")[0], _part({"iss": ISSUER}), _token().split(".")[2]]),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused(server: TokenServer, token: str) -> None:
    await _refused(server, token)


async def test_a_flood_of_unknown_key_ids_is_no_flood_of_fetches(server: TokenServer) -> None:
    door = _authenticator(server)
    for number in range(30):
        with pytest.raises(Unauthorized):
            await door.principal(_token(OTHER_KEY, kid=f"forged-{number}"))
    assert server.fetches == 1


async def test_a_flood_at_one_moment_shares_one_fetch(server: TokenServer) -> None:
    door = _authenticator(server)
    forged = [door.principal(_token(OTHER_KEY, kid=f"forged-{number}")) for number in range(30)]
    told = await asyncio.gather(*forged, return_exceptions=True)
    assert {type(one) for one in told} == {Unauthorized}
    assert server.fetches == 1


async def test_a_known_key_stays_good_while_the_token_server_is_away(
    server: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = _authenticator(server)
    await door.principal(_token())
    server.down = True
    monkeypatch.setattr(key_ring, "KEYS_LIVE_SECONDS", 0)
    monkeypatch.setattr(key_ring, "REFETCH_PAUSE_SECONDS", 0)
    for _ in range(3):
        await door.principal(_token())
        await asyncio.sleep(0)
    assert server.fetches > 1


async def test_nobody_waits_for_a_server_that_was_silent_just_now(server: TokenServer) -> None:
    server.down = True
    door = _authenticator(server)
    for _ in range(5):
        with pytest.raises(ServiceUnavailable):
            await door.principal(_token())
    assert server.fetches == 1


async def test_a_new_signing_key_is_found_by_its_first_token(
    server: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "REFETCH_PAUSE_SECONDS", 0)
    door = _authenticator(server)
    await door.principal(_token())
    server.keys = {"second": OTHER_KEY}
    await door.principal(_token(OTHER_KEY, kid="second"))
    await _refused(server, _token(kid="gone"))


async def test_a_silent_token_server_is_no_refusal(server: TokenServer) -> None:
    server.down = True
    for token in (_token(), "ory_at_x"):
        with pytest.raises(ServiceUnavailable):
            await _authenticator(server).principal(token)
