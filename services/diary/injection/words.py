"""A text as the words that patterns are made of, with marks where a sentence or a line ends."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

from services.diary.injection.markup import visible

STOP = "."
LINE = "\n"
COLON = ":"
MARKS = frozenset({STOP, LINE, COLON})
_MARKS = dict.fromkeys(".!?;。", STOP) | {":": COLON}

_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")  # noqa: RUF001
_SPELLED = re.compile(r"(?<![^\W_])[a-z](?:(?:[^\w\n]|_){1,3}[a-z](?![^\W_])){3,}")
_TOKEN = re.compile(r"[^\W_]+|[.!?;。](?=[^\w\s]{0,3}(?:\s|$))|[\n\r\v\f\x85\u2028\u2029]|:")
_RUN_TOGETHER = 16
"""Letters from which on a word may be several without a space."""
_DIGITS = tuple(str.maketrans("013457", letters) for letters in ("oieast", "oleast"))


class Reader:
    """Takes texts apart; knows the words to look for in what is spelled out, run together or in digits."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._beginnings = frozenset(start for word in self._vocabulary for start in accumulate(word))

    def words(self, text: str) -> list[str]:
        """The words of a plain text, between two STOPs."""
        seen = _APOSTROPHE.sub("", visible(text))
        joined = _SPELLED.sub(self._join, seen)
        return [STOP, *self._tokens(joined), STOP]

    def _tokens(self, text: str) -> Iterator[str]:
        for token in _TOKEN.findall(text):
            if token.isalpha() and len(token) < _RUN_TOGETHER:
                yield token
            elif token.isalnum():
                yield from self._known(token)
            else:
                yield _MARKS.get(token, LINE)

    def _known(self, word: str) -> list[str]:
        if word.isalpha():
            parts = self.split(word)
            return parts if self._vocabulary.issuperset(parts) else [word]
        for digits in _DIGITS if not word.isdigit() else ():
            letters = word.translate(digits)
            if letters in self._vocabulary:
                return [letters]
        return [word]

    def _join(self, spelled: re.Match[str]) -> str:
        letters = "".join(filter(str.isalpha, spelled[0]))
        return f" {' '.join(self.split(letters))} "

    def split(self, letters: str) -> list[str]:
        """The known words that cover most of the letters, long ones first; other letters one by one."""
        best = [0] * (len(letters) + 1)
        ends = list(range(1, len(letters) + 1))
        for start in range(len(letters) - 1, -1, -1):
            best[start] = best[start + 1]
            for end in self._words_from(letters, start):
                covered = (end - start) ** 2 + best[end]
                if covered > best[start]:
                    best[start], ends[start] = covered, end
        return list(_cut(letters, ends))

    def _words_from(self, letters: str, start: int) -> Iterator[int]:
        end = start + 1
        while end <= len(letters) and letters[start:end] in self._beginnings:
            if end - start > 1 and letters[start:end] in self._vocabulary:
                yield end
            end += 1


def _cut(letters: str, ends: list[int]) -> Iterator[str]:
    start = 0
    while start < len(letters):
        yield letters[start : ends[start]]
        start = ends[start]
