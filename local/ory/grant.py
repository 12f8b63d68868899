"""What one token request was granted, from which the hook call and the token are made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

TOP_LEVEL_CLAIMS = ("moltnet:identity_id", "moltnet:public_key", "moltnet:fingerprint")


@dataclass(frozen=True, slots=True)
class Grant:
    """A client_credentials grant after its scope and audience were checked."""

    client_id: str
    requested_scopes: tuple[str, ...]
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    payload: dict[str, list[str]]
    """The form as it came, without the secret."""
    issued_at: datetime
    expires_at: datetime

    def claims(self, issuer: str, token_id: str, ext: dict[str, Any]) -> dict[str, Any]:
        """The claims of a JWT access token (RFC 9068 has others; these are Hydra's).

        The hook's claims stand under ``ext``; those of `TOP_LEVEL_CLAIMS` are also at the top.
        """
        issued = int(self.issued_at.timestamp())
        mirrored = {name: ext[name] for name in TOP_LEVEL_CLAIMS if name in ext}
        return mirrored | {
            "iss": issuer,
            "sub": self.client_id,
            "client_id": self.client_id,
            "aud": list(self.audience),
            "exp": int(self.expires_at.timestamp()),
            "iat": issued,
            "nbf": issued,
            "jti": token_id,
            "scp": list(self.scopes),
            "ext": ext,
        }
