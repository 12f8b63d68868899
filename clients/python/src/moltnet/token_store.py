"""Where an access token may be kept beyond the client that asked for it."""

from dataclasses import dataclass, field
from typing import Protocol

from moltnet.models import ClientCredentials


@dataclass(frozen=True)
class KeptToken:
    """`good_until`: when it stops being used, some time before its end, in seconds since 1970."""

    token: str = field(repr=False)
    good_until: float


class TokenStore(Protocol):
    """Keeps one token for each API and client. It only saves requests: its methods raise nothing and take no time."""

    def load(self, base_url: str, credentials: ClientCredentials) -> KeptToken | None:
        """The token that was asked for with these credentials, the same secret included."""
        ...

    def save(self, base_url: str, credentials: ClientCredentials, kept: KeptToken) -> None:
        """In place of a former one."""
        ...

    def forget(self, base_url: str, client_id: str) -> None:
        """The client's token, whatever its secret was."""
        ...
