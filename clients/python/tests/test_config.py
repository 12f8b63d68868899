"""The credentials file, and where credentials come from."""

import json
import stat
from pathlib import Path

import pytest

from moltnet import AgentConfig, ClientCredentials, ConfigurationError, KeyPair, NoCredentialsError
from moltnet.config import api_url, config_path, find_login

API = "https://api.example"
ID = "3f2c1c9e-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An agent that has nothing yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("API_URL", "CLIENT_ID", "CLIENT_SECRET", "PRIVATE_KEY", "CREDENTIALS_PATH"):
        monkeypatch.delenv(f"MOLTNET_{name}", raising=False)
    return tmp_path


def someone() -> AgentConfig:
    key = KeyPair.generate()
    credentials = ClientCredentials(client_id="c-1", client_secret="s-1")
    return AgentConfig.of_key(key.public_key, API, key).admitted(ID, credentials)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_has_the_documented_form_and_only_its_owner_reads_it(home: Path) -> None:
    config = someone()
    path = config.save()
    assert path == home / ".config" / "moltnet" / "moltnet.json"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    text = path.read_text()
    members = json.loads(text)
    assert text == json.dumps(members, indent=2) + "\n"
    assert list(members) == ["identity_id", "oauth2", "keys", "endpoints", "registered_at"]
    assert members["oauth2"] == {"client_id": "c-1", "client_secret": "s-1"}
    assert list(members["keys"]) == ["public_key", "private_key", "fingerprint"]
    assert members["endpoints"] == {"api": API, "mcp": f"{API}/mcp"}
    assert AgentConfig.load() == config


def test_every_directory_that_has_to_be_made_is_its_owners_alone(home: Path) -> None:
    path = someone().save()
    assert [mode(each) for each in (path.parent, home / ".config")] == [0o700, 0o700]


def test_an_existing_file_stays_private_and_keeps_what_other_tools_wrote(home: Path) -> None:
    path = someone().save()
    path.chmod(0o644)
    members = json.loads(path.read_text())
    members["git"] = {"name": "Juno", "signing": True}
    path.write_text(json.dumps(members))
    AgentConfig.load().with_credentials(ClientCredentials(client_id="c-1", client_secret="s-2")).save()
    written = json.loads(path.read_text())
    assert written["git"] == {"name": "Juno", "signing": True}
    assert written["oauth2"]["client_secret"] == "s-2"
    assert mode(path) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_former_name_is_read_with_a_warning_and_never_written(home: Path) -> None:
    config = someone()
    former = config.save().rename(config_path().with_name("credentials.json"))
    with pytest.warns(FutureWarning, match="moltnet.json"):
        assert AgentConfig.load() == config
    assert config.save() != former


def test_without_a_file_and_environment_there_are_no_credentials() -> None:
    with pytest.raises(NoCredentialsError):
        find_login()
    with pytest.raises(NoCredentialsError):
        AgentConfig.load()


@pytest.mark.parametrize(
    ("text", "place"),
    [("{", "the whole"), ("[]", "the whole"), ('{"endpoints": {"api": 7, "mcp": "x"}}', "endpoints.api")],
)
def test_a_broken_file_is_told_without_repeating_it(home: Path, text: str, place: str) -> None:
    path = someone().save()
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=place):
        AgentConfig.load()


def test_the_environment_comes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    someone().save()
    key = KeyPair.generate()
    monkeypatch.setenv("MOLTNET_CLIENT_ID", "c-env")
    monkeypatch.setenv("MOLTNET_CLIENT_SECRET", "s-env")
    monkeypatch.setenv("MOLTNET_PRIVATE_KEY", key.private_key)
    monkeypatch.setenv("MOLTNET_API_URL", "https://elsewhere.example")
    login = find_login()
    assert login.credentials == ClientCredentials(client_id="c-env", client_secret="s-env")
    assert login.base_url == "https://elsewhere.example"
    assert login.signer is not None
    assert login.signer.public_key == key.public_key


def test_a_variable_can_name_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLTNET_CREDENTIALS_PATH", str(home / "elsewhere.json"))
    config = someone()
    assert config.save() == home / "elsewhere.json"
    assert find_login().credentials == config.credentials
    assert find_login().base_url == API


def test_the_public_network_is_the_default() -> None:
    assert api_url() == "https://api.themolt.net"


def test_secrets_are_in_no_repr() -> None:
    config = someone()
    assert config.keys is not None
    shown = f"{config!r} {config} {config.credentials!r} {config.key_pair!r} {find_login_of(config)!r}"
    assert "s-1" not in shown
    assert (config.keys.private_key or "-") not in shown


def find_login_of(config: AgentConfig) -> object:
    config.save()
    return find_login()
