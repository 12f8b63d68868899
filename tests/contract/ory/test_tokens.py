"""Hydra: the token endpoint, and the JWTs it issues."""

from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

import jwt
import pytest

from .oauth_clients import create_client, issue_token, token_form
from .target import Target, new_id


def verified(target: Target, token: str) -> dict[str, Any]:
    """The claims, checked as a service checks them: by published key, issuer and time."""
    key = jwt.PyJWKClient(f"{target.hydra_public}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer=target.discovery["issuer"],
        options={"require": ["exp", "iat", "nbf", "jti", "iss", "sub"], "verify_aud": False},
    )
    return claims


def test_a_token_can_be_verified_by_the_published_keys(target: Target) -> None:
    client = create_client(target)
    token = issue_token(target, client)
    claims = verified(target, token)
    assert claims["sub"] == claims["client_id"] == client.id
    assert claims["iss"] == target.discovery["issuer"]
    assert claims["aud"] == []
    assert UUID(claims["jti"])
    assert {type(claims[name]) for name in ("exp", "iat", "nbf")} == {int}
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


def test_the_answer_is_not_to_be_stored(target: Target) -> None:
    response = target.token(token_form(create_client(target), scope="diary:read"))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    answer = response.json()
    assert 3590 <= answer["expires_in"] <= 3600
    assert answer["scope"] == "diary:read"
    assert answer["token_type"] == "bearer"
    assert "refresh_token" not in answer


def test_the_scope_asked_for_is_granted(target: Target) -> None:
    client = create_client(target, scope="diary:read diary:write crypto:sign")
    claims = verified(target, issue_token(target, client, scope="crypto:sign diary:read"))
    assert isinstance(claims["scp"], list)
    assert set(claims["scp"]) == {"crypto:sign", "diary:read"}


def test_no_scope_asked_for_means_all_of_them(target: Target) -> None:
    claims = verified(target, issue_token(target, create_client(target)))
    assert set(claims["scp"]) == {"diary:read", "diary:write"}


@pytest.mark.parametrize(
    "asked", ["https://a.example https://b.example", ["https://a.example", "https://b.example"]]
)
def test_an_audience_the_client_has_is_granted(target: Target, asked: Any) -> None:
    audience = ["https://a.example", "https://b.example"]
    token = issue_token(target, create_client(target, audience=audience), audience=asked)
    assert set(verified(target, token)["aud"]) == set(audience)


def test_another_audience_is_refused(target: Target) -> None:
    response = target.token(token_form(create_client(target), audience="https://c.example"))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_basic_authentication_works_for_whom_it_is_registered(target: Target) -> None:
    secret = f"a+b%:&={new_id()}"
    client = create_client(target, token_endpoint_auth_method="client_secret_basic", client_secret=secret)
    form = {"grant_type": "client_credentials"}
    response = target.token(form, auth=(quote_plus(client.id), quote_plus(secret)))
    assert response.status_code == 200, response.text
    assert target.token(token_form(client)).status_code == 401


def test_the_method_registered_is_the_one_to_use(target: Target) -> None:
    client = create_client(target)
    credentials = (client.id, client.secret)
    response = target.token({"grant_type": "client_credentials"}, auth=credentials)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_unknown_clients_and_wrong_secrets_look_alike(target: Target) -> None:
    client = create_client(target)
    answers = [
        target.token(token_form(client, client_secret="wrong")),
        target.token(token_form(client, client_id=new_id())),
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert set(answers[0].json()) == {"error", "error_description"}
    assert answers[0].json()["error"] == "invalid_client"
    assert "WWW-Authenticate" not in answers[0].headers


def test_a_missing_secret_is_a_wrong_secret(target: Target) -> None:
    form = token_form(create_client(target))
    del form["client_secret"]
    assert target.token(form).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "change",
    [{"grant_type": None}, {"grant_type": "password"}, {"grant_type": ""}, {"client_id": None}],
)
def test_requests_that_make_no_sense_are_invalid(target: Target, change: dict[str, Any]) -> None:
    form = token_form(create_client(target)) | change
    given = {name: value for name, value in form.items() if value is not None}
    response = target.token(given)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("options", [{}, {"json": {"grant_type": "client_credentials"}}])
def test_only_a_form_is_understood(target: Target, options: dict[str, Any]) -> None:
    response = target.token(**options)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_a_scope_the_client_lacks_is_refused(target: Target) -> None:
    response = target.token(token_form(create_client(target), scope="diary:read agent:directory"))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    assert "agent:directory" in response.json()["error_description"]


def test_a_client_may_have_opaque_tokens(target: Target) -> None:
    token = issue_token(target, create_client(target, access_token_strategy="opaque"))
    assert token.startswith("ory_at_")
    assert target.oauth2.introspect_o_auth2_token(token=token).active


def test_a_client_may_have_a_lifespan_of_its_own(target: Target) -> None:
    client = create_client(target, client_credentials_grant_access_token_lifespan="10m0s")
    assert 590 <= target.token(token_form(client)).json()["expires_in"] <= 600
