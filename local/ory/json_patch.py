"""The three operations of JSON Patch (RFC 6902) that Hydra accepts, on an object's members."""

from copy import deepcopy
from typing import Any

_UNCHANGEABLE = ("/id", "/client_id")


class PatchError(Exception):
    """The patch is malformed, or names what cannot be changed."""


def apply_patch(document: dict[str, Any], patch: object) -> dict[str, Any]:
    """``document`` with every operation applied in order; the original is left as it is.

    Raises:
        PatchError: nothing is applied.
    """
    if not isinstance(patch, list):
        message = "a patch is a list of operations"
        raise PatchError(message)
    patched = deepcopy(document)
    for operation in patch:
        try:
            _apply(patched, operation)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            message = "malformed operation"
            raise PatchError(message) from error
    return patched


def _apply(document: dict[str, Any], operation: dict[str, Any]) -> None:
    kind, path = operation["op"], operation["path"]
    if kind not in {"add", "remove", "replace"} or path.startswith(_UNCHANGEABLE):
        message = f"{kind} of {path} is not allowed"
        raise PatchError(message)
    *parents, name = _segments(path)
    container: Any = document
    for parent in parents:
        container = container[_key(container, parent)]
    if kind == "add" and isinstance(container, list):
        container.insert(len(container) if name == "-" else int(name), operation["value"])
    elif kind == "remove":
        del container[_key(container, name)]
    else:
        container[_key(container, name)] = operation["value"]


def _segments(path: str) -> list[str]:
    """The members a JSON pointer (RFC 6901) leads through."""
    if not path.startswith("/"):
        raise ValueError(path)
    return [segment.replace("~1", "/").replace("~0", "~") for segment in path[1:].split("/")]


def _key(container: Any, segment: str) -> str | int:
    return int(segment) if isinstance(container, list) else segment
