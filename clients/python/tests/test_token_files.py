"""Which kept tokens are used, and where they are."""

import os
import time
from pathlib import Path

import pytest

from moltnet import ClientCredentials, KeptToken
from moltnet.cli.token_files import LONGEST_FILE, TokenFiles, token_files

API = "https://api.example"
CLIENT = ClientCredentials(client_id="c-1", client_secret="s-1")
KEPT = KeptToken("ory_at_abc.DEF-1", good_until=time.time() + 3600)


@pytest.fixture
def files(tmp_path: Path) -> TokenFiles:
    """With a token in it."""
    files = TokenFiles(tmp_path / "cache")
    files.save(API, CLIENT, KEPT)
    return files


def file_of(files: TokenFiles) -> Path:
    (path,) = files.directory.iterdir()
    return path


def test_a_token_is_for_the_api_the_client_and_the_secret_it_was_asked_with(files: TokenFiles) -> None:
    assert files.load(API, CLIENT) == KEPT
    assert files.load("https://other.example", CLIENT) is None
    assert files.load(API, CLIENT.model_copy(update={"client_id": "c-2"})) is None
    assert files.load(API, CLIENT.model_copy(update={"client_secret": "s-2"})) is None


def test_a_file_under_the_name_of_another_api_is_not_used(files: TokenFiles) -> None:
    ours = file_of(files)
    files.save("https://other.example", CLIENT, KEPT)
    (theirs,) = set(files.directory.iterdir()) - {ours}
    ours.replace(theirs)
    assert files.load("https://other.example", CLIENT) is None


def test_a_later_token_takes_the_place(files: TokenFiles) -> None:
    later = KeptToken("later", KEPT.good_until)
    files.save(API, CLIENT, later)
    assert files.load(API, CLIENT) == later
    assert file_of(files).exists()


def test_a_forgotten_token_is_gone(files: TokenFiles) -> None:
    files.forget(API, CLIENT.client_id)
    assert files.load(API, CLIENT) is None
    assert not list(files.directory.iterdir())
    files.forget(API, CLIENT.client_id)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"\xff", b"{" * LONGEST_FILE, b'{"login": 1, "token": null, "good_until": "soon"}'],
)
def test_what_has_another_form_counts_as_none(files: TokenFiles, text: bytes) -> None:
    file_of(files).write_bytes(text)
    assert files.load(API, CLIENT) is None


@pytest.mark.parametrize("token", ["a b", "a\\nb", "\u00e9", ""])
def test_what_can_be_no_bearer_token_counts_as_none(files: TokenFiles, token: str) -> None:
    path = file_of(files)
    path.write_text(path.read_text().replace(KEPT.token, token))
    assert files.load(API, CLIENT) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o602])
def test_a_file_that_is_open_to_others_counts_as_none(files: TokenFiles, mode: int) -> None:
    file_of(files).chmod(mode)
    assert files.load(API, CLIENT) is None


def test_a_file_of_another_owner_counts_as_none(files: TokenFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: someone)
    assert files.load(API, CLIENT) is None


def test_what_is_no_file_counts_as_none(files: TokenFiles, tmp_path: Path) -> None:
    path = file_of(files)
    moved = path.replace(tmp_path / "moved")
    path.symlink_to(moved)
    assert files.load(API, CLIENT) is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert files.load(API, CLIENT) is None
    path.unlink()
    path.mkdir()
    assert files.load(API, CLIENT) is None
    files.save(API, CLIENT, KEPT)
    files.forget(API, CLIENT.client_id)


def test_the_directory_is_the_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    usual = TokenFiles(tmp_path / ".cache" / "moltnet")
    assert token_files({}) == usual
    assert token_files({"XDG_CACHE_HOME": "/elsewhere"}) == TokenFiles(Path("/elsewhere/moltnet"))
    assert token_files({"XDG_CACHE_HOME": "relative"}) == usual


def test_it_can_be_done_without() -> None:
    assert token_files({"MOLTNET_TOKEN_CACHE": "off"}) is None
    assert token_files({"MOLTNET_TOKEN_CACHE": "0"}) is None
    assert token_files({"MOLTNET_TOKEN_CACHE": "on"}) is not None


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", homeless)
    assert token_files({}) is None
