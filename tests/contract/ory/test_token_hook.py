"""Hydra: what it asks the token hook, and what it makes of the answer."""

import pytest

from .hook_server import HookReply, HookServer, claims_reply
from .oauth_clients import create_client, issue_token, token_form
from .target import Target
from .test_tokens import verified

CLAIMS = {
    "moltnet:identity_id": "11111111-1111-4111-8111-111111111111",
    "moltnet:public_key": "ed25519:AbC",
    "moltnet:fingerprint": "A1B2-C3D4",
    "unlisted": {"deep": [1]},
}


def test_claims_are_under_ext_and_the_listed_ones_also_on_top(
    target: Target, called_hook: HookServer
) -> None:
    client = create_client(target)
    called_hook.answer(client.id, claims_reply(CLAIMS))
    token = issue_token(target, client)
    claims = verified(target, token)
    assert claims["ext"] == CLAIMS
    top = {name: value for name, value in claims.items() if name in CLAIMS}
    assert top == {name: value for name, value in CLAIMS.items() if name.startswith("moltnet:")}
    assert target.oauth2.introspect_o_auth2_token(token=token).ext == CLAIMS


def test_the_servers_own_claims_cannot_be_overridden(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    called_hook.answer(client.id, claims_reply({"sub": "root", "scp": ["all"]}))
    claims = verified(target, issue_token(target, client, scope="diary:read"))
    assert claims["sub"] == client.id
    assert claims["scp"] == ["diary:read"]


def test_what_the_hook_is_asked(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    issue_token(target, client, scope="diary:read")
    call = called_hook.calls(client.id)[0]
    assert call.headers["x-ory-api-key"] == target.hook_key
    assert call.headers["content-type"].lower().replace(" ", "") == "application/json;charset=utf-8"
    request = call.body["request"]
    assert request["client_id"] == client.id
    assert request["requested_scopes"] == ["diary:read"]
    assert request["granted_scopes"] == ["diary:read"]
    assert request["granted_audience"] == []
    assert request["grant_types"] == ["client_credentials"]
    assert request["payload"]["grant_type"] == ["client_credentials"]
    assert request["payload"]["client_id"] == [client.id]
    assert "session" in call.body


def test_the_hook_never_sees_the_secret(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    issue_token(target, client)
    call = called_hook.calls(client.id)[0]
    assert client.secret not in str(call)


def test_no_scope_asked_for_is_null_to_the_hook(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    issue_token(target, client)
    request = called_hook.calls(client.id)[0].body["request"]
    assert request["requested_scopes"] is None
    assert set(request["granted_scopes"]) == {"diary:read", "diary:write"}


def test_204_adds_nothing(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    called_hook.answer(client.id, HookReply(204))
    assert verified(target, issue_token(target, client))["ext"] == {}


@pytest.mark.parametrize(
    ("reply", "status", "error"),
    [
        (HookReply(403, {"error": "not an agent"}), 403, "access_denied"),
        (HookReply(403), 403, "access_denied"),
        (HookReply(200), 500, "server_error"),
        (HookReply(400, {}), 500, "server_error"),
    ],
)
def test_what_becomes_of_other_answers(
    target: Target, called_hook: HookServer, reply: HookReply, status: int, error: str
) -> None:
    client = create_client(target)
    called_hook.answer(client.id, reply)
    response = target.token(token_form(client))
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert len(called_hook.calls(client.id)) == 1


def test_a_failing_hook_is_asked_again(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    called_hook.answer(client.id, HookReply(503), HookReply(503), claims_reply(CLAIMS))
    assert verified(target, issue_token(target, client))["ext"] == CLAIMS
    assert len(called_hook.calls(client.id)) == 3


def test_the_hook_is_asked_before_the_grant_is_looked_at(target: Target, called_hook: HookServer) -> None:
    client = create_client(target, grant_types=["authorization_code"])
    response = target.token(token_form(client))
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    assert len(called_hook.calls(client.id)) == 1


def test_a_refused_request_never_reaches_the_hook(target: Target, called_hook: HookServer) -> None:
    client = create_client(target)
    assert target.token(token_form(client, client_secret="wrong")).status_code == 401
    assert target.token(token_form(client, scope="unknown")).status_code == 400
    assert called_hook.calls(client.id) == []
