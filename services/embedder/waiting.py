"""Who is next: the texts that wait for a free worker, and which of them go together."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

BATCH_TEXTS = 8
BATCH_TOKENS = 512
"""Padded tokens of one batch: beyond this, more texts at once gain nothing."""

_SHORTEST, _LONGEST = 0.6, 1.6

Vector = npt.NDArray[np.float32]


class Lane(IntEnum):
    """Kinds of texts, the most urgent first."""

    QUERY = 0
    PASSAGE = 1


@dataclass(frozen=True, eq=False)
class WaitingText:
    """Token ids that wait, and where their vector is to go. A cancelled future leaves the line by itself."""

    ids: list[int]
    vector: asyncio.Future[Vector]


class WaitingLine:
    """Texts in order of arrival, a line for each lane."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, deque[WaitingText]] = {lane: deque() for lane in Lane}

    def add(self, lane: Lane, texts: Iterable[WaitingText]) -> None:
        """Puts texts at the end of their lane."""
        self._lanes[lane].extend(texts)

    def length(self, lane: Lane) -> int:
        """Texts that wait in a lane."""
        return len(self._lanes[lane])

    def clear(self) -> list[WaitingText]:
        """Takes out everything."""
        texts = [text for lane in self._lanes.values() for text in lane]
        for lane in self._lanes.values():
            lane.clear()
        return texts

    def next_batch(self) -> list[WaitingText]:
        """Takes out the oldest text of the most urgent lane, and others of that lane of about its length.

        The batch is kept within BATCH_TEXTS and BATCH_TOKENS, except that one text may be of any length.
        Empty if nothing waits.
        """
        for lane, line in self._lanes.items():
            live = [text for text in line if not text.vector.done()]
            batch = _take(live)
            if batch:
                chosen = set(map(id, batch))
                self._lanes[lane] = deque(text for text in live if id(text) not in chosen)
                return batch
            line.clear()
        return []


def _take(line: list[WaitingText]) -> list[WaitingText]:
    batch = line[:1]
    longest = first = len(batch[0].ids) if batch else 0
    for text in line[1:]:
        length = len(text.ids)
        if len(batch) == BATCH_TEXTS:
            break
        if not _SHORTEST * first <= length <= _LONGEST * first:
            continue
        if max(longest, length) * (len(batch) + 1) <= BATCH_TOKENS:
            longest = max(longest, length)
            batch.append(text)
    return batch
