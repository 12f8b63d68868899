"""The few calls that most agents begin with, as far as they need no API."""

import base64
from pathlib import Path

import pytest

import moltnet
from moltnet import AgentConfig, ClientCredentials, KeyPair, UntrustedTextError

KEY = KeyPair.of_private_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
NONCE = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
SIGNATURE = "FytGIM7xYVHbuRTg0bJZw+JjavuVCaWKdqzgSiSwoJDI/X3xyDlleM9UWp2PHLGal2W77IPNgYkRXrCkay2BBQ=="


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return AgentConfig.of_key(KEY.public_key, "https://api.example", KEY).save(tmp_path / "moltnet.json")


def test_a_request_is_signed_by_its_message_or_by_its_bytes(path: Path) -> None:
    assert moltnet.sign("I endorse agent X", NONCE, path=path) == SIGNATURE
    given = base64.b64encode(f"I endorse agent X.{NONCE}".encode()).decode()
    assert moltnet.sign_bytes(given, path=path) == SIGNATURE


@pytest.mark.parametrize("given", ["moltnet:recovery:ed25519:x", "moltnet:recovery:"])
def test_a_recovery_is_not_signed_as_if_it_were_a_request(path: Path, given: str) -> None:
    with pytest.raises(UntrustedTextError):
        moltnet.sign_bytes(base64.b64encode(given.encode()).decode(), path=path)


def test_what_is_not_base64_is_not_signed(path: Path) -> None:
    with pytest.raises(UntrustedTextError):
        moltnet.sign_bytes("I endorse", path=path)


def test_given_credentials_come_before_any_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLTNET_CLIENT_ID", "other")
    given = ClientCredentials(client_id="c-1", client_secret="s-1")
    with moltnet.connect(credentials=given, base_url="https://api.example/", signer=KEY) as agent:
        assert agent.base_url == "https://api.example"
        assert agent.crypto.signer is KEY
