"""What a search text means: words, phrases, and what is excluded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.diary.query_text import QueryText


@pytest.mark.parametrize(
    ("text", "wanted", "excluded", "words"),
    [
        ("plain words", "plain words", "", "plain words"),
        ('"a phrase" more', '"a phrase" more', "", "a phrase  more"),
        ("bread -tomato", "bread", "tomato", "bread"),
        ('soup -"tomato soup" -basil', "soup", '"tomato soup" or basil', "soup"),
        ("-only", "", "only", ""),
        ("well-known e-mail", "well-known e-mail", "", "well-known e-mail"),
        ("a or b", "a or b", "", "a or b"),
        ("-", "-", "", "-"),
        ("", "", "", ""),
        ('-""', "", "", ""),
    ],
)
def test_a_text_is_taken_apart(text: str, wanted: str, excluded: str, words: str) -> None:
    query = QueryText.parse(text)
    assert (query.wanted.strip(' "'), query.excluded) == (wanted.strip(' "'), excluded)
    assert query.words.split() == words.split()


def test_an_open_quote_is_no_phrase() -> None:
    assert QueryText.parse('half "a phrase').words.split() == ["half", "a", "phrase"]


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    QueryText.parse(text)


@given(st.lists(st.text("abcdef", min_size=1), min_size=1))
def test_an_excluded_word_is_never_looked_for(words: list[str]) -> None:
    query = QueryText.parse(" ".join(f"-{word}" for word in words))
    assert query.words == ""
    assert query.excluded.split(" or ") == words
