"""The patterns of `patterns.toml`, read once."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from services.diary.injection.phrases import Part, Positioned

FILE = resources.files("services.diary.injection").joinpath("patterns.toml")
DENIED = "denied"
"""The name of what in front of a phrase turns it into its opposite: *never* reveal your system prompt."""


class ThreatType(StrEnum):
    INSTRUCTION_OVERRIDE = "instructionOverride"
    ROLE_MANIPULATION = "roleManipulation"
    SYSTEM_PROMPT_LEAK = "systemPromptLeak"
    DELIMITER_INJECTION = "delimiterInjection"


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pattern(_Read):
    """Any of the phrases is a threat, unless it is `deniable` and denied.

    positive, negative: texts in which it must be found, and must not.
    """

    type: ThreatType
    severity: float = Field(ge=0, le=1)
    phrases: list[str] = Field(min_length=1)
    deniable: bool = True
    positive: list[str] = Field(min_length=1)
    negative: list[str] = Field(min_length=1)


class Delimiters(_Read):
    """Pieces of text, in lower case, by which models tell the parts of a conversation apart."""

    severity: float
    texts: list[str]


class Patterns(_Read):
    names: dict[str, str]
    delimiters: Delimiters
    patterns: list[Pattern] = Field(alias="pattern")


@dataclass(frozen=True)
class Phrase:
    """`denied`: the phrase with a denial in front."""

    part: Part
    pattern: Pattern
    denied: bool


@cache
def load() -> Patterns:
    return Patterns.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))


def read_phrases(patterns: Patterns, positioned: Positioned) -> list[Phrase]:
    """Every phrase of every pattern and, where one can be denied, its denial."""
    read: list[Phrase] = []
    for pattern in patterns.patterns:
        for source in pattern.phrases:
            read.append(Phrase(positioned.add(source), pattern, denied=False))
            if pattern.deniable:
                read.append(Phrase(positioned.add(f"{{{DENIED}}} ({source})"), pattern, denied=True))
    return read
