"""From judged candidates to the page that was asked for."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.diary import SearchCriteria

RECENCY_PER_HOUR = 0.99


@dataclass(frozen=True)
class Judged:
    """A candidate that is an answer. `hours` since it was last read, or else written; `tokens` of its text."""

    id: UUID
    relevance: float
    hours: float
    importance: int
    created_at: datetime
    tokens: int


def rank(judged: Iterable[Judged], wanted: SearchCriteria) -> list[Judged]:
    """Best first; among equals the newest, then the smallest id."""

    def place(one: Judged) -> tuple[float, float, UUID]:
        return -_score(one, wanted), -one.created_at.timestamp(), one.id

    return sorted(judged, key=place)


def rank_in_steps(
    judged: Sequence[Judged], steps: Iterable[Container[UUID]], wanted: SearchCriteria
) -> list[Judged]:
    """Those of each step after all of the steps before."""
    return [one for step in steps for one in rank((each for each in judged if each.id in step), wanted)]


def page(ranked: Sequence[Judged], wanted: SearchCriteria) -> list[UUID]:
    """The ids of the page, up to the one whose text would no longer fit into the budget."""
    chosen = ranked[wanted.offset : wanted.offset + wanted.limit]
    fitting = how_many_fit([one.tokens for one in chosen], wanted.max_tokens)
    return [one.id for one in chosen[:fitting]]


def how_many_fit(tokens: Sequence[int], budget: int | None) -> int:
    """How many from the front stay within the budget together."""
    left = budget if budget is not None else sum(tokens)
    for count, size in enumerate(tokens):
        left -= size
        if left < 0:
            return count
    return len(tokens)


def _score(one: Judged, wanted: SearchCriteria) -> float:
    recency: float = RECENCY_PER_HOUR ** max(one.hours, 0.0)
    return (
        wanted.w_relevance * one.relevance
        + wanted.w_recency * recency
        + wanted.w_importance * one.importance / 10
    )
