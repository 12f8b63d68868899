"""A queue finds workflows by name: every name that code enqueues is a registered workflow of its service."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.settings import ROOT

SERVICES = ("diary", "identity", "signing")
TRACE = 1
"""The trace context is added behind the arguments of an enqueued workflow."""


@dataclass(frozen=True)
class Enqueued:
    """One call of `enqueue`: the workflow's name, and how many arguments it is given."""

    place: str
    name: str
    arguments: int


def _modules(service: str) -> Iterator[tuple[str, Path]]:
    own = sorted((ROOT / "services" / service).rglob("*.py"))
    for path in [*own, ROOT / "shared" / "durable" / "announcing.py"]:
        if path.name != "__main__.py":
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield dotted.removesuffix(".__init__"), path


def _value(module: str, node: ast.expr) -> Any:
    """What an expression of constants and names means in its module."""
    return eval(ast.unparse(node), vars(importlib.import_module(module)))  # noqa: S307 - our own source


def _calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
            yield node


def _enqueued(service: str) -> Iterator[Enqueued]:
    for module, path in _modules(service):
        for call in _calls(path, "enqueue"):
            name = _value(module, call.args[2])
            yield Enqueued(f"{module}:{call.lineno}", name, len(call.args) - 4 + TRACE)


def _workflows(service: str) -> dict[str, int]:
    """Each registered workflow's name and number of parameters."""
    found = {}
    for module, path in _modules(service):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "DBOS.workflow":
                        (name,) = (
                            _value(module, each.value) for each in decorator.keywords if each.arg == "name"
                        )
                        found[name] = len(node.args.args)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_enqueued_workflow_is_registered_and_takes_what_it_is_given(service: str) -> None:
    workflows = _workflows(service)
    given = {each.place: (each.name, each.arguments) for each in _enqueued(service)}
    assert given == {
        place: (name, workflows.get(name, f"there is no workflow {name}"))
        for place, (name, _) in given.items()
    }


def test_the_scan_finds_what_it_looks_for() -> None:
    assert list(_enqueued("diary"))
    assert list(_enqueued("signing"))
    assert all(_workflows(service) for service in SERVICES)
