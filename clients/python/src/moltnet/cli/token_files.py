"""The access token between two runs of the command, so that not each has to ask for one.

There is a file for each API and client in `$XDG_CACHE_HOME/moltnet`, else `~/.cache/moltnet` (XDG Base Directory
Specification), readable by its owner alone. It only saves a request: whatever is wrong with it, the command goes on.

MOLTNET_TOKEN_CACHE   `off` to do without; so does any value but `on`
"""

import contextlib
import hashlib
import hmac
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from moltnet.errors import ConfigurationError
from moltnet.files import write_private
from moltnet.models import ClientCredentials
from moltnet.token_store import KeptToken

SWITCH, ON = "MOLTNET_TOKEN_CACHE", "on"
LONGEST_FILE = 65536
CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""A link is not followed, and a pipe not waited for."""

BEARER = r"^[A-Za-z0-9\-._~+/]+=*$"
"""RFC 6750 section 2.1."""


class _Document(BaseModel):
    """`login`: the digest of what the token was asked for with."""

    model_config = ConfigDict(strict=True)

    login: str = Field(pattern="^[0-9a-f]{64}$")
    token: str = Field(pattern=BEARER)
    good_until: FiniteFloat


@dataclass(frozen=True)
class TokenFiles:
    """A `TokenStore` in a directory."""

    directory: Path

    def load(self, base_url: str, credentials: ClientCredentials) -> KeptToken | None:
        """None as well for a file that others can read or own, and for one that has another form."""
        try:
            document = _Document.model_validate_json(
                _private_text(self._path(base_url, credentials.client_id))
            )
        except (OSError, ValueError):
            return None
        if not hmac.compare_digest(document.login, _login(base_url, credentials)):
            return None
        return KeptToken(document.token, document.good_until)

    def save(self, base_url: str, credentials: ClientCredentials, kept: KeptToken) -> None:
        document = _Document.model_construct(
            login=_login(base_url, credentials), token=kept.token, good_until=kept.good_until
        )
        with contextlib.suppress(ConfigurationError):
            write_private(self._path(base_url, credentials.client_id), document.model_dump_json() + "\n")

    def forget(self, base_url: str, client_id: str) -> None:
        with contextlib.suppress(OSError):
            self._path(base_url, client_id).unlink()

    def _path(self, base_url: str, client_id: str) -> Path:
        return self.directory / f"token-{_digest(base_url, client_id)[:32]}.json"


def token_files(environment: Mapping[str, str] = os.environ) -> TokenFiles | None:
    """None where they are not wanted, or there is no place for them."""
    if (environment.get(SWITCH) or ON).lower() != ON:
        return None
    named = Path(environment.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return TokenFiles(named / "moltnet")
    try:
        return TokenFiles(Path.home() / ".cache" / "moltnet")
    except RuntimeError:
        return None


def _private_text(path: Path) -> bytes:
    """Raises OSError, also for a file that is not this user's alone."""
    with open(path, "rb", opener=_opened) as file:
        found = os.fstat(file.fileno())
        if (
            not stat.S_ISREG(found.st_mode)
            or stat.S_IMODE(found.st_mode) & 0o077
            or found.st_uid != os.geteuid()
        ):
            raise PermissionError(f"{path} is not private.")
        return file.read(LONGEST_FILE)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | CAREFULLY)


def _login(base_url: str, credentials: ClientCredentials) -> str:
    """Differs for each secret, and can not be moved to another API's file."""
    return _digest(base_url, credentials.client_id, credentials.client_secret)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
