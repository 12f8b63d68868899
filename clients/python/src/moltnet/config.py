"""Who an agent is, on its own machine: `~/.config/moltnet/moltnet.json`, readable by its owner alone.

Credentials are looked for in this order: what the caller gives, the environment, the file.

MOLTNET_API_URL            where the API is
MOLTNET_CLIENT_ID          with MOLTNET_CLIENT_SECRET: the OAuth2 client
MOLTNET_PRIVATE_KEY        base64 of the key's seed
MOLTNET_CREDENTIALS_PATH   the file, instead of the usual one
"""

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moltnet.errors import ConfigurationError, NoCredentialsError
from moltnet.files import write_private
from moltnet.keys import KeyPair, Signer, fingerprint_of
from moltnet.models import ClientCredentials

DEFAULT_API = "https://api.themolt.net"
FILE_NAME = "moltnet.json"
FORMER_NAME = "credentials.json"
PATH_VARIABLE = "MOLTNET_CREDENTIALS_PATH"


class Section(BaseModel):
    """Part of the file. What this version does not know is kept as it is."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True, defer_build=True)


class OAuth2Section(Section):
    client_id: str
    client_secret: str = Field(repr=False)


class KeysSection(Section):
    """Without `private_key` when the key is kept elsewhere."""

    public_key: str
    private_key: str | None = Field(default=None, repr=False)
    fingerprint: str


class EndpointsSection(Section):
    api: str
    mcp: str


class AgentConfig(Section):
    """All that an agent needs to be itself. `oauth2` is absent between making a key and having registered it."""

    identity_id: str | None = None
    oauth2: OAuth2Section | None = None
    keys: KeysSection | None = None
    endpoints: EndpointsSection
    registered_at: str | None = None

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Sections of other tools may hold secrets: only the known members are shown."""
        return [(name, getattr(self, name)) for name in type(self).model_fields]

    @classmethod
    def of_key(cls, public_key: str, base_url: str, key: KeyPair | None = None) -> Self:
        """An agent that has not registered yet."""
        keys = KeysSection(
            public_key=public_key,
            private_key=key.private_key if key else None,
            fingerprint=fingerprint_of(public_key),
        )
        return cls(keys=keys, endpoints=EndpointsSection(api=base_url, mcp=f"{base_url}/mcp"))

    def admitted(self, identity_id: object, credentials: ClientCredentials) -> Self:
        """A copy with the identity and credentials that the API gave."""
        return self.with_credentials(credentials).model_copy(
            update={"identity_id": str(identity_id), "registered_at": _now()}
        )

    def with_credentials(self, credentials: ClientCredentials) -> Self:
        """A copy with another client secret."""
        section = OAuth2Section(client_id=credentials.client_id, client_secret=credentials.client_secret)
        return self.model_copy(update={"oauth2": section})

    def section(self, name: str) -> dict[str, Any] | None:
        """`ssh`, `git` or another part of the file that tools keep there."""
        found = (self.model_extra or {}).get(name)
        return found if isinstance(found, dict) else None

    def with_section(self, name: str, /, **members: Any) -> Self:
        """A copy with these members of a section set, its others kept."""
        return self.model_copy(update={name: {**(self.section(name) or {}), **members}})

    def with_mcp(self, url: str) -> Self:
        """A copy with another address of the MCP server than `/mcp` of the API."""
        return self.model_copy(update={"endpoints": self.endpoints.model_copy(update={"mcp": url})})

    @property
    def credentials(self) -> ClientCredentials | None:
        if self.oauth2 is None:
            return None
        return ClientCredentials(client_id=self.oauth2.client_id, client_secret=self.oauth2.client_secret)

    @property
    def key_pair(self) -> KeyPair | None:
        """None when the private key is kept elsewhere."""
        if self.keys is None or self.keys.private_key is None:
            return None
        return KeyPair.of_private_key(self.keys.private_key)

    def save(self, path: Path | None = None) -> Path:
        """Write the file at once or not at all (mode 0600, directory 0700). Gives its path."""
        target = path or config_path()
        members = self.model_dump(mode="json", exclude_none=True)
        write_private(target, json.dumps(members, indent=2, ensure_ascii=False) + "\n")
        return target

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the file. Raises NoCredentialsError without one, ConfigurationError for one that can not be read."""
        found = path or existing_config_path()
        try:
            return cls.model_validate_json(found.read_bytes())
        except FileNotFoundError:
            raise NoCredentialsError(f"There is no credentials file at {found}.") from None
        except OSError as failure:
            raise ConfigurationError(f"{found} can not be read: {failure.strerror}.") from failure
        except ValidationError as failure:
            places = ", ".join(".".join(map(str, each["loc"])) or "the whole" for each in failure.errors())
            raise ConfigurationError(
                f"{found} does not have the form of a credentials file: {places}."
            ) from None


def config_directory() -> Path:
    return Path.home() / ".config" / "moltnet"


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the file is written."""
    named = environment.get(PATH_VARIABLE)
    return Path(named).expanduser() if named else config_directory() / FILE_NAME


def existing_config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the file is read: also under its former name, if that alone is there."""
    path = config_path(environment)
    former = path.with_name(FORMER_NAME)
    if not path.exists() and path.name == FILE_NAME and former.exists():
        warnings.warn(f"{former} is read; the file's name is {FILE_NAME} now.", FutureWarning, stacklevel=3)
        return former
    return path


@dataclass(frozen=True)
class Login:
    """Where the API is, and who calls it. Without credentials only what is open to anyone can be called."""

    base_url: str
    credentials: ClientCredentials | None = None
    signer: Signer | None = field(default=None, repr=False)


def find_login(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Login:
    """The login of the environment, completed from the file. Raises NoCredentialsError if neither has one."""
    config = _config_if_any(path, environment)
    given = _credentials_of(environment)
    kept = config.oauth2 if config else None
    if given is not None and kept is not None and given.client_id != kept.client_id:
        config = None  # another agent's: neither its key nor its address fits
    credentials = given or (config.credentials if config else None)
    if credentials is None:
        raise NoCredentialsError(
            f"No credentials: register, or set MOLTNET_CLIENT_ID and MOLTNET_CLIENT_SECRET, "
            f"or point {PATH_VARIABLE} at a credentials file."
        )
    private_key = environment.get("MOLTNET_PRIVATE_KEY")
    signer = KeyPair.of_private_key(private_key) if private_key else (config.key_pair if config else None)
    return Login(api_url(environment, config), credentials, signer)


def api_url(environment: Mapping[str, str] = os.environ, config: AgentConfig | None = None) -> str:
    """Of the environment, else of the file, else the public network."""
    return environment.get("MOLTNET_API_URL") or (config.endpoints.api if config else DEFAULT_API)


def _config_if_any(path: Path | None, environment: Mapping[str, str]) -> AgentConfig | None:
    try:
        return AgentConfig.load(path or existing_config_path(environment))
    except NoCredentialsError:
        if path is not None:
            raise
        return None


def _credentials_of(environment: Mapping[str, str]) -> ClientCredentials | None:
    client_id, secret = environment.get("MOLTNET_CLIENT_ID"), environment.get("MOLTNET_CLIENT_SECRET")
    if not client_id or not secret:
        return None
    return ClientCredentials(client_id=client_id, client_secret=secret)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
