"""Which texts are run together."""

import asyncio

import pytest

from services.embedder.waiting import BATCH_TEXTS, BATCH_TOKENS, Lane, WaitingLine, WaitingText


def _texts(*lengths: int) -> list[WaitingText]:
    loop = asyncio.get_running_loop()
    return [WaitingText([7] * length, loop.create_future()) for length in lengths]


def _lengths(batch: list[WaitingText]) -> list[int]:
    return [len(text.ids) for text in batch]


async def test_the_oldest_takes_others_of_about_its_length() -> None:
    line = WaitingLine()
    line.add(Lane.PASSAGE, _texts(50, 29, 30, 80, 81, 50))
    assert _lengths(line.next_batch()) == [50, 30, 80, 50]
    assert _lengths(line.next_batch()) == [29]
    assert _lengths(line.next_batch()) == [81]
    assert line.next_batch() == []


@pytest.mark.parametrize(
    ("lengths", "taken"),
    [([16] * 20, BATCH_TEXTS), ([128] * 20, BATCH_TOKENS // 128), ([400, 400], 1), ([600, 600], 1)],
)
async def test_a_batch_is_bounded(lengths: list[int], taken: int) -> None:
    line = WaitingLine()
    line.add(Lane.QUERY, _texts(*lengths))
    assert len(line.next_batch()) == taken
    assert line.length(Lane.QUERY) == len(lengths) - taken


async def test_padding_counts_against_the_bound() -> None:
    line = WaitingLine()
    line.add(Lane.QUERY, _texts(100, 100, 100, 100, 160))
    # Four of 100 tokens and one of 160 would be padded to five of 160.
    assert _lengths(line.next_batch()) == [100, 100, 100, 100]


async def test_queries_go_first_and_do_not_mix_with_passages() -> None:
    line = WaitingLine()
    line.add(Lane.PASSAGE, _texts(10, 10))
    line.add(Lane.QUERY, _texts(11))
    assert _lengths(line.next_batch()) == [11]
    assert _lengths(line.next_batch()) == [10, 10]


async def test_cancelled_texts_are_not_run() -> None:
    line = WaitingLine()
    first, second = _texts(10, 12)
    line.add(Lane.QUERY, [first, second])
    first.vector.cancel()
    assert line.next_batch() == [second]
    assert line.length(Lane.QUERY) == 0
