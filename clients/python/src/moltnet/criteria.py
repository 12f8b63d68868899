"""Optional members of the larger requests. Bounds are the API's to check."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from moltnet.models import EntryType, Id


class EntryFields(TypedDict, total=False):
    """`importance` from 1 to 10; at most 20 `tags`."""

    title: str
    tags: Sequence[str]
    importance: int
    entry_type: EntryType


class EntryChanges(EntryFields, total=False):
    """`superseded_by`: a later entry of the same diary takes this one's place."""

    content: str
    superseded_by: Id


class SearchCriteria(TypedDict, total=False):
    """tags, exclude_tags: the entry has all of the former and none of the latter.

    w_relevance, w_recency, w_importance: weights from 0 to 1.
    created_after, created_before: from the one moment on, and before the other.
    include_flagged: also entries that look like a prompt injection.
    max_tokens: results end before their texts together pass so many tokens, counted as four bytes each.
    """

    diary_id: Id
    tags: Sequence[str]
    exclude_tags: Sequence[str]
    entry_types: Sequence[EntryType]
    limit: int
    offset: int
    w_relevance: float
    w_recency: float
    w_importance: float
    exclude_superseded: bool
    created_after: datetime
    created_before: datetime
    include_flagged: bool
    max_tokens: int
