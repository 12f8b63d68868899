"""The one identity schema, and what Kratos accepts for a new identity."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StrictStr, StringConstraints, ValidationError

from local.ory.errors import NestedError

SCHEMA_ID = "moltnet_agent"
IDENTITY_SCHEMA: dict[str, Any] = {
    "$id": "https://schemas.themolt.net/agent.json",
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "MoltNet Agent Identity",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "public_key": {
                    "type": "string",
                    "title": "Public key",
                    "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}},
                },
                "voucher_code": {
                    "type": "string",
                    "title": "Voucher code",
                    "minLength": 1,
                    "maxLength": 64,
                },
            },
            "required": ["public_key", "voucher_code"],
            "additionalProperties": False,
        }
    },
}

_HASH_PREFIXES = ("$2a$", "$2b$", "$2y$", "$argon2", "$pbkdf2", "$scrypt$", "$sha", "$md5$", "$ssha")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Traits(_Strict):
    """What an agent's identity carries."""

    public_key: StrictStr
    voucher_code: Annotated[StrictStr, StringConstraints(min_length=1, max_length=64)]


class _PasswordConfig(_Strict):
    password: StrictStr | None = None
    hashed_password: StrictStr | None = None
    use_password_migration_hook: bool = False


class _Password(_Strict):
    config: _PasswordConfig = _PasswordConfig()


class _Credentials(_Strict):
    password: _Password | None = None


class NewIdentity(_Strict):
    """The body of an identity's creation.

    No password is kept: nothing here can be logged in to with one. State and addresses are accepted, as Kratos
    knows them, and have no effect. An organization is not: Kratos v1.3.1 refuses even a null for it.
    """

    schema_id: StrictStr = SCHEMA_ID
    traits: dict[str, Any] = {}
    credentials: _Credentials | None = None
    metadata_public: Any = None
    metadata_admin: Any = None
    external_id: Annotated[StrictStr, StringConstraints(min_length=1)] | None = None
    state: Literal["active", "inactive"] = "active"
    verifiable_addresses: list[Any] | None = None
    recovery_addresses: list[Any] | None = None


def accept_identity(document: object) -> tuple[NewIdentity, Traits]:
    """A valid new identity.

    Raises:
        NestedError: 400, an unknown member, an unknown schema, traits that break it, or a bad password hash.
    """
    try:
        new = NewIdentity.model_validate(document)
    except ValidationError as error:
        raise NestedError(400, _first_complaint(error)) from error
    if new.schema_id != SCHEMA_ID:
        raise NestedError(400, f"Unable to find JSON Schema ID: {new.schema_id}")
    _check_hash(new)
    try:
        return new, Traits.model_validate(new.traits)
    except ValidationError as error:
        place = "/".join(("#", "traits", *_location(error)))
        rule = "/".join(("#", "properties", "traits", *_location(error)))
        raise NestedError(400, f"I[{place}] S[{rule}] {_first_complaint(error)}") from error


def credentials_identifier(public_key: str) -> str:
    """The key as Kratos stores and looks up password identifiers: trimmed and in lower case."""
    return public_key.strip().lower()


def _check_hash(new: NewIdentity) -> None:
    password = new.credentials.password if new.credentials else None
    hashed = password.config.hashed_password if password else None
    if hashed is not None and not hashed.startswith(_HASH_PREFIXES):
        raise NestedError(400, "unsupported hash format of the imported password")


def _location(error: ValidationError) -> list[str]:
    return [str(part) for part in error.errors()[0]["loc"]]


def _first_complaint(error: ValidationError) -> str:
    return f"{'.'.join(_location(error))}: {error.errors()[0]['msg']}"
