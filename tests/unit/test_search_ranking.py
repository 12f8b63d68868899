"""Order, pages and budgets of what has been judged."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.diary.search.ranking import Judged, how_many_fit, page, rank
from shared.contracts.diary import SearchCriteria

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _judged(number: int, **traits: Any) -> Judged:
    plain = {"relevance": 0.5, "hours": 100.0, "importance": 5, "created_at": NOON, "tokens": 10}
    return Judged(UUID(int=number), **{**plain, **traits})


def _order(*judged: Judged, **wanted: Any) -> list[int]:
    return [one.id.int for one in rank(judged, SearchCriteria(**wanted))]


def test_the_most_relevant_comes_first() -> None:
    assert _order(_judged(1, relevance=0.2), _judged(2, relevance=0.9)) == [2, 1]


def test_recency_counts_as_it_is_weighted() -> None:
    old, fresh = _judged(1, relevance=0.9, hours=1000.0), _judged(2, relevance=0.5, hours=0.0)
    assert _order(old, fresh) == [1, 2]
    assert _order(old, fresh, w_recency=1.0) == [2, 1]


def test_importance_counts_as_it_is_weighted() -> None:
    trifle, matter = _judged(1, relevance=0.6, importance=1), _judged(2, relevance=0.5, importance=10)
    assert _order(trifle, matter) == [1, 2]
    assert _order(trifle, matter, w_importance=0.5) == [2, 1]


def test_without_relevance_the_other_weights_decide_alone() -> None:
    assert _order(_judged(1, relevance=0.9), _judged(2, hours=1.0), w_relevance=0.0, w_recency=1.0) == [2, 1]


def test_an_entry_from_the_future_is_as_fresh_as_can_be() -> None:
    assert _order(_judged(1, hours=-5000.0, relevance=0.4), _judged(2, hours=0.0), w_recency=1.0) == [2, 1]


def test_among_equals_the_newest_comes_first() -> None:
    assert _order(_judged(1), _judged(2, created_at=NOON + timedelta(microseconds=1))) == [2, 1]


def test_among_twins_the_smallest_id_comes_first() -> None:
    assert _order(_judged(3), _judged(1), _judged(2)) == [1, 2, 3]


def test_pages_follow_each_other() -> None:
    ranked = [_judged(number) for number in range(5)]
    pages = [page(ranked, SearchCriteria(limit=2, offset=offset)) for offset in (0, 2, 4, 6)]
    assert [[one.int for one in each] for each in pages] == [[0, 1], [2, 3], [4], []]


def test_a_page_ends_before_its_texts_pass_the_budget() -> None:
    ranked = [_judged(1, tokens=60), _judged(2, tokens=60), _judged(3, tokens=1)]
    assert page(ranked, SearchCriteria(max_tokens=100)) == [UUID(int=1)]


@pytest.mark.parametrize(
    ("tokens", "budget", "fitting"),
    [([50, 50], 100, 2), ([50, 51], 100, 1), ([101], 100, 0), ([], 100, 0), ([10**6], None, 1)],
)
def test_the_budget_is_what_texts_may_take_together(
    tokens: list[int], budget: int | None, fitting: int
) -> None:
    assert how_many_fit(tokens, budget) == fitting
