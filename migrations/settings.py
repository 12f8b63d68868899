"""What the migrations are told."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import Settings


class MigrationSettings(Settings):
    """A privileged connection, and the passwords that the services' roles log in with."""

    url: Annotated[SecretStr, Field(alias="MIGRATIONS_DATABASE_URL")]
    diary: Annotated[SecretStr, Field(alias="DIARY_DB_PASSWORD", min_length=8)]
    identity: Annotated[SecretStr, Field(alias="IDENTITY_DB_PASSWORD", min_length=8)]
    signing: Annotated[SecretStr, Field(alias="SIGNING_DB_PASSWORD", min_length=8)]

    def password_of(self, service: str) -> str:
        password: SecretStr = getattr(self, service)
        return password.get_secret_value()
