"""Statements with `:name` where asyncpg wants `$1`."""

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

_NAME = re.compile(r"(?<![:\w]):([a-z]\w*)")


def statement(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text()


def bound(text: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The statement with numbered parameters, and the values in their order. Values not named stay out."""
    order: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${order.setdefault(match[1], len(order) + 1)}"

    numbered = _NAME.sub(number, text)
    return numbered, [values[name] for name in order]
