"""Looking over the credentials file: what is missing, what can be mended."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from moltnet.config import FILE_NAME, FORMER_NAME, config_path
from moltnet.errors import ConfigurationError, NoCredentialsError
from moltnet.files import write_private
from moltnet.keys import PREFIX

Action = Literal["fixed", "warning", "migrate"]
NEEDED = ("identity_id", "keys.public_key", "keys.private_key", "keys.fingerprint", "endpoints.api")
RECORDED_FILES = (
    "ssh.private_key_path",
    "ssh.public_key_path",
    "git.config_path",
    "github.private_key_path",
)


@dataclass(frozen=True)
class Issue:
    """`fixed` and `migrate` are mended by writing the file; a warning is for its owner."""

    field: str
    problem: str
    action: Action


def repair_config(path: Path | None = None, *, dry_run: bool = False) -> list[Issue]:
    """Check the file, and mend what can be mended, unless it is a dry run. Raises ConfigurationError."""
    target = path or config_path()
    former = target.with_name(FORMER_NAME)
    migrates = not target.exists() and target.name == FILE_NAME and former.exists()
    document = _document(former if migrates else target)
    issues = [*_missing(document), *_unusual(document)]
    mended = _with_mcp_endpoint(document)
    if mended != document:
        issues.append(Issue("endpoints.mcp", "was missing; it follows from the API's address", "fixed"))
    if migrates:
        issues.append(Issue("file", f"{FORMER_NAME} is called {FILE_NAME} now", "migrate"))
    if not dry_run and any(issue.action != "warning" for issue in issues):
        write_private(target, json.dumps(mended, indent=2, ensure_ascii=False) + "\n")
    return issues


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoCredentialsError(f"There is no credentials file at {path}.") from None
    except (OSError, ValueError) as failure:
        raise ConfigurationError(f"{path} can not be read as JSON.") from failure
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path} holds no JSON object.")
    return document


def _missing(document: dict[str, Any]) -> list[Issue]:
    return [Issue(name, "is missing", "warning") for name in NEEDED if not _member(document, name)]


def _unusual(document: dict[str, Any]) -> list[Issue]:
    found = []
    public_key = _member(document, "keys.public_key")
    if public_key and not str(public_key).startswith(PREFIX):
        found.append(Issue("keys.public_key", f"does not begin with {PREFIX}", "warning"))
    for name in RECORDED_FILES:
        recorded = _member(document, name)
        if recorded and not Path(str(recorded)).exists():
            found.append(Issue(name, f"{recorded} does not exist", "warning"))
    return found


def _with_mcp_endpoint(document: dict[str, Any]) -> dict[str, Any]:
    api = _member(document, "endpoints.api")
    if not api or _member(document, "endpoints.mcp"):
        return document
    endpoints = {**document["endpoints"], "mcp": f"{str(api).rstrip('/')}/mcp"}
    return {**document, "endpoints": endpoints}


def _member(document: dict[str, Any], name: str) -> Any:
    """By its dotted name; None where there is none."""
    found: Any = document
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
