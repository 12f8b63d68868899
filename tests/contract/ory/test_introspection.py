"""Hydra: introspection sees what became of a token; a JWT verifies until it expires all the same."""

import httpx
import pytest

from .oauth_clients import create_client, is_active, issue_token
from .target import Target, new_id
from .test_tokens import verified


def test_an_active_token_is_described(target: Target) -> None:
    client = create_client(target)
    answer = target.oauth2.introspect_o_auth2_token(token=issue_token(target, client, scope="diary:read"))
    assert answer.active
    assert answer.client_id == answer.sub == client.id
    assert answer.scope == "diary:read"
    assert answer.iss == target.discovery["issuer"]
    assert (answer.token_type, answer.token_use) == ("Bearer", "access_token")
    assert (answer.exp or 0) > (answer.iat or 0)


@pytest.mark.parametrize("token", ["ory_at_unknown", "a.b.c", "x"])
def test_unknown_tokens_are_only_inactive(target: Target, token: str) -> None:
    url = f"{target.hydra_admin}/admin/oauth2/introspect"
    response = httpx.post(url, data={"token": token}, timeout=30)
    assert response.status_code == 200
    assert response.json() == {"active": False}


def test_a_tampered_token_is_inactive(target: Target) -> None:
    head, claims, signature = issue_token(target, create_client(target)).split(".")
    assert not is_active(target, f"{head}.{claims}.{signature[::-1]}")


def test_a_scope_can_be_asked_for(target: Target) -> None:
    token = issue_token(target, create_client(target), scope="diary:read")
    assert is_active(target, token, scope="diary:read")
    assert not is_active(target, token, scope="diary:write")


def test_an_empty_form_is_refused(target: Target) -> None:
    response = httpx.post(f"{target.hydra_admin}/admin/oauth2/introspect", timeout=30)
    assert response.status_code == 400
    assert set(response.json()) == {"error", "error_description"}


def test_a_deleted_clients_tokens_are_inactive_but_still_verify(target: Target) -> None:
    client = create_client(target)
    token = issue_token(target, client)
    target.oauth2.delete_o_auth2_client(client.id)
    assert not is_active(target, token)
    assert verified(target, token)["sub"] == client.id


def test_all_tokens_of_a_client_can_be_ended(target: Target) -> None:
    client, other = create_client(target), create_client(target)
    tokens = [issue_token(target, client), issue_token(target, client)]
    kept = issue_token(target, other)
    target.oauth2.delete_o_auth2_token(client_id=client.id)
    assert [is_active(target, token) for token in tokens] == [False, False]
    assert is_active(target, kept)


def revoke(target: Target, **form: str | None) -> httpx.Response:
    """The answer of the revocation endpoint."""
    return httpx.post(f"{target.hydra_public}/oauth2/revoke", data=form, timeout=30)


def test_a_client_can_revoke_its_token(target: Target) -> None:
    client = create_client(target)
    token = issue_token(target, client)
    who = {"client_id": client.id, "client_secret": client.secret}
    answer = revoke(target, token=token, **who)
    assert (answer.status_code, answer.content) == (200, b"")
    assert not is_active(target, token)
    assert revoke(target, token=f"ory_at_{new_id()}", **who).status_code == 200


def test_revocation_needs_the_client(target: Target) -> None:
    client = create_client(target)
    token = issue_token(target, client)
    answer = revoke(target, token=token, client_id=client.id, client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert is_active(target, token)
