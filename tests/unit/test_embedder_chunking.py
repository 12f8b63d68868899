"""Cutting long texts: nothing lost, nothing too long, sentences whole where they fit."""

from hypothesis import given
from hypothesis import strategies as st

from services.embedder.chunking import pack, sentence_starts


@given(st.integers(0, 400), st.integers(1, 60), st.sets(st.integers(0, 400)), st.sets(st.integers(0, 400)))
def test_chunks_cover_everything_in_order_and_fit(
    total: int, room: int, sentences: set[int], words: set[int]
) -> None:
    slices = list(pack(total, room, sorted(sentences), sorted(words)))
    tokens = list(range(total))
    assert [token for part in slices for token in tokens[part]] == tokens
    assert all(len(tokens[part]) <= room for part in slices)
    assert total == 0 or all(tokens[part] for part in slices)


def test_a_chunk_ends_with_the_last_sentence_that_fits() -> None:
    assert list(pack(30, 12, [5, 10, 20], range(30))) == [slice(0, 10), slice(10, 20), slice(20, 30)]


def test_an_early_sentence_end_does_not_leave_a_chunk_nearly_empty() -> None:
    assert next(pack(30, 12, [2], [2, 11])) == slice(0, 11)


def test_without_any_break_a_word_is_cut() -> None:
    assert list(pack(25, 10, [], [])) == [slice(0, 10), slice(10, 20), slice(20, 25)]


def test_sentences_begin_after_punctuation_quotes_and_lines() -> None:
    text = 'He said "Go." Then he left!\nA list:\n- 3.5 litres\n日本語。次の文'
    starts = [0, *sentence_starts(text)]
    pieces = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert pieces == ['He said "Go."', "Then he left!", "A list:", "- 3.5 litres", "日本語。", "次の文"]
