"""The folder of one export: who may read it, where it may lie, what is where in it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from operations.errors import OperatorError

BUNDLE = "bundle.tar.gz"
SEALED = "bundle.tar.gz.enc"
SEALED_METADATA = "bundle.tar.gz.enc.metadata.json"
IDENTITIES = "restore/identities.import.json"
CLIENTS = "restore/oauth2-clients.import.json"
TUPLES = "restore/relationship-tuples.json"


def new_folder(path: Path, root: Path) -> Path:
    """Make the folder, for its owner only. It must be new, and lie below the backup root."""
    folder, root = path.resolve(), root.resolve()
    if folder == root or root not in folder.parents:
        raise OperatorError(f"The output folder must lie inside {root}, and not be it.")
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise OperatorError(f"{folder} exists: name a new folder for each export.") from None
    return folder


def write_bytes(file: Path, content: bytes) -> None:
    """A file that only its owner may read."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content)


def write_json(file: Path, content: object) -> None:
    write_bytes(file, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def read_json(file: Path) -> Any:
    """OperatorError when there is no such file, or no JSON in it."""
    try:
        return json.loads(file.read_bytes())
    except FileNotFoundError:
        raise OperatorError(f"{file} is missing.") from None
    except ValueError as failure:
        raise OperatorError(f"{file} is not JSON: {failure}.") from failure


def write_pages(folder: Path, kind: str, pages: Iterable[Any]) -> list[Any]:
    """Write each page as it came, and an index of them. Returns the pages."""
    kept = []
    for number, page in enumerate(pages, 1):
        write_json(folder / "resources" / kind / f"page-{number:05}.json", page)
        kept.append(page)
    names = [f"page-{number:05}.json" for number in range(1, len(kept) + 1)]
    write_json(folder / "resources" / kind / "index.json", {"kind": kind, "pages": names})
    return kept
