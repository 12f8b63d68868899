"""An OAuth 2.0 client as Hydra keeps it."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from local.ory.errors import FlatError
from local.ory.wire import parse_duration

DEFAULT_SCOPE = "diary:read diary:write crypto:sign agent:profile"
SHORTEST_SECRET = 6


class Client(BaseModel):
    """The fields that are kept; anything else in a request is ignored, as Hydra does."""

    model_config = ConfigDict(extra="ignore", strict=True)

    client_name: str = ""
    redirect_uris: list[str] | None = None
    grant_types: list[str] = Field(default_factory=lambda: ["authorization_code"])
    response_types: list[str] = Field(default_factory=lambda: ["code"])
    scope: str = DEFAULT_SCOPE
    audience: list[str] = Field(default_factory=list)
    owner: str = ""
    policy_uri: str = ""
    allowed_cors_origins: list[str] = Field(default_factory=list)
    tos_uri: str = ""
    client_uri: str = ""
    logo_uri: str = ""
    contacts: list[str] | None = None
    client_secret_expires_at: Literal[0] = 0
    subject_type: Literal["public", "pairwise"] = "public"
    jwks: dict[str, Any] = Field(default_factory=dict)
    token_endpoint_auth_method: Literal["client_secret_basic", "client_secret_post", "none"] = (
        "client_secret_basic"  # noqa: S105
    )
    userinfo_signed_response_alg: str = "none"
    metadata: dict[str, Any] = Field(default_factory=dict)
    skip_consent: bool = False
    skip_logout_consent: bool | None = None
    access_token_strategy: Literal["jwt", "opaque"] | None = None
    client_credentials_grant_access_token_lifespan: str | None = None

    @classmethod
    def accept(cls, document: object) -> Self:
        """The client a request describes; fields it leaves out, or gives as null, take their defaults.

        Raises:
            FlatError: 400 ``invalid_client_metadata``, a field has an unacceptable value.
        """
        given = document if isinstance(document, dict) else {}
        try:
            return cls.model_validate({name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise FlatError(400, "invalid_client_metadata", f"{place}: {first['msg']}") from error

    @field_validator("scope")
    @classmethod
    def _default_for_none(cls, scope: str) -> str:
        return " ".join(scope.split()) or DEFAULT_SCOPE

    @field_validator("client_credentials_grant_access_token_lifespan")
    @classmethod
    def _is_a_duration(cls, lifespan: str | None) -> str | None:
        if lifespan is not None:
            parse_duration(lifespan)
        return lifespan

    @property
    def scopes(self) -> list[str]:
        """The scopes the client may ask for."""
        return self.scope.split()

    @property
    def has_secret(self) -> bool:
        """Whether it authenticates at all."""
        return self.token_endpoint_auth_method != "none"  # noqa: S105


def given_secret(document: dict[str, Any]) -> str | None:
    """The secret a request sets, or None.

    Raises:
        FlatError: 400 ``invalid_client_metadata``, it is too short.
    """
    secret = document.get("client_secret") or None
    if secret is not None and (not isinstance(secret, str) or len(secret) < SHORTEST_SECRET):
        description = f"The secret must be at least {SHORTEST_SECRET} characters long."
        raise FlatError(400, "invalid_client_metadata", description)
    return secret
