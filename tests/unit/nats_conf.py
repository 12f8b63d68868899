"""Reads a NATS server configuration, as far as ours goes: maps, lists, words and strings."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOKEN = re.compile(r'#[^\n]*|"(?P<string>[^"]*)"|(?P<mark>[{}\[\]])|(?P<word>[^\s{}\[\],:="#]+)')


def read(path: Path) -> dict[str, Any]:
    tokens = [match for match in _TOKEN.finditer(path.read_text()) if match.lastgroup]
    members, rest = _map(tokens)
    assert not rest
    return members


def _map(tokens: list[re.Match[str]]) -> tuple[dict[str, Any], list[re.Match[str]]]:
    members: dict[str, Any] = {}
    while tokens and tokens[0]["mark"] != "}":
        name, tokens = tokens[0].group().strip('"'), tokens[1:]
        members[name], tokens = _value(tokens)
    return members, tokens


def _list(tokens: list[re.Match[str]]) -> tuple[list[Any], list[re.Match[str]]]:
    items = []
    while tokens[0]["mark"] != "]":
        item, tokens = _value(tokens)
        items.append(item)
    return items, tokens


def _value(tokens: list[re.Match[str]]) -> tuple[Any, list[re.Match[str]]]:
    first, tokens = tokens[0], tokens[1:]
    if first["mark"]:
        inner, tokens = _map(tokens) if first["mark"] == "{" else _list(tokens)
        return inner, tokens[1:]
    return first["string"] if first["string"] is not None else first["word"], tokens


@dataclass(frozen=True)
class User:
    """What one user may send and hear."""

    permissions: dict[str, Any]

    def may_publish(self, subject: str) -> bool:
        return self._may("publish", subject)

    def may_subscribe(self, subject: str) -> bool:
        return self._may("subscribe", subject)

    def may_answer(self) -> bool:
        return "allow_responses" in self.permissions

    def _may(self, what: str, subject: str) -> bool:
        rules = self.permissions[what]
        allowed = any(covers(pattern, subject) for pattern in rules["allow"])
        return allowed and not any(covers(pattern, subject) for pattern in rules.get("deny", []))


def covers(pattern: str, subject: str) -> bool:
    """Whether every subject of `subject` (which may hold wildcards) is one of `pattern`."""
    patterns, parts = pattern.split("."), subject.split(".")
    for index, wanted in enumerate(patterns):
        if wanted == ">":
            return len(parts) > index
        if index >= len(parts) or parts[index] == ">":
            return False
        if wanted != "*" and wanted != parts[index]:
            return False
    return len(parts) == len(patterns)


def users(path: Path) -> dict[str, User]:
    listed = read(path)["accounts"]["MOLTNET"]["users"]
    return {user["user"]: User(user["permissions"]) for user in listed}
