"""The tool that backs the Ory servers up: its seal, its folder, its patience."""

import base64
import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from operations.errors import OperatorError
from operations.ory_backup.__main__ import main
from operations.ory_backup.bundle import pack, seal, unpack, unseal
from operations.ory_backup.exporting import hosted_configuration
from operations.ory_backup.settings import ProjectSettings
from operations.servers import Server

PASSPHRASE = "correct horse battery staple"
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A backup root, and an environment that says nothing else."""
    for name in ("ORY_BACKUP_PASSPHRASE", "ORY_PROJECT_ID", "ORY_WORKSPACE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORY_BACKUP_ROOT", str(tmp_path))
    return tmp_path


def test_what_was_sealed_can_be_opened() -> None:
    ciphertext, metadata = seal(b"archive", PASSPHRASE)
    assert b"archive" not in ciphertext
    assert unseal(ciphertext, json.loads(json.dumps(metadata)), PASSPHRASE) == b"archive"


def test_each_seal_has_its_own_salt_and_nonce() -> None:
    (first, one), (second, other) = seal(b"archive", PASSPHRASE), seal(b"archive", PASSPHRASE)
    assert first != second
    assert one["salt"] != other["salt"]
    assert one["iv"] != other["iv"]


def test_the_seal_is_scrypt_and_aes_gcm_as_others_do_them() -> None:
    ciphertext, metadata = seal(b"archive", PASSPHRASE)
    salt, iv, tag = (base64.b64decode(str(metadata[name])) for name in ("salt", "iv", "tag"))
    key = hashlib.scrypt(PASSPHRASE.encode(), salt=salt, n=16384, r=8, p=1, dklen=32)
    assert AESGCM(key).decrypt(iv, ciphertext + tag, None) == b"archive"
    assert (len(salt), len(iv), len(tag)) == (16, 12, 16)


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(OperatorError, match="passphrase"):
        unseal(*seal(b"archive", PASSPHRASE), "another passphrase")


@pytest.mark.parametrize("part", ["ciphertext", "salt", "iv", "tag"])
def test_a_changed_bundle_is_not_opened(part: str) -> None:
    ciphertext, metadata = seal(b"archive", PASSPHRASE)
    if part == "ciphertext":
        ciphertext = _flipped(ciphertext)
    else:
        metadata[part] = base64.b64encode(_flipped(base64.b64decode(str(metadata[part])))).decode()
    with pytest.raises(OperatorError):
        unseal(ciphertext, metadata, PASSPHRASE)


def _flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algorithm", "aes-256-cbc"),
        ("version", 2),
        ("kdf", "none"),
        ("type", "x"),
        ("tag", "AAAA"),
        ("iv", "?"),
    ],
)
def test_metadata_that_say_something_else_are_refused(name: str, value: object) -> None:
    ciphertext, metadata = seal(b"archive", PASSPHRASE)
    with pytest.raises(OperatorError):
        unseal(ciphertext, {**metadata, name: value}, PASSPHRASE)


def test_a_folder_is_packed_and_unpacked_whole(tmp_path: Path) -> None:
    (tmp_path / "from" / "deep").mkdir(parents=True)
    (tmp_path / "from" / "deep" / "file").write_text("content")
    packed = pack(tmp_path / "from")
    assert packed == pack(tmp_path / "from")
    unpack(packed, tmp_path / "to")
    assert (tmp_path / "to" / "deep" / "file").read_text() == "content"


def test_an_archive_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), BytesIO())
    with pytest.raises(OperatorError):
        unpack(packed.getvalue(), tmp_path / "to")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("place", [".", "../elsewhere", "inside/../.."])
def test_an_export_lies_inside_the_backup_root(
    bare: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--output-dir", str(bare / place), "--skip-encryption"]) == 1
    assert "must lie inside" in capsys.readouterr().err


def test_an_export_does_not_overwrite_another(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bare / "made").mkdir()
    assert main(["export", "--output-dir", str(bare / "made"), "--skip-encryption"]) == 1
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize("passphrase", ["", "short"])
def test_without_a_passphrase_nothing_is_exported(
    bare: Path, passphrase: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORY_BACKUP_PASSPHRASE", passphrase)
    assert main(["export", "--output-dir", str(bare / "made")]) == 1
    assert "ORY_BACKUP_PASSPHRASE" in capsys.readouterr().err
    assert not (bare / "made").exists()


def _asked(handler: Handler) -> tuple[Server, list[httpx.Request]]:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return handler(request)

    return Server("http://ory.test", "key", httpx.MockTransport(answer)), requests


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the tool has waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_four_times(status: int, pauses: list[float]) -> None:
    server, requests = _asked(lambda _: httpx.Response(status))
    with pytest.raises(OperatorError, match=str(status)):
        server.get("/admin/keys/x")
    assert (len(requests), pauses) == (4, [1, 2, 4])


def test_a_lost_connection_is_tried_again(pauses: list[float]) -> None:
    answers: Iterator[httpx.Response | Exception] = iter(
        [httpx.ConnectError("away"), httpx.Response(200, json={"keys": []})]
    )

    def answer(_: httpx.Request) -> httpx.Response:
        following = next(answers)
        if isinstance(following, Exception):
            raise following
        return following

    assert _asked(answer)[0].get("/admin/keys/x") == {"keys": []}
    assert pauses == [1]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_tried_again(status: int, pauses: list[float]) -> None:
    server, requests = _asked(lambda _: httpx.Response(status))
    with pytest.raises(OperatorError):
        server.get("/admin/keys/x")
    assert (len(requests), pauses) == (1, [])


def test_a_hosted_projects_configuration_is_read_with_the_workspaces_key(tmp_path: Path) -> None:
    model = base64.b64encode(b"class Agent").decode()
    part: dict[str, Any] = {"config": {"namespaces": {"location": f"base64://{model}"}}}
    project = {"services": {"identity": part, "oauth2": part, "permission": part}}
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.url.path} {request.headers['authorization']}")
        return httpx.Response(200, json=project)

    settings = ProjectSettings.model_validate({"ORY_PROJECT_ID": "p", "ORY_WORKSPACE_API_KEY": "workspace"})
    hosted_configuration(settings, tmp_path, httpx.MockTransport(answer))
    assert seen == ["/projects/p Bearer workspace"]
    assert (tmp_path / "config/permission-model.ts").read_bytes() == b"class Agent"
    assert json.loads((tmp_path / "config/oauth2.json").read_text()) == part["config"]
