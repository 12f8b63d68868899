"""JSON schemas as a model should read them: every word costs its attention, so what tells nothing is left out."""

from typing import Any

Schema = dict[str, Any]
NULL = {"type": "null"}
NAMED = ("properties", "$defs")
"""Keywords whose members are named by us; a property called `title` is no title."""


def concise(schema: Schema) -> Schema:
    """Without the titles that are made from names."""
    return {
        keyword: {name: concise(inner) for name, inner in value.items()}
        if keyword in NAMED
        else _inner(value)
        for keyword, value in schema.items()
        if keyword != "title"
    }


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return concise(value)
    return [_inner(each) for each in value] if isinstance(value, list) else value


def of_arguments(schema: Schema) -> Schema:
    """An argument that may be left out says so by not being required, rather than by taking null."""
    short = concise(schema)
    return {**short, "properties": {name: _present(each) for name, each in short["properties"].items()}}


def _present(schema: Schema) -> Schema:
    if NULL not in schema.get("anyOf", ()):
        return schema
    (kind,) = [each for each in schema["anyOf"] if each != NULL]
    return {**kind, **{name: each for name, each in schema.items() if name not in ("anyOf", "default")}}
