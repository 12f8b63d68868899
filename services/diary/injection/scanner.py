"""Finds texts that try to give orders to the agent that reads them. Nothing but a flag comes of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Self

from services.diary.injection import patterns
from services.diary.injection.automaton import Automaton
from services.diary.injection.characters import plain
from services.diary.injection.patterns import Pattern, Patterns, Phrase, ThreatType
from services.diary.injection.phrases import Positioned
from services.diary.injection.words import MARKS, Reader

MAX_CHARACTERS = 100_256
"""A title, a line's end and a content, each as long as can be; what is longer is flagged unread."""
BLOCKING = frozenset(ThreatType) - {ThreatType.DELIMITER_INJECTION}
BLOCKING_SEVERITY = 0.7
MATCH_CHARACTERS = 120


@dataclass(frozen=True)
class Threat:
    """`match`: the words that were found, as they were understood."""

    type: ThreatType
    severity: float
    match: str

    @property
    def blocks(self) -> bool:
        return self.type in BLOCKING and self.severity >= BLOCKING_SEVERITY


@dataclass(frozen=True)
class Verdict:
    threats: tuple[Threat, ...] = ()
    too_long: bool = False

    @property
    def flagged(self) -> bool:
        return self.too_long or any(threat.blocks for threat in self.threats)


def injection_risk(title: str | None, content: str) -> bool:
    """Whether an entry reads like an attack on its readers."""
    return scan(content if title is None else f"{title}\n{content}").flagged


def scan(text: str) -> Verdict:
    """At most one threat per pattern: its first. The work grows with the text's length, and no faster."""
    if len(text) > MAX_CHARACTERS:
        return Verdict(too_long=True)
    scanner, legible = _scanner(), plain(text)
    return Verdict((*scanner.delimiters(legible), *scanner.phrases(legible)))


class _Scanner:
    def __init__(
        self, known: Patterns, phrases: list[Phrase], automaton: Automaton, delimiters: re.Pattern[str]
    ) -> None:
        self._phrases = phrases
        self._automaton = automaton
        self._reader = Reader(automaton.vocabulary)
        self._delimiters = delimiters
        self._delimiter_severity = known.delimiters.severity

    @classmethod
    def build(cls, known: Patterns) -> Self:
        positioned = Positioned(known.names)
        phrases = patterns.read_phrases(known, positioned)
        automaton = Automaton(positioned, [phrase.part for phrase in phrases])
        delimiters = re.compile("|".join(map(re.escape, known.delimiters.texts)))
        return cls(known, phrases, automaton, delimiters)

    def delimiters(self, text: str) -> Iterator[Threat]:
        found = self._delimiters.search(text)
        if found:
            yield Threat(ThreatType.DELIMITER_INJECTION, self._delimiter_severity, found[0])

    def phrases(self, text: str) -> Iterator[Threat]:
        words = self._reader.words(text)
        reported: set[int] = set()
        for end, numbers in self._automaton.find(words):
            for number in self._meant(numbers):
                pattern = self._phrases[number].pattern
                if id(pattern) not in reported:
                    reported.add(id(pattern))
                    yield self._threat(
                        pattern, words[self._automaton.beginning(words, end, number) : end + 1]
                    )

    def _meant(self, numbers: frozenset[int]) -> list[int]:
        """One phrase of each pattern that ends here and is not denied."""
        denied = {id(self._phrases[number].pattern) for number in numbers if self._phrases[number].denied}
        meant = {id(self._phrases[number].pattern): number for number in sorted(numbers)}
        return [number for pattern, number in meant.items() if pattern not in denied]

    def _threat(self, pattern: Pattern, words: list[str]) -> Threat:
        match = " ".join(word for word in words if word not in MARKS)
        return Threat(pattern.type, pattern.severity, match[:MATCH_CHARACTERS])


@cache
def _scanner() -> _Scanner:
    return _Scanner.build(patterns.load())
