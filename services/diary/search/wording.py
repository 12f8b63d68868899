"""What the words of a query tell about an entry: BM25 over the searched set, and how much is covered.

A word weighs the more the fewer of the searched entries hold it. Natural questions are asked with any of their
words, so that coverage, the share of the query's weight that an entry holds, decides which entries count.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

SATURATION = 1.2
LENGTH_INFLUENCE = 0.4
TYPICAL_LENGTH = 60
"""Words of a common entry. Fixed, so that an entry's score does not depend on the length of others."""

PLACE_WEIGHTS = {"A": 2.0, "B": 1.5}
"""What a word counts in the title and in a tag; elsewhere 1."""

STRANGE_SIZE = 50
"""Searched entries at which a word that none of them holds is half the evidence that it can be."""

_NAME = re.compile(r"(?=.*\d).{4,}|.*_.*", re.DOTALL)


@dataclass(frozen=True)
class Frequencies:
    """The query's words, each with how many of the `searched` entries hold it."""

    searched: int
    holders: Mapping[str, int]

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The information in seeing each word."""
        return {word: self._weight(holders) for word, holders in self.holders.items()}

    @cached_property
    def total(self) -> float:
        return sum(self.weights.values())

    @cached_property
    def total_of_names(self) -> float:
        return sum(weight for word, weight in self.weights.items() if is_name(word))

    @cached_property
    def strangeness(self) -> float:
        """0 to 1: how far the query is about what none of many entries ever mentions."""
        unheard = sum(self.weights[word] for word, holders in self.holders.items() if not holders)
        return unheard / self.total * self.searched / (self.searched + STRANGE_SIZE) if self.total else 0.0

    def _weight(self, holders: int) -> float:
        return math.log1p((max(self.searched - holders, 0) + 0.5) / (holders + 0.5))


@dataclass(frozen=True)
class Wording:
    """Each from 0 to 1: BM25 as a share of the most there is, coverage, and coverage of the query's names."""

    score: float = 0.0
    coverage: float = 0.0
    named: float = 0.0


def is_name(word: str) -> bool:
    """Whether a word is an identifier rather than language: `40p01`, `err_conn_reset`, `ops-4711`."""
    return _NAME.fullmatch(word) is not None


def judge_wording(
    places: Mapping[str, str], length: int, frequencies: Frequencies, alternatives: Sequence[Sequence[str]]
) -> Wording:
    """`places` says of each word of the query that the entry holds where: a letter for each occurrence.

    Of several alternatives the one that is covered best counts.
    """
    held = {word: weight for word, weight in frequencies.weights.items() if word in places}
    if not held:
        return Wording()
    score = sum(weight * _saturated(places[word], length) for word, weight in held.items())
    named = sum(weight for word, weight in held.items() if is_name(word))
    return Wording(
        score / frequencies.total,
        max(_share(held, frequencies.weights, words) for words in alternatives),
        named / frequencies.total_of_names if named else 0.0,
    )


def _share(held: Mapping[str, float], weights: Mapping[str, float], words: Sequence[str]) -> float:
    return sum(held.get(word, 0.0) for word in words) / sum(weights[word] for word in words)


def _saturated(places: str, length: int) -> float:
    count = sum(PLACE_WEIGHTS.get(place, 1.0) for place in places)
    norm = 1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * length / TYPICAL_LENGTH
    return count / (count + SATURATION * norm)
