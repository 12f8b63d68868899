"""Phrases to look for, written as text, read into positions that follow each other.

word         that word                       .        end of a sentence or line, or its beginning
(a | b c)    one of these                    :        a colon
!(a | b)     any one word but these          x?       x or nothing
{name}       the alternatives of that name   x*       any number of x
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from services.diary.injection.words import COLON, MARKS

_SIGN = re.compile(r"\s*([a-z]+|\{[a-z_]+\}|[().:|?*!])")
_NOTHING: frozenset[int] = frozenset()

Positions: TypeAlias = frozenset[int]


class PhraseError(ValueError):
    """The text is no phrase."""


@dataclass(frozen=True)
class Symbol:
    """What may stand at a position: one of the words or, if `other`, anything else."""

    words: frozenset[str]
    other: bool = False

    def fits(self, word: str) -> bool:
        return (word in self.words) is not self.other


@dataclass(frozen=True)
class Part:
    """A piece of a phrase: where it can begin and end, and whether it can be left out."""

    first: Positions
    last: Positions
    optional: bool


class Positioned:
    """All positions of all phrases, and which can come after which."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.symbols: list[Symbol] = []
        self.after: list[set[int]] = []
        self._names = names

    def add(self, source: str) -> Part:
        """Read one phrase. Raises PhraseError."""
        return _Reading(self, self._signs(source)).phrase()

    def place(self, symbol: Symbol) -> Part:
        self.symbols.append(symbol)
        self.after.append(set())
        at = frozenset({len(self.symbols) - 1})
        return Part(at, at, optional=False)

    def follow(self, left: Part, right: Part) -> Part:
        self._link(left.last, right.first)
        return Part(
            left.first | right.first if left.optional else left.first,
            left.last | right.last if right.optional else right.last,
            left.optional and right.optional,
        )

    def repeat(self, part: Part) -> Part:
        self._link(part.last, part.first)
        return Part(part.first, part.last, optional=True)

    def _link(self, lasts: Positions, firsts: Positions) -> None:
        for last in lasts:
            self.after[last] |= firsts

    def _signs(self, source: str) -> list[str]:
        signs: list[str] = []
        position = 0
        while position < len(source.rstrip()):
            sign = _SIGN.match(source, position)
            if sign is None:
                raise PhraseError(f"cannot read {source[position:]!r} in {source!r}")
            signs += self._named(sign[1]) if sign[1].startswith("{") else [sign[1]]
            position = sign.end()
        return signs

    def _named(self, reference: str) -> list[str]:
        name = reference[1:-1]
        if name not in self._names:
            raise PhraseError(f"no words are named {name!r}")
        return ["(", *self._signs(self._names[name]), ")"]


class _Reading:
    """One phrase, sign by sign."""

    def __init__(self, target: Positioned, signs: list[str]) -> None:
        self._target = target
        self._signs = signs[::-1]

    def phrase(self) -> Part:
        part = self._alternatives()
        if self._signs or part.optional:
            raise PhraseError("a phrase ends too early, or can be nothing at all")
        return part

    def _alternatives(self) -> Part:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return Part(
            _NOTHING.union(*(part.first for part in parts)),
            _NOTHING.union(*(part.last for part in parts)),
            any(part.optional for part in parts),
        )

    def _sequence(self) -> Part:
        part = self._item()
        while self._signs and self._signs[-1] not in {"|", ")"}:
            part = self._target.follow(part, self._item())
        return part

    def _item(self) -> Part:
        part = self._atom()
        if self._take("?"):
            return Part(part.first, part.last, optional=True)
        return self._target.repeat(part) if self._take("*") else part

    def _atom(self) -> Part:
        if self._take("("):
            return self._group()
        if self._take("!"):
            return self._target.place(Symbol(self._others(), other=True))
        if self._take("."):
            return self._target.place(Symbol(MARKS))
        if self._take(":"):
            return self._target.place(Symbol(frozenset({COLON})))
        return self._target.place(Symbol(frozenset({self._word()})))

    def _group(self) -> Part:
        words = self._words()
        if words:
            return self._target.place(Symbol(words))
        part = self._alternatives()
        self._expect(")")
        return part

    def _others(self) -> frozenset[str]:
        self._expect("(")
        words = self._words()
        if not words:
            raise PhraseError("after '!' there are to be single words in brackets")
        return words

    def _words(self) -> frozenset[str]:
        """The words up to the group's end, which are one position; none, and nothing read, if it holds more."""
        inner = self._signs[: self._end() : -1]
        words, bars = inner[::2], inner[1::2]
        if len(words) != len(bars) + 1 or not all(map(str.isalpha, words)) or set(bars) - {"|"}:
            return frozenset()
        del self._signs[self._end() :]
        return frozenset(words)

    def _end(self) -> int:
        """Where the nearest closing sign stands among the signs, of which the next is the last."""
        return max((at for at, sign in enumerate(self._signs) if sign == ")"), default=-1)

    def _word(self) -> str:
        if not (self._signs and self._signs[-1].isalpha()):
            raise PhraseError(f"a word is missing before {self._signs[-1:]}")
        return self._signs.pop()

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise PhraseError(f"{sign!r} is missing before {self._signs[-1:]}")

    def _take(self, sign: str) -> bool:
        if self._signs and self._signs[-1] == sign:
            self._signs.pop()
            return True
        return False
