"""The fields of messages: what they hold, what they refuse, and their names on either side."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contracts.diary import (
    CreateEntry,
    Diary,
    EntryFilter,
    NewDiary,
    NewEntry,
    SearchCriteria,
    SearchResult,
)
from shared.contracts.fields import (
    CommaList,
    DiaryName,
    EntryContent,
    EntryTitle,
    Fingerprint,
    Importance,
    Message,
    Offset,
    Signature,
    Tag,
    VoucherCode,
    Weight,
    iso_timestamp,
)
from shared.contracts.identity import Registration

TEXTS = {"name": DiaryName, "title": EntryTitle, "content": EntryContent, "tag": Tag, "message": Message}
LONGEST = {"name": 255, "title": 255, "content": 10_000, "tag": 50, "message": 100_000}
MOMENT = datetime(2026, 1, 30, 10, 0, 0, 123_999, UTC)
IDENTIFIER = UUID("3f2c1c9e-0000-4000-8000-000000000001")


def _accepts(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_accepted_up_to_its_length_in_characters(name: str) -> None:
    assert _accepts(TEXTS[name], "\U0001f511" * LONGEST[name])
    assert not _accepts(TEXTS[name], "x" * (LONGEST[name] + 1))


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800", "\udc00b"], ids=range(4))
@pytest.mark.parametrize("name", [*TEXTS, "signature"])
def test_what_the_database_cannot_hold_is_refused(name: str, text: str) -> None:
    assert not _accepts({**TEXTS, "signature": Signature}[name], text)


@pytest.mark.parametrize("text", [" ", "\n", "\t\r ", "\u3000", "\u2003\u00a0"], ids=range(5))
@pytest.mark.parametrize("name", TEXTS)
def test_blank_text_is_refused(name: str, text: str) -> None:
    assert not _accepts(TEXTS[name], text)


@pytest.mark.parametrize("name", ["name", "content", "tag", "message"])
def test_empty_text_is_refused(name: str) -> None:
    assert not _accepts(TEXTS[name], "")


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=50).filter(str.strip)
)
def test_any_other_text_is_kept_to_the_letter(text: str) -> None:
    for kind in TEXTS.values():
        assert TypeAdapter[str](kind).validate_python(text) == text


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Importance, (1, 10, "7"), (0, 11, 2.5, None)),
        (Offset, (0, 2**31 - 1), (-1, 2**31)),
        (Weight, (0, 1, 0.5), (-0.1, 1.1, float("nan"), float("inf"))),
        (VoucherCode, ("a" * 64, "0" * 64), ("A" * 64, "a" * 63, "a" * 65, "g" * 64, "a" * 64 + "\n")),
        (Signature, ("x", "x" * 88), ("", "x" * 89)),
    ],
)
def test_bounds(kind: Any, good: tuple[object, ...], bad: tuple[object, ...]) -> None:
    assert [value for value in good if not _accepts(kind, value)] == []
    assert [value for value in bad if _accepts(kind, value)] == []


def test_a_fingerprint_is_read_in_any_case_and_kept_in_capitals() -> None:
    adapter = TypeAdapter[str](Fingerprint)
    assert adapter.validate_python("5647-5aa7-5463-474c") == "5647-5AA7-5463-474C"


@pytest.mark.parametrize(
    "text", ["5647-5AA7-5463", "5647-5AA7-5463-474G", "56475AA75463474C", "5647-5AA7-5463-474C\n"]
)
def test_anything_else_is_no_fingerprint(text: str) -> None:
    assert not _accepts(Fingerprint, text)


@pytest.mark.parametrize(
    ("given_value", "read"),
    [
        ("a,b", ["a", "b"]),
        (" a , b ", ["a", "b"]),
        (["a,b"], ["a", "b"]),
        ("a", ["a"]),
        ("a,,b", ["a", "", "b"]),
    ],
)
def test_a_comma_list_is_split_and_trimmed(given_value: object, read: list[str]) -> None:
    assert TypeAdapter[list[str]](Annotated[list[str], CommaList]).validate_python(given_value) == read


@pytest.mark.parametrize("tags", ["a,,b", ",", "", "a,", ",".join(map(str, range(21)))])
def test_a_tag_filter_refuses_empty_and_too_many_tags(tags: str) -> None:
    with pytest.raises(ValidationError):
        EntryFilter(tags=tags)


def test_a_tag_of_an_entry_may_hold_a_comma() -> None:
    assert NewEntry(content="x", tags=["a,b"]).tags == ["a,b"]


def test_the_same_tag_twice_is_one_tag() -> None:
    assert NewEntry(content="x", tags=["b", "a", "b"]).tags == ["b", "a"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, "2026-01-30T10:00:00.123Z"),
        (MOMENT.replace(microsecond=0), "2026-01-30T10:00:00.000Z"),
        (MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30))), "2026-01-30T10:00:00.123Z"),
    ],
)
def test_a_moment_is_told_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert iso_timestamp(moment) == text


def _diary() -> Diary:
    return Diary(
        id=IDENTIFIER,
        owner_id=IDENTIFIER,
        name="n",
        visibility="private",
        signed=False,
        created_at=MOMENT,
        updated_at=MOMENT,
    )


def test_names_are_camel_case_for_http_and_snake_case_on_the_bus() -> None:
    http = ["id", "ownerId", "name", "visibility", "signed", "createdAt", "updatedAt"]
    bus = ["id", "owner_id", "name", "visibility", "signed", "created_at", "updated_at"]
    assert list(_diary().model_dump(by_alias=True)) == http
    assert list(_diary().model_dump()) == bus


def test_a_message_is_read_back_as_it_was_sent() -> None:
    command = CreateEntry(diary_id=IDENTIFIER, content="x", tags=["a"])
    assert CreateEntry.model_validate_json(command.model_dump_json()) == command


def test_registration_and_the_kind_of_search_keep_their_snake_case_on_http() -> None:
    body = {"public_key": "ed25519:xx", "voucher_code": "a" * 64}
    assert Registration.model_validate(body).model_dump(by_alias=True) == body
    result = SearchResult(results=[], total=0, search_type="list")
    assert list(result.model_dump(by_alias=True)) == ["results", "total", "search_type"]


def test_unknown_members_are_dropped() -> None:
    body = {"name": "n", "ownerId": "someone", "signed": True}
    assert NewDiary.model_validate(body).model_dump() == {"name": "n", "visibility": "private"}


def test_defaults_are_those_of_the_contract() -> None:
    entry = NewEntry(content="x")
    assert (entry.importance, entry.entry_type, entry.title, entry.tags) == (5, "semantic", None, None)
    page = EntryFilter()
    assert (page.limit, page.offset) == (20, 0)
    search = SearchCriteria()
    assert (search.limit, search.offset, search.exclude_superseded) == (10, 0, False)
    assert (search.w_relevance, search.w_recency, search.w_importance) == (1, 0, 0)


def test_a_message_does_not_change() -> None:
    with pytest.raises(ValidationError):
        _diary().name = "other"  # type: ignore[misc]
