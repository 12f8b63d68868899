"""The quoted and the excluded parts of a search text."""

import pytest

from services.diary.query_text import QueryText


@pytest.mark.parametrize(
    ("text", "phrases", "exclusions"),
    [
        ("plain words", [], []),
        ('"a phrase" and more', ["a phrase"], []),
        ('"one" or "two"', ["one", "two"], []),
        ("bread -tomato -basil", [], ["tomato", "basil"]),
        ('soup -"tomato soup" -basil', [], ["tomato soup", "basil"]),
        ('bread -"this or that"', [], ["this or that"]),
        ("state-of-the-art", [], []),
        ('""', [], []),
        ('"  "', [], []),
    ],
)
def test_phrases_and_exclusions_are_told_apart(text: str, phrases: list[str], exclusions: list[str]) -> None:
    query = QueryText.parse(text)
    assert (query.phrases, query.exclusions) == (phrases, exclusions)


def test_an_option_is_looked_for() -> None:
    query = QueryText.parse("git push --force")
    assert (query.words, query.exclusions) == ("git push --force", [])


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("bread soup", ["bread soup"]),
        ("bread OR tomato soup", ["bread", "tomato soup"]),
        ('"a or b" or c', ["a or b", "c"]),
        ("oregano", ["oregano"]),
        ("or", ["", ""]),
    ],
)
def test_alternatives_are_told_apart(text: str, alternatives: list[str]) -> None:
    assert QueryText.parse(text).alternatives == alternatives
