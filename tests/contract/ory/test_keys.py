"""Hydra: published keys, their rotation, discovery; and everyone's health."""

import httpx
import jwt
import ory_client
import pytest

from .answers import refused_flat
from .oauth_clients import create_client, issue_token
from .target import Target, new_id
from .test_tokens import verified

ACCESS_TOKEN_SET = "hydra.jwt.access-token"


def published_kids(target: Target) -> list[str]:
    """The ids of all published keys, each of which is a public RSA key for signatures."""
    keys = target.well_known.discover_json_web_keys()
    for key in keys.keys or []:
        assert (key.kty, key.alg, key.use) == ("RSA", "RS256", "sig")
        assert key.d is None
    return [key.kid for key in keys.keys or []]


def test_a_new_key_signs_at_once_and_the_old_one_stays(target: Target) -> None:
    client = create_client(target)
    old_token = issue_token(target, client)
    new_key = ory_client.CreateJsonWebKeySet(alg="RS256", use="sig", kid="")
    made = target.keys.create_json_web_key_set(ACCESS_TOKEN_SET, new_key)
    assert made.keys
    kid = made.keys[0].kid
    token = issue_token(target, client)
    assert jwt.get_unverified_header(token)["kid"] == kid
    assert verified(target, token)
    assert verified(target, old_token)
    assert {kid, jwt.get_unverified_header(old_token)["kid"]} <= set(published_kids(target))

    target.keys.delete_json_web_key(ACCESS_TOKEN_SET, kid)
    assert kid not in published_kids(target)
    assert jwt.get_unverified_header(issue_token(target, client))["kid"] != kid


def test_deleting_a_key_that_is_not_there_changes_nothing(target: Target) -> None:
    issue_token(target, create_client(target))
    before = published_kids(target)
    target.keys.delete_json_web_key(ACCESS_TOKEN_SET, new_id())
    assert sorted(published_kids(target)) == sorted(before)


def test_a_set_can_be_looked_at(target: Target) -> None:
    issue_token(target, create_client(target))
    keys = target.keys.get_json_web_key_set(ACCESS_TOKEN_SET).keys or []
    assert {key.kid for key in keys} <= set(published_kids(target))
    with refused_flat(404):
        target.keys.get_json_web_key_set(new_id())


def test_discovery_names_the_endpoints(target: Target) -> None:
    document = target.discovery
    assert document["token_endpoint"].endswith("/oauth2/token")
    assert document["jwks_uri"] == f"{document['issuer'].rstrip('/')}/.well-known/jwks.json"


@pytest.mark.parametrize(
    "server",
    ["kratos_public", "kratos_admin", "hydra_public", "hydra_admin", "keto_read", "keto_write"],
)
@pytest.mark.parametrize("probe", ["alive", "ready"])
def test_every_server_is_healthy(target: Target, server: str, probe: str) -> None:
    # Kratos' admin port redirects to the same path under /admin, as the client package follows.
    response = httpx.get(f"{getattr(target, server)}/health/{probe}", timeout=30, follow_redirects=True)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
