"""How a tool is declared: a function, a title, and what a call of it does to the world."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from mcp_types import ToolAnnotations
from pydantic import BaseModel

P = ParamSpec("P")
A = TypeVar("A", bound=BaseModel | dict[str, Any])


def _effect(*, reads: bool = False, destroys: bool = False, repeatable: bool = False) -> ToolAnnotations:
    return ToolAnnotations(
        read_only_hint=reads, destructive_hint=destroys, idempotent_hint=repeatable, open_world_hint=False
    )


READS = _effect(reads=True, repeatable=True)
ADDS = _effect()
SETS = _effect(repeatable=True)
REPLACES = _effect(destroys=True, repeatable=True)
"""What was there before is gone. Once or twice makes no difference."""


@dataclass(frozen=True)
class Listed:
    function: Callable[..., Awaitable[BaseModel | dict[str, Any]]]
    title: str
    effect: ToolAnnotations


class Toolbox:
    """The tools of one subject, in the order in which they are declared."""

    def __init__(self) -> None:
        self.listed: list[Listed] = []

    def tool(
        self, title: str, effect: ToolAnnotations
    ) -> Callable[[Callable[P, Awaitable[A]]], Callable[P, Awaitable[A]]]:
        """The function's name is the tool's, its docstring the description, its return type the output schema."""

        def declare(function: Callable[P, Awaitable[A]]) -> Callable[P, Awaitable[A]]:
            self.listed.append(Listed(function, title, effect))
            return function

        return declare
