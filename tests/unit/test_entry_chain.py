"""Content ids and the chain of signed entries, without any server."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.diary.chain import GENESIS, Statement, first_break
from services.diary.content import EntryText
from shared.contracts.diary import ChainLink

DIARY = UUID("11111111-1111-4111-8111-111111111111")
CHECK_VALUE = "bafkreidopo6uk2mrk76ni4xmdg2cosy63xpiq7ut5rwt72ix5mfcoptqre"


def chain(length: int) -> list[ChainLink]:
    links: list[ChainLink] = []
    previous = GENESIS
    for position in range(1, length + 1):
        link = ChainLink(
            entry_id=uuid4(),
            position=position,
            content_hash=f"bafk{position}",
            previous=previous,
            signature="",
            nonce=uuid4(),
            signed_by=uuid4(),
            signed_at=datetime.now(UTC),
        )
        previous = Statement.of_link(DIARY, link).link
        links.append(link)
    return links


def test_the_content_id_is_the_one_others_compute() -> None:
    assert EntryText(None, "hello world", ["b", "a"]).hash("semantic") == CHECK_VALUE


def test_the_order_of_tags_does_not_change_the_content_id() -> None:
    assert EntryText(None, "hello world", ["a", "b"]).hash("semantic") == CHECK_VALUE


@pytest.mark.parametrize("change", [{"title": "t"}, {"content": "other"}, {"tags": ["c"]}])
def test_every_part_of_the_text_changes_the_content_id(change: dict[str, object]) -> None:
    parts: dict[str, object] = {"title": None, "content": "hello world", "tags": ["a", "b"], **change}
    assert EntryText(**parts).hash("semantic") != CHECK_VALUE  # type: ignore[arg-type]


def test_a_whole_chain_holds() -> None:
    assert first_break(DIARY, chain(4)) is None


def test_a_removed_link_shows_where_it_was() -> None:
    links = chain(4)
    assert first_break(DIARY, [*links[:1], *links[2:]]) == 2


def test_reordered_links_show() -> None:
    links = chain(4)
    assert first_break(DIARY, [links[0], links[2], links[1], links[3]]) == 2


def test_an_altered_link_shows_at_the_next_one() -> None:
    links = chain(3)
    links[1] = links[1].model_copy(update={"content_hash": "bafkforged"})
    assert first_break(DIARY, links) == 3


def test_a_chain_of_another_diary_does_not_fit() -> None:
    assert first_break(uuid4(), chain(2)) == 2
