"""The servers a test speaks to, through the client package the services use."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from uuid import uuid4

import httpx
import ory_client

from shared.ory.connection import ONLY_REDIRECTS

from .hook_server import HookServer

TIMEOUT = 30


@dataclass(frozen=True)
class Target:
    """Six addresses, which are one and the same for the stand-in, and the hook Hydra calls, if it is ours."""

    kratos_public: str
    kratos_admin: str
    hydra_public: str
    hydra_admin: str
    keto_read: str
    keto_write: str
    hook: HookServer | None
    hook_key: str

    @classmethod
    def at_one_address(cls, url: str, hook: HookServer, hook_key: str) -> Self:
        """A stand-in."""
        return cls(url, url, url, url, url, url, hook, hook_key)

    @cached_property
    def identities(self) -> ory_client.IdentityApi:
        """Kratos' admin API."""
        return ory_client.IdentityApi(_api_client(self.kratos_admin))

    @cached_property
    def frontend(self) -> ory_client.FrontendApi:
        """Kratos' public API."""
        return ory_client.FrontendApi(_api_client(self.kratos_public))

    @cached_property
    def oauth2(self) -> ory_client.OAuth2Api:
        """Hydra's admin API."""
        return ory_client.OAuth2Api(_api_client(self.hydra_admin))

    @cached_property
    def keys(self) -> ory_client.JwkApi:
        """Hydra's admin API for keys."""
        return ory_client.JwkApi(_api_client(self.hydra_admin))

    @cached_property
    def well_known(self) -> ory_client.WellknownApi:
        """Hydra's published keys."""
        return ory_client.WellknownApi(_api_client(self.hydra_public))

    @cached_property
    def permissions(self) -> ory_client.PermissionApi:
        """Keto's check API."""
        return ory_client.PermissionApi(_api_client(self.keto_read))

    @cached_property
    def relations(self) -> ory_client.RelationshipApi:
        """Keto's write API."""
        return ory_client.RelationshipApi(_api_client(self.keto_write))

    @cached_property
    def relation_lists(self) -> ory_client.RelationshipApi:
        """Keto's read API."""
        return ory_client.RelationshipApi(_api_client(self.keto_read))

    @cached_property
    def discovery(self) -> dict[str, Any]:
        """Hydra's discovery document, as it is: the client package refuses one without a device flow."""
        url = f"{self.hydra_public}/.well-known/openid-configuration"
        document: dict[str, Any] = httpx.get(url, timeout=TIMEOUT).raise_for_status().json()
        return document

    def token(self, form: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """The token endpoint's answer to a form, or to whatever else ``options`` make of the request."""
        return httpx.post(f"{self.hydra_public}/oauth2/token", data=form, timeout=TIMEOUT, **options)


def _api_client(host: str) -> ory_client.ApiClient:
    return ory_client.ApiClient(ory_client.Configuration(host=host, retries=ONLY_REDIRECTS))  # type: ignore[arg-type]


def real_addresses() -> dict[str, str]:
    """The real servers' addresses by field of `Target`; empty unless all are configured."""
    variables = {
        "kratos_public": "ORY_KRATOS_PUBLIC_URL",
        "kratos_admin": "ORY_KRATOS_ADMIN_URL",
        "hydra_public": "ORY_HYDRA_PUBLIC_URL",
        "hydra_admin": "ORY_HYDRA_ADMIN_URL",
        "keto_read": "ORY_KETO_PUBLIC_URL",
        "keto_write": "ORY_KETO_ADMIN_URL",
    }
    found = {name: os.environ.get(variable, "").rstrip("/") for name, variable in variables.items()}
    return found if all(found.values()) else {}


def new_id() -> str:
    """An id no other test has."""
    return str(uuid4())
