"""What the operator decides about identities."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import Settings


class RecoverySettings(Settings):
    """The key under which recovery challenges are recognised: the same for all replicas."""

    secret: Annotated[SecretStr, Field(alias="RECOVERY_CHALLENGE_SECRET", min_length=16)]
