"""Statements with names, and the condition that a searched set comes to."""

from typing import Any
from uuid import UUID

import pytest

from services.diary.permitted import ReadableDiaryId
from services.diary.search.binding import bound
from services.diary.search.searched import SearchedSet
from shared.contracts.diary import SearchCriteria

DIARY = ReadableDiaryId(UUID(int=1))


def test_each_name_gets_one_number() -> None:
    assert bound("SELECT :a, :b, :a", {"a": 1, "b": 2}) == ("SELECT $1, $2, $1", [1, 2])


def test_casts_are_no_names() -> None:
    assert bound("SELECT :a::text[]::x", {"a": "y"}) == ("SELECT $1::text[]::x", ["y"])


def test_values_that_are_not_asked_for_stay_out() -> None:
    assert bound("SELECT 1", {"a": 1}) == ("SELECT 1", [])


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        bound("SELECT :unknown", {})


def _condition(**criteria: Any) -> str:
    return SearchedSet([DIARY], SearchCriteria(**criteria)).statement("WHERE :searched")[0]


def test_without_filters_only_the_diaries_count() -> None:
    assert SearchedSet([DIARY], SearchCriteria()).statement("WHERE :searched") == (
        "WHERE e.diary_id = ANY ($1::uuid[])",
        [[DIARY]],
    )


def test_no_diaries_are_not_every_public_one() -> None:
    assert "public" not in SearchedSet([], SearchCriteria()).statement(":searched")[0]


def test_the_public_set_is_asked_for_by_none() -> None:
    assert "'public'" in SearchedSet(None, SearchCriteria()).statement(":searched")[0]


@pytest.mark.parametrize(
    ("criteria", "column"),
    [
        ({"tags": ["a"]}, "e.tags @>"),
        ({"exclude_tags": ["a"]}, "e.tags &&"),
        ({"entry_types": ["soul"]}, "e.entry_type"),
        ({"exclude_superseded": True}, "e.superseded_by IS NULL"),
        ({"include_flagged": False}, "NOT e.injection_risk"),
        ({"created_after": "2026-01-01T00:00:00Z"}, "e.created_at >="),
        ({"created_before": "2026-01-01T00:00:00Z"}, "e.created_at <"),
    ],
)
def test_a_filter_is_a_condition_only_when_it_is_given(criteria: dict[str, Any], column: str) -> None:
    assert column in _condition(**criteria)
    assert column not in _condition()
