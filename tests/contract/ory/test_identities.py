"""Kratos: identities made by the admin, found by their key, and gone when deleted."""

from typing import Any

import httpx
import ory_client
import pytest

from .answers import refused_nested, status_of
from .target import Target, new_id

BCRYPT_HASH = "$2a$04$zqWPPzzDxs9YCXCA2NnBDuFJNsWrTLUvJHhTwQ8hRFtMJ3uKyCx7C"


def new_key() -> str:
    """A public key in mixed case that nobody has."""
    return f"ed25519:Key{new_id()}"


def create(target: Target, public_key: str, **members: Any) -> ory_client.Identity:
    """An identity with that key."""
    traits = {"public_key": public_key, "voucher_code": "voucher"}
    body = {"schema_id": "moltnet_agent", "traits": traits} | members
    return target.identities.create_identity(ory_client.CreateIdentityBody(**body))


def post(target: Target, body: Any) -> httpx.Response:
    """The answer to a body the client package would not send."""
    return httpx.post(f"{target.kratos_admin}/admin/identities", json=body, timeout=30)


def test_a_new_identity_keeps_its_traits_and_lower_cases_its_identifier(target: Target) -> None:
    key = new_key()
    password = {"password": {"config": {"hashed_password": BCRYPT_HASH}}}
    identity = create(target, key, credentials=password, metadata_public={"kind": "agent"})
    assert identity.traits == {"public_key": key, "voucher_code": "voucher"}
    assert identity.schema_id == "moltnet_agent"
    assert identity.state == "active"
    assert identity.metadata_public == {"kind": "agent"}
    assert identity.credentials is not None
    assert identity.credentials["password"].identifiers == [key.lower()]
    assert identity.credentials["password"].config is None


def test_a_creation_answers_201_with_a_location(target: Target) -> None:
    traits = {"public_key": new_key(), "voucher_code": "voucher"}
    response = post(target, {"schema_id": "moltnet_agent", "traits": traits})
    assert response.status_code == 201
    assert response.json()["id"] in response.headers["Location"]
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


def test_an_identity_is_shown_until_it_is_deleted(target: Target) -> None:
    identity = create(target, new_key(), metadata_admin={"note": "kept"})
    shown = target.identities.get_identity(str(identity.id))
    assert shown.traits == identity.traits
    assert shown.metadata_admin == {"note": "kept"}
    target.identities.delete_identity(str(identity.id))
    with refused_nested(404) as refusal:
        target.identities.get_identity(str(identity.id))
    assert refusal.error["message"] == "Unable to locate the resource"
    assert status_of(lambda: target.identities.delete_identity(str(identity.id))) == 404


@pytest.mark.parametrize("change", [str, str.lower, str.upper])
def test_a_key_can_be_used_once_whatever_its_case(target: Target, change: Any) -> None:
    key = new_key()
    create(target, key)
    with refused_nested(409) as refusal:
        create(target, change(key))
    assert "conflicts with another identity that already exists" in refusal.error["reason"]


def test_an_identity_is_found_by_its_key_whatever_the_case(target: Target) -> None:
    key = new_key()
    identity = create(target, key)
    found = target.identities.list_identities(credentials_identifier=key.upper())
    assert [each.id for each in found] == [identity.id]
    assert found[0].traits == identity.traits
    assert target.identities.list_identities(credentials_identifier=new_key()) == []


def test_a_deleted_identity_frees_its_key(target: Target) -> None:
    key = new_key()
    first = create(target, key)
    target.identities.delete_identity(str(first.id))
    assert target.identities.list_identities(credentials_identifier=key) == []
    assert create(target, key).id != first.id


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"public_key": "ed25519:k"},
        {"voucher_code": "v"},
        {"public_key": "ed25519:k", "voucher_code": ""},
        {"public_key": "ed25519:k", "voucher_code": "v" * 65},
        {"public_key": 7, "voucher_code": "v"},
        {"public_key": "ed25519:k", "voucher_code": "v", "extra": "e"},
    ],
)
def test_traits_that_break_the_schema_are_refused(target: Target, traits: dict[str, Any]) -> None:
    response = post(target, {"schema_id": "moltnet_agent", "traits": traits})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400
    assert response.json()["error"]["reason"].startswith("I[#/traits")


def test_bodies_that_are_not_understood_are_refused(target: Target) -> None:
    traits = {"public_key": new_key(), "voucher_code": "voucher"}
    assert post(target, {"schema_id": "moltnet_agent", "traits": traits, "colour": None}).status_code == 400
    unknown_schema = post(target, {"schema_id": "moltnet_robot", "traits": traits})
    assert unknown_schema.status_code == 400
    assert "Unable to find JSON Schema ID: moltnet_robot" in unknown_schema.json()["error"]["reason"]
    assert post(target, {"schema_id": "moltnet_agent", "traits": traits, "colour": "red"}).status_code == 400
    bad_hash = {"password": {"config": {"hashed_password": "plain"}}}
    with_bad_hash = {"schema_id": "moltnet_agent", "traits": traits, "credentials": bad_hash}
    assert post(target, with_bad_hash).status_code == 400


@pytest.mark.parametrize("identity_id", ["5f0c9a52-0d5e-4d0c-8a9e-3f1b7c2d4e6f", "not-a-uuid"])
def test_an_unknown_identity_is_not_found(target: Target, identity_id: str) -> None:
    with refused_nested(404):
        target.identities.get_identity(identity_id)
    with refused_nested(404):
        target.identities.delete_identity(identity_id)


def test_an_identity_is_found_by_its_external_id(target: Target) -> None:
    external_id = new_id()
    traits = {"public_key": new_key(), "voucher_code": "voucher"}
    body = {"schema_id": "moltnet_agent", "traits": traits, "external_id": external_id}
    made = post(target, body).json()
    if 'unknown field "external_id"' in str(made):
        pytest.skip("this Kratos is older than v25.4, which brought external ids")
    found = target.identities.get_identity_by_external_id(external_id)
    assert (str(found.id), found.external_id) == (made["id"], external_id)
    with refused_nested(404):
        target.identities.get_identity_by_external_id(new_id())


def test_the_schema_is_the_agents_unless_another_is_named(target: Target) -> None:
    made = post(target, {"traits": {"public_key": new_key(), "voucher_code": "voucher"}})
    assert made.status_code == 201
    assert made.json()["schema_id"] == "moltnet_agent"


def test_a_state_is_one_of_two(target: Target) -> None:
    traits = {"public_key": new_key(), "voucher_code": "voucher"}
    assert (
        post(target, {"schema_id": "moltnet_agent", "traits": traits, "state": "asleep"}).status_code == 400
    )
    assert (
        post(target, {"schema_id": "moltnet_agent", "traits": traits, "state": "active"}).status_code == 201
    )


def test_a_page_size_is_a_number(target: Target) -> None:
    url = f"{target.kratos_admin}/admin/identities"
    response = httpx.get(url, params={"page_size": "ten"}, timeout=30)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400


def test_filters_cannot_be_combined(target: Target) -> None:
    query = {"credentials_identifier": new_key(), "preview_credentials_identifier_similar": new_key()}
    response = httpx.get(f"{target.kratos_admin}/admin/identities", params=query, timeout=30)
    assert response.status_code == 400


def test_the_agent_schema_is_published(target: Target) -> None:
    schemas = ory_client.IdentityApi(target.frontend.api_client).list_identity_schemas()
    agent = next(schema for schema in schemas if schema.id == "moltnet_agent")
    traits = agent.var_schema["properties"]["traits"]
    assert set(traits["required"]) == {"public_key", "voucher_code"}
    assert traits["additionalProperties"] is False
