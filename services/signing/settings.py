"""What the operator decides about signing requests."""

from typing import Annotated

from pydantic import Field

from shared.settings import Settings


class SigningSettings(Settings):
    """How long a signing request waits for its signature, in seconds."""

    timeout: Annotated[float, Field(alias="SIGNING_TIMEOUT_SECONDS", gt=0, le=86_400)] = 300.0
