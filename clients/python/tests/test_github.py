"""Git as a GitHub App, with a stand-in for GitHub that checks what it is shown."""

import io
import json
import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from moltnet import AgentConfig, ClientCredentials, KeyPair
from moltnet.cli.exit_codes import ExitCode
from moltnet.cli.main import main

KEY = generate_private_key(65537, 2048)
BOT_ID = 4711
ASKED = "protocol=https\nhost=github.com\n\n"


class GitHub(BaseHTTPRequestHandler):
    """Knows one app, `juno-keeper` with id 12, and its installation 34."""

    def do_GET(self) -> None:
        known = self.path == "/users/juno-keeper%5Bbot%5D" or self.path == "/users/juno-keeper[bot]"
        self._answer(200 if known else 404, {"id": BOT_ID})

    def do_POST(self) -> None:
        token = self.headers["authorization"].removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, KEY.public_key(), algorithms=["RS256"])
        except jwt.InvalidTokenError:
            return self._answer(401, {})
        known = claims["iss"] == "12" and claims["exp"] - claims["iat"] == 660
        if self.path == "/app/installations/34/access_tokens" and known:
            return self._answer(201, {"token": "ghs_fresh"})
        return self._answer(404, {})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A registered agent's, on a machine from which GitHub can be reached."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("MOLTNET_CREDENTIALS_PATH", raising=False)
    key = KeyPair.generate()
    credentials = ClientCredentials(client_id="c-1", client_secret="s-1")
    AgentConfig.of_key(key.public_key, "https://api.example", key).admitted(
        "3f2c1c9e-0000-4000-8000-000000000001", credentials
    ).save()
    yield tmp_path
    server.shutdown()
    server.server_close()


def pem(key: RSAPrivateKey, directory: Path) -> Path:
    path = directory / "app.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    return path


def ran(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(("github", *arguments))
    return int(ended.value.code or 0)


def set_up(home: Path, key: RSAPrivateKey = KEY) -> int:
    app = ("--app-id", "12", "--installation-id", "34", "--private-key", str(pem(key, home)))
    return ran("setup", "--app-slug", "juno-keeper", *app)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_git_commits_as_the_bot_and_pushes_with_a_fresh_token(home: Path) -> None:
    assert set_up(home) == ExitCode.OK
    section = AgentConfig.load().section("git")
    assert section is not None
    assert section["name"] == "juno-keeper[bot]"
    assert section["email"] == f"{BOT_ID}+juno-keeper[bot]@users.noreply.github.com"
    assert stat.S_IMODE((home / ".config/moltnet/ssh/id_ed25519").stat().st_mode) == 0o600
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GITHUB_API_URL": os.environ["GITHUB_API_URL"],
        "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
        "GIT_CONFIG_GLOBAL": section["config_path"],
        "GIT_TERMINAL_PROMPT": "0",
    }
    filled = subprocess.run(
        ["git", "credential", "fill"],
        input=ASKED,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "username=x-access-token\npassword=ghs_fresh\n" in filled.stdout


def test_an_app_that_github_does_not_know_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = AgentConfig.load()
    assert ran("setup", "--app-slug", "nobody") == ExitCode.CREDENTIALS
    assert "'nobody'" in capsys.readouterr().err
    assert AgentConfig.load() == before


def test_what_git_can_not_hold_changes_nothing(home: Path) -> None:
    assert ran("setup", "--app-slug", "juno/keeper") == ExitCode.USAGE
    assert ran("setup", "--app-slug", "juno-keeper", "--name", 'x"\n[core]') == ExitCode.USAGE
    assert not (home / ".config" / "moltnet" / "gitconfig").exists()


def test_what_the_token_needs_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("credential-helper") == ExitCode.CREDENTIALS
    assert "github.installation_id" in capsys.readouterr().err


def test_a_key_that_is_not_the_apps_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set_up(home, generate_private_key(65537, 2048)) == ExitCode.OK
    assert ran("credential-helper") == ExitCode.CREDENTIALS
    assert "status 401" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("operation", "attributes"),
    [
        ("store", ASKED),
        ("erase", ASKED),
        ("get", "protocol=https\nhost=example.com\n"),
        ("get", "protocol=http\nhost=github.com\n"),
    ],
)
def test_a_token_is_given_to_github_alone(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    operation: str,
    attributes: str,
) -> None:
    assert set_up(home) == ExitCode.OK
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO(attributes))
    assert ran("credential-helper", operation) == ExitCode.OK
    assert capsys.readouterr().out == ""
