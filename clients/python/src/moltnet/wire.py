"""How values are named and written on the wire."""

from datetime import datetime
from typing import Any

from pydantic.alias_generators import to_camel
from pydantic_core import to_jsonable_python


def camel(**members: Any) -> dict[str, Any]:
    """Members of a body, named in camelCase. What is None is left out."""
    return {to_camel(name): value for name, value in members.items() if value is not None}


def query(**members: Any) -> dict[str, Any]:
    """Parameters of a query string: lists are comma lists there."""
    return {name: _text(value) for name, value in camel(**members).items()}


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return to_jsonable_python(value) if isinstance(value, datetime) else value
