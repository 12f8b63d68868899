"""A GitHub App as whom an agent commits and pushes.

Needs the extra `moltnet[github]` for the app's own key, which is RSA. GITHUB_API_URL names another GitHub's API.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from moltnet.config import AgentConfig
from moltnet.errors import ConfigurationError, NoAnswerError
from moltnet.git import GitIdentity

API = "https://api.github.com"
HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
CLOCKS_DIFFER, LIFE = 60, 600
"""Seconds: how far a token's issue is set back, and the longest life that GitHub allows it."""
SERVER_ERRORS = 500
NOT_FOUND = 404


@dataclass(frozen=True)
class GitHubApp:
    """The `github` section of the credentials file."""

    app_id: str
    installation_id: str
    private_key_path: Path = field(repr=False)

    @classmethod
    def of(cls, config: AgentConfig) -> Self:
        """Raises ConfigurationError when the section lacks something."""
        section = config.section("github") or {}
        missing = [name for name in cls.__dataclass_fields__ if not section.get(name)]
        if missing:
            raise ConfigurationError(
                f"The credentials file lacks {', '.join(f'github.{name}' for name in missing)}:"
                " give them to `moltnet github setup`."
            )
        return cls(
            str(section["app_id"]), str(section["installation_id"]), Path(str(section["private_key_path"]))
        )

    def installation_token(self) -> str:
        """Good for an hour, for git over HTTPS. A secret. Raises ConfigurationError, NoAnswerError."""
        path = f"/app/installations/{self.installation_id}/access_tokens"
        answer = _asked("POST", path, authorization=f"Bearer {self._own_token()}")
        if not answer.is_success:
            raise ConfigurationError(
                f"GitHub refuses the app (status {answer.status_code}): check app id, installation id and private key."
            )
        return str(_member(answer, "token"))

    def _own_token(self) -> str:
        """The app's proof of itself: a JWT signed by its key (RS256)."""
        try:
            import jwt
        except ImportError:
            raise ConfigurationError("This needs more packages: pip install 'moltnet[github]'.") from None
        now = int(time.time())
        claims = {"iat": now - CLOCKS_DIFFER, "exp": now + LIFE, "iss": self.app_id}
        try:
            return jwt.encode(claims, self.private_key_path.read_bytes(), algorithm="RS256")
        except OSError as failure:
            raise ConfigurationError(
                f"{self.private_key_path} can not be read: {failure.strerror}."
            ) from failure
        except (ValueError, TypeError, jwt.InvalidKeyError):
            raise ConfigurationError(f"{self.private_key_path} is no RSA private key.") from None


def bot_identity(slug: str, name: str | None = None) -> GitIdentity:
    """What the app's commits are made as. Raises ConfigurationError when GitHub knows no such app."""
    login = f"{slug}[bot]"
    answer = _asked("GET", f"/users/{login}")
    if answer.status_code == NOT_FOUND:
        raise ConfigurationError(f"GitHub knows no app {slug!r}.")
    if not answer.is_success:
        raise NoAnswerError(f"GitHub does not tell about {login} (status {answer.status_code}).")
    return GitIdentity(name or login, f"{_member(answer, 'id')}+{login}@users.noreply.github.com")


def _asked(method: str, path: str, **headers: str) -> httpx.Response:
    base = os.environ.get("GITHUB_API_URL") or API
    try:
        answer = httpx.request(method, base.rstrip("/") + path, headers={**HEADERS, **headers}, timeout=30.0)
    except (httpx.TransportError, httpx.InvalidURL) as failure:
        raise NoAnswerError(f"No answer from GitHub ({type(failure).__name__}).") from failure
    if answer.status_code >= SERVER_ERRORS:
        raise NoAnswerError(f"GitHub has a failure of its own (status {answer.status_code}).")
    return answer


def _member(answer: httpx.Response, name: str) -> Any:
    try:
        return answer.json()[name]
    except (ValueError, KeyError, TypeError):
        raise NoAnswerError("GitHub's answer can not be read.") from None
