"""Cuts long texts into chunks that hold whole sentences where they can."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|\n+|(?<=[。！？])")  # noqa: RUF001 - they end sentences


def sentence_starts(text: str) -> list[int]:
    """Positions in the text, ascending, at which a sentence or a line begins; the first one's is left out."""
    return [match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text)]


def pack(total: int, room: int, sentences: Sequence[int], words: Sequence[int]) -> Iterator[slice]:
    """Slices that cover `total` tokens in order, each of at most `room`.

    sentences, words: token indexes, ascending, at which one begins. A slice ends with the last sentence that
        fits if that fills half of the room, else with the last word that fits, else in the middle of a word.
    """
    start = 0
    while total - start > room:
        end = (
            _last_within(sentences, start + room // 2, start + room)
            or _last_within(words, start, start + room)
            or start + room
        )
        yield slice(start, end)
        start = end
    yield slice(start, total)


def _last_within(breaks: Sequence[int], above: int, upto: int) -> int | None:
    """The largest break in (above, upto], if any."""
    index = bisect_right(breaks, upto) - 1
    return breaks[index] if index >= 0 and breaks[index] > above else None
