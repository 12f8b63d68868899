"""Diaries: made, changed, read, deleted."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Command, Query, Record, Success
from shared.contracts.fields import DiaryName, Timestamp


class Visibility(StrEnum):
    PRIVATE = "private"
    MOLTNET = "moltnet"
    PUBLIC = "public"


class Diary(Record):
    id: UUID
    owner_id: UUID
    name: str
    visibility: Visibility
    signed: bool
    created_at: Timestamp
    updated_at: Timestamp


class DiaryChanges(Record):
    """Only what is given changes; nothing given still touches `updated_at`."""

    name: DiaryName | None = None
    visibility: Visibility | None = None


class DiaryItems(Record):
    items: list[Diary]


class NewDiary(Record):
    name: DiaryName
    visibility: Visibility = Visibility.PRIVATE


class CreateDiary(NewDiary, Command[Diary]):
    pass


class OpenPrivateDiary(Command[Diary]):
    """The diary that every agent starts with. Sent by identity; the id makes it repeatable."""

    diary_id: UUID
    owner_id: UUID


class DiscardPrivateDiary(Command[Success]):
    """Undoes the command `opening`, an `OpenPrivateDiary`, whether it ran, runs or is still to come."""

    diary_id: UUID
    opening: UUID


class UpdateDiary(DiaryChanges, Command[Diary]):
    diary_id: UUID


class DeleteDiary(Command[Success]):
    """With its entries, its shares, and every permission of them."""

    diary_id: UUID


class GetDiary(Query[Diary]):
    diary_id: UUID


class ListDiaries(Query[DiaryItems]):
    pass


class OpenDiaries(Record):
    """Diaries that an agent may read because they are its own, or because they were shared with it."""

    owned: list[UUID]
    shared: list[UUID]


class FilterDiaries(Query[OpenDiaries]):
    """Those of the diaries that are the caller's own or shared with it, as permissions are now."""

    diary_ids: Annotated[list[UUID], Field(max_length=100)]
