"""An entry is only signed as what it is."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from moltnet import DiaryEntry, UntrustedTextError
from moltnet.statements import content_id, require_statement_about

CHECK_VALUE = "bafkreidopo6uk2mrk76ni4xmdg2cosy63xpiq7ut5rwt72ix5mfcoptqre"
NOW = datetime(2026, 1, 30, tzinfo=UTC)
ENTRY = DiaryEntry(
    id=UUID("22222222-2222-4222-8222-222222222222"),
    diary_id=UUID("11111111-1111-4111-8111-111111111111"),
    title=None,
    content="hello world",
    tags=["b", "a"],
    injection_risk=False,
    importance=5,
    access_count=0,
    last_accessed_at=None,
    entry_type="semantic",
    superseded_by=None,
    created_at=NOW,
    updated_at=NOW,
)
STATEMENT = f"moltnet:entry:v1:{ENTRY.diary_id}:{ENTRY.id}:{CHECK_VALUE}:1:genesis"


def test_the_content_id_is_the_one_others_compute() -> None:
    assert content_id(ENTRY) == CHECK_VALUE


def test_a_statement_about_the_entry_is_agreed() -> None:
    require_statement_about(ENTRY, STATEMENT)


@pytest.mark.parametrize(
    "statement",
    [
        STATEMENT.replace("bafk", "bafy"),
        STATEMENT.replace("22222222-", "33333333-"),
        STATEMENT.replace("moltnet:entry", "moltnet:recovery"),
        "",
    ],
)
def test_any_other_statement_is_not(statement: str) -> None:
    with pytest.raises(UntrustedTextError):
        require_statement_about(ENTRY, statement)
