"""Finds phrases in words. Each word is looked at once, whatever the phrases and the words are.

The positions that the words so far may have reached are one state; where a word leads from there is worked out
when it is first needed, and kept. A line's end is a mark for phrases that ask for one and nothing to the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.diary.injection.phrases import Part, Positioned, Positions, Symbol
from services.diary.injection.words import LINE, MARKS

STATES_KEPT = 4096


@dataclass(eq=False)
class _State:
    """`ended`: the phrases that end here. `next`: the state after a word, by the positions that the word fits."""

    positions: Positions
    ended: frozenset[int]
    next: dict[tuple[int, bool], "_State"] = field(default_factory=dict)


class Automaton:
    """Any number of threads may use it."""

    def __init__(self, positioned: Positioned, phrases: Sequence[Part]) -> None:
        self._symbols = positioned.symbols
        self._after = [frozenset(after) for after in positioned.after]
        self._before = _reversed(self._after)
        self._phrases = phrases
        self._first: Positions = frozenset().union(*(phrase.first for phrase in phrases))
        self._ending = {last: number for number, phrase in enumerate(phrases) for last in phrase.last}
        self._fitting: list[Positions] = []
        self._kind_of = self._kinds()
        self._other_kind = self._kind(frozenset(_others(self._symbols)))
        self._states: dict[Positions, _State] = {}

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that a phrase asks for."""
        return frozenset(self._kind_of) - MARKS

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, frozenset[int]]]:
        """The index of each word that ends phrases, and the numbers of these."""
        state = self._state(frozenset())
        for index, word in enumerate(words):
            step = (self._kind_of.get(word, self._other_kind), word == LINE)
            following = state.next.get(step)
            if following is None:
                following = state.next[step] = self._follow(state, *step)
            state = following
            if state.ended:
                yield index, state.ended

    def beginning(self, words: Sequence[str], end: int, number: int) -> int:
        """Index of the nearest word that the phrase, found to end at `end`, can have begun with."""
        phrase = self._phrases[number]
        reached: Positions = phrase.last
        for index in range(end, -1, -1):
            fitting = {at for at in reached if self._symbols[at].fits(words[index])}
            if fitting & phrase.first:
                return index
            before: Positions = frozenset().union(*(self._before[at] for at in fitting))
            reached = before | reached if words[index] == LINE else before
        return 0

    def _follow(self, state: _State, kind: int, keeps: bool) -> _State:
        possible = self._first.union(*(self._after[at] for at in state.positions))
        reached = possible & self._fitting[kind]
        return self._state(reached | state.positions if keeps else reached)

    def _state(self, positions: Positions) -> _State:
        state = self._states.get(positions)
        if state is None:
            if len(self._states) >= STATES_KEPT:
                self._states = {}
            ended = frozenset(self._ending[at] for at in positions if at in self._ending)
            state = self._states[positions] = _State(positions, ended)
        return state

    def _kinds(self) -> dict[str, int]:
        """Words that fit the same positions are of one kind."""
        asking: dict[str, set[int]] = {mark: set() for mark in MARKS}
        for at, symbol in enumerate(self._symbols):
            for word in symbol.words:
                asking.setdefault(word, set()).add(at)
        other = set(_others(self._symbols))
        # A word that an "other" names is the one it does not fit.
        return {word: self._kind(frozenset(named ^ other)) for word, named in asking.items()}

    def _kind(self, fitting: Positions) -> int:
        if fitting not in self._fitting:
            self._fitting.append(fitting)
        return self._fitting.index(fitting)


def _others(symbols: Sequence[Symbol]) -> Iterator[int]:
    return (at for at, symbol in enumerate(symbols) if symbol.other)


def _reversed(after: Sequence[Positions]) -> list[Positions]:
    before: list[set[int]] = [set() for _ in after]
    for at, following in enumerate(after):
        for next_at in following:
            before[next_at].add(at)
    return [frozenset(at) for at in before]
