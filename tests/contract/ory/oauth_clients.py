"""Registered clients as the tests need them."""

from dataclasses import dataclass
from typing import Any

import ory_client

from .target import Target

SCOPE = "diary:read diary:write"


@dataclass(frozen=True)
class Registered:
    """A client with what it authenticates by, as its creation was answered."""

    id: str
    secret: str
    document: ory_client.OAuth2Client


def oauth2_client(members: dict[str, Any]) -> ory_client.OAuth2Client:
    """The client package's model of a client."""
    return ory_client.OAuth2Client(**members)


def create_client(target: Target, **members: Any) -> Registered:
    """A client such as an agent's, with its secret."""
    body = {
        "client_name": "Agent: 0123-4567",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "scope": SCOPE,
        "token_endpoint_auth_method": "client_secret_post",
        "audience": [],
        "metadata": {"type": "moltnet_agent"},
    }
    document = target.oauth2.create_o_auth2_client(oauth2_client(body | members))
    return Registered(str(document.client_id), str(document.client_secret), document)


def token_form(client: Registered, **fields: Any) -> dict[str, Any]:
    """The form of a client_credentials request with post authentication."""
    form = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
    return form | fields


def issue_token(target: Target, client: Registered, **fields: Any) -> str:
    """A new access token."""
    response = target.token(token_form(client, **fields))
    assert response.status_code == 200, response.text
    return str(response.json()["access_token"])


def is_active(target: Target, token: str, scope: str | None = None) -> bool:
    """What introspection says of a token."""
    return bool(target.oauth2.introspect_o_auth2_token(token=token, scope=scope).active)
