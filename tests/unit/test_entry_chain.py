"""Content ids, and the link of a signed entry."""

import hashlib
from uuid import UUID

import pytest

from services.diary.chain import GENESIS, Statement
from services.diary.content import EntryText

CHECK_VALUE = "bafkreidopo6uk2mrk76ni4xmdg2cosy63xpiq7ut5rwt72ix5mfcoptqre"


def test_the_content_id_is_the_one_others_compute() -> None:
    assert EntryText(None, "hello world", ["b", "a"]).hash("semantic") == CHECK_VALUE


def test_the_order_of_tags_does_not_change_the_content_id() -> None:
    assert EntryText(None, "hello world", ["a", "b"]).hash("semantic") == CHECK_VALUE


@pytest.mark.parametrize("change", [{"title": "t"}, {"content": "other"}, {"tags": ["c"]}])
def test_every_part_of_the_text_changes_the_content_id(change: dict[str, object]) -> None:
    parts: dict[str, object] = {"title": None, "content": "hello world", "tags": ["a", "b"], **change}
    assert EntryText(**parts).hash("semantic") != CHECK_VALUE  # type: ignore[arg-type]


def test_a_link_is_the_hash_of_the_statement_that_was_signed() -> None:
    diary, entry = UUID(int=1), UUID(int=2)
    statement = Statement(diary, entry, CHECK_VALUE, 1, GENESIS)
    assert str(statement) == f"moltnet:entry:v1:{diary}:{entry}:{CHECK_VALUE}:1:genesis"
    assert statement.link == hashlib.sha256(str(statement).encode()).hexdigest()
