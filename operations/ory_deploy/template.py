"""The template of a project, and what it becomes."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.errors import OperatorError

PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")
PROJECT = "network/project.json"
THEMES = {"dark": "network/theme.dark.json", "light": "network/theme.light.json"}
SCHEMA = "identity.schema.json"
MODEL = "permissions.ts"


@dataclass(frozen=True)
class Deployment:
    """What is sent: the project, and the themes and the permission model in base64."""

    project: dict[str, Any]
    themes: dict[str, str]
    model: str


def resolved(folder: Path, values: Mapping[str, str]) -> Deployment:
    """From the files of `deploy/ory`. OperatorError when a file or a value is missing."""
    known = {**values, "IDENTITY_SCHEMA_BASE64": _base64(_json(folder / SCHEMA))}
    project = _json(folder / PROJECT)
    missing = sorted(set(PLACEHOLDER.findall(json.dumps(project))) - known.keys())
    if missing:
        raise OperatorError(f"The template asks for {', '.join(missing)}, which nobody gives.")
    return Deployment(
        project=_filled(project, known),
        themes={name: _base64(_json(folder / file)) for name, file in THEMES.items()},
        model=base64.b64encode(_read(folder / MODEL)).decode(),
    )


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    """Within strings only, so that no value can change what surrounds it."""
    if isinstance(value, dict):
        return {name: _filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, known) for inner in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: known[match[1]], value)
    return value


def _base64(document: Any) -> str:
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def _json(file: Path) -> Any:
    try:
        return json.loads(_read(file))
    except ValueError as failure:
        raise OperatorError(f"{file} is not JSON: {failure}.") from failure


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise OperatorError(f"{file} cannot be read: {failure.strerror}.") from failure
