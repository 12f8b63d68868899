"""Hydra: clients, whose secret is shown once and replaced by a PUT."""

import re
from typing import Any
from uuid import UUID

import httpx
import ory_client
import pytest

from .answers import refused_flat, status_of
from .oauth_clients import Registered, create_client, issue_token, oauth2_client, token_form
from .target import Target, new_id

DEFAULT_SCOPES = {"diary:read", "diary:write", "crypto:sign", "agent:profile"}


def test_a_new_client_is_told_its_secret_once(target: Target) -> None:
    metadata = {"type": "moltnet_agent", "identity_id": new_id(), "nested": {"a": [1]}}
    client = create_client(target, metadata=metadata)
    assert UUID(client.id).version == 4
    assert re.fullmatch(r"[A-Za-z0-9_.~-]{26}", client.secret)
    shown = target.oauth2.get_o_auth2_client(client.id)
    assert shown.client_secret is None
    assert shown.metadata == metadata
    assert shown.grant_types == ["client_credentials"]
    assert shown.token_endpoint_auth_method == "client_secret_post"
    assert shown.scope == "diary:read diary:write"


def test_an_id_can_be_chosen_once(target: Target) -> None:
    chosen = new_id()
    assert create_client(target, client_id=chosen).id == chosen
    with refused_flat(409):
        create_client(target, client_id=chosen)


def test_an_empty_scope_becomes_the_default(target: Target) -> None:
    assert set((create_client(target, scope="").document.scope or "").split()) == DEFAULT_SCOPES


def test_a_short_secret_is_refused(target: Target) -> None:
    with refused_flat(400) as refusal:
        create_client(target, client_secret="short")
    assert refusal.body["error"] == "invalid_client_metadata"


def test_missing_grant_types_are_not_client_credentials(target: Target) -> None:
    client = create_client(target, grant_types=None)
    response = target.token(token_form(client))
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")


def test_rotation_replaces_the_secret_at_once(target: Target) -> None:
    client = create_client(target)
    old_token = issue_token(target, client)
    replacement = target.oauth2.get_o_auth2_client(client.id)
    replacement.client_secret = f"new-{new_id()}"
    answer = target.oauth2.set_o_auth2_client(client.id, replacement)
    assert answer.client_secret == replacement.client_secret
    assert target.token(token_form(client)).status_code == 401
    rotated = Registered(client.id, replacement.client_secret, answer)
    assert issue_token(target, rotated) != old_token
    assert target.oauth2.introspect_o_auth2_token(token=old_token).active


def test_a_put_replaces_every_field_but_an_omitted_secret(target: Target) -> None:
    client = create_client(target)
    bare = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_post"}
    answer = target.oauth2.set_o_auth2_client(client.id, oauth2_client(bare))
    assert answer.client_secret is None
    assert not answer.metadata
    assert not answer.client_name
    issue_token(target, client)


def test_a_patch_changes_only_what_it_names(target: Target) -> None:
    client = create_client(target)
    patch = [
        ory_client.JsonPatch(op="replace", path="/client_name", value="Renamed"),
        ory_client.JsonPatch(op="replace", path="/client_secret", value=f"patched-{new_id()}"),
    ]
    answer = target.oauth2.patch_o_auth2_client(client.id, patch)
    assert answer.client_name == "Renamed"
    assert answer.client_secret == patch[1].value
    assert answer.metadata == client.document.metadata
    assert target.token(token_form(client)).status_code == 401
    issue_token(target, Registered(client.id, str(answer.client_secret), answer))


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/id", "value": "other"},
        {"op": "move", "from": "/client_name", "path": "/owner"},
    ],
)
def test_a_patch_is_limited(target: Target, operation: dict[str, Any]) -> None:
    client = create_client(target)
    url = f"{target.hydra_admin}/admin/clients/{client.id}"
    response = httpx.patch(url, json=[operation], timeout=30)
    assert response.status_code == 500
    assert response.json()["error"] == "error"


def test_clients_are_listed_by_name(target: Target) -> None:
    name = f"Agent: {new_id()}"
    client = create_client(target, client_name=name)
    found = target.oauth2.list_o_auth2_clients(client_name=name)
    assert [each.client_id for each in found] == [client.id]
    assert target.oauth2.list_o_auth2_clients(client_name=new_id()) == []


def test_a_list_leads_from_page_to_page(target: Target) -> None:
    name = f"Agent: {new_id()}"
    created = {create_client(target, client_name=name).id for _ in range(3)}
    base = httpx.URL(f"{target.hydra_admin}/admin/clients?client_name={name}&page_size=2")
    first = httpx.get(base, timeout=30)
    second = httpx.get(base.join(first.links["next"]["url"]), timeout=30)
    assert [len(first.json()), len(second.json())] == [2, 1]
    assert {each["client_id"] for each in first.json() + second.json()} == created
    # Hydra v2.3 counts clients of every name and so promises a page more; there is nothing on it.
    if further := second.links.get("next"):
        assert httpx.get(base.join(further["url"]), timeout=30).json() == []


def test_a_deleted_client_is_gone(target: Target) -> None:
    client = create_client(target)
    target.oauth2.delete_o_auth2_client(client.id)
    with refused_flat(404) as refusal:
        target.oauth2.get_o_auth2_client(client.id)
    assert refusal.body["error"] == "Unable to locate the resource"
    assert status_of(lambda: target.oauth2.delete_o_auth2_client(client.id)) == 404
    assert status_of(lambda: target.oauth2.set_o_auth2_client(client.id, client.document)) == 404
    assert target.token(token_form(client)).status_code == 401
