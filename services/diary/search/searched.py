"""The searched set: which entries a search looks at, before it asks which of them answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.diary.permitted import ReadableDiaryId
from services.diary.search.binding import bound
from shared.contracts.diary import SearchCriteria

_PLACE = ":searched"

_IN_DIARIES = "e.diary_id = ANY (:diaries::uuid[])"
_IN_PUBLIC = "e.diary_id IN (SELECT id FROM diaries WHERE visibility = 'public')"
_WORDED = (
    "EXISTS (SELECT FROM diary.entry_words AS its WHERE its.entry_id = e.id AND its.words @@ :{0}::tsquery)"
)

_CONDITIONS = {
    "tags": "e.tags @> :tags::text[]",
    "exclude_tags": "NOT coalesce(e.tags && :exclude_tags::text[], false)",
    "entry_types": "e.entry_type = ANY (:entry_types::text[]::entry_type[])",
    "created_after": "e.created_at >= :created_after::timestamptz",
    "created_before": "e.created_at < :created_before::timestamptz",
}


@dataclass(frozen=True)
class SearchedSet:
    """Diaries and filters. `diaries` None stands for every public diary: an empty sequence is an empty set.

    required, excluded: text-search queries that entries must and must not match.
    """

    diaries: Sequence[ReadableDiaryId] | None
    criteria: SearchCriteria
    required: str | None = None
    excluded: str | None = None
    _values: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = {name: getattr(self.criteria, name) for name in _CONDITIONS}
        values |= {"diaries": self.diaries, "required": self.required, "excluded": self.excluded}
        object.__setattr__(
            self, "_values", {name: value for name, value in values.items() if value is not None}
        )

    def statement(self, text: str, **values: Any) -> tuple[str, list[Any]]:
        """The text with the condition on `diary_entries AS e` for `:searched`, and all its values."""
        return bound(text.replace(_PLACE, self._condition()), {**self._values, **values})

    def _condition(self) -> str:
        """Only of what is asked for: a condition that is not there costs the planner no good plan."""
        parts = [_IN_PUBLIC if self.diaries is None else _IN_DIARIES]
        parts += [condition for name, condition in _CONDITIONS.items() if name in self._values]
        if self.criteria.exclude_superseded:
            parts.append("e.superseded_by IS NULL")
        if not self.criteria.include_flagged:
            parts.append("NOT e.injection_risk")
        if self.required is not None:
            parts.append(_WORDED.format("required"))
        if self.excluded is not None:
            parts.append("NOT " + _WORDED.format("excluded"))
        return " AND ".join(parts)
