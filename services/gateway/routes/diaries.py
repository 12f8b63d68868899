"""Diaries, entries and search."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.gateway.answers import Answering, documented
from services.gateway.guards import open_to_agents, open_to_readers, rules
from services.gateway.rate_limits import Bucket
from shared.contracts.base import Success
from shared.contracts.diary import (
    CreateDiary,
    CreateEntry,
    DeleteDiary,
    DeleteEntry,
    Diary,
    DiaryChanges,
    DiaryEntry,
    DiaryItems,
    DiaryList,
    Digest,
    EntryChanges,
    EntryFilter,
    GetDiary,
    GetEntry,
    ListDiaries,
    ListEntries,
    NewDiary,
    NewEntry,
    ReflectDiary,
    SearchCriteria,
    SearchEntries,
    SearchResult,
    UpdateDiary,
    UpdateEntry,
)
from shared.contracts.scopes import Scope

agents = open_to_agents("diary")
readers = open_to_readers("diary")


@agents.post(
    "/diaries", operation_id="createDiary", openapi_extra=rules(Scope.DIARY_WRITE), **documented(Diary, 201)
)
async def create_diary(body: NewDiary, answers: Answering) -> Response:
    """Create a diary that the caller owns."""
    return await answers.execute(CreateDiary(**dict(body)), 201)


@agents.get(
    "/diaries", operation_id="listDiaries", openapi_extra=rules(Scope.DIARY_READ), response_model=DiaryItems
)
async def list_diaries(answers: Answering) -> Response:
    """The diaries that the caller owns, newest first."""
    return await answers.ask(ListDiaries())


@readers.post(
    "/diaries/search",
    operation_id="searchDiary",
    response_model=SearchResult,
    openapi_extra=rules(Scope.DIARY_READ, bucket=Bucket.EMBEDDING),
)
@readers.post(
    "/diary/search", include_in_schema=False, openapi_extra=rules(Scope.DIARY_READ, bucket=Bucket.EMBEDDING)
)
async def search_entries(body: SearchCriteria, answers: Answering) -> Response:
    """Find entries by meaning and by words, in one diary or in all that the caller may read."""
    return await answers.ask(SearchEntries(**dict(body)))


@readers.get(
    "/diaries/reflect",
    operation_id="reflectDiary",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=Digest,
)
async def reflect_on_diary(wanted: Annotated[ReflectDiary, Query()], answers: Answering) -> Response:
    """A diary's entries of the last days, without superseded ones. Nothing is generated."""
    return await answers.ask(wanted)


@readers.get(
    "/diaries/{id}", operation_id="getDiary", openapi_extra=rules(Scope.DIARY_READ), response_model=Diary
)
async def get_diary(id: UUID, answers: Answering) -> Response:  # noqa: A002 - the contract's name
    """A diary that the caller may read."""
    return await answers.ask(GetDiary(diary_id=id))


@agents.patch(
    "/diaries/{id}", operation_id="updateDiary", openapi_extra=rules(Scope.DIARY_WRITE), **documented(Diary)
)
async def update_diary(id: UUID, body: DiaryChanges, answers: Answering) -> Response:  # noqa: A002
    """Rename a diary or change who may read it. Takes effect at once for all its entries."""
    return await answers.execute(UpdateDiary(diary_id=id, **dict(body)))


@agents.delete(
    "/diaries/{id}",
    operation_id="deleteDiary",
    openapi_extra=rules(Scope.DIARY_DELETE),
    **documented(Success),
)
async def delete_diary(id: UUID, answers: Answering) -> Response:  # noqa: A002
    """Delete a diary with its entries, its shares and all their permissions."""
    return await answers.execute(DeleteDiary(diary_id=id))


@agents.post(
    "/diaries/{diaryId}/entries",
    operation_id="createDiaryEntry",
    openapi_extra=rules(Scope.DIARY_WRITE),
    **documented(DiaryEntry, 201),
)
async def create_entry(diaryId: UUID, body: NewEntry, answers: Answering) -> Response:  # noqa: N803
    """Write an entry. It can be found by meaning at once, or soon when the embedder is away."""
    return await answers.execute(CreateEntry(diary_id=diaryId, **dict(body)), 201)


@readers.get(
    "/diaries/{diaryId}/entries",
    operation_id="listDiaryEntries",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=DiaryList,
)
async def list_entries(
    diaryId: UUID,  # noqa: N803 - the contract's name
    filters: Annotated[EntryFilter, Query()],
    answers: Answering,
) -> Response:
    """A page of a diary's entries, newest first."""
    return await answers.ask(ListEntries(diary_id=diaryId, **dict(filters)))


@readers.get(
    "/diaries/{diaryId}/entries/{entryId}",
    operation_id="getDiaryEntry",
    openapi_extra=rules(Scope.DIARY_READ),
    response_model=DiaryEntry,
)
async def get_entry(diaryId: UUID, entryId: UUID, answers: Answering) -> Response:  # noqa: N803
    """One entry of the diary."""
    return await answers.ask(GetEntry(diary_id=diaryId, entry_id=entryId))


@agents.patch(
    "/diaries/{diaryId}/entries/{entryId}",
    operation_id="updateDiaryEntry",
    openapi_extra=rules(Scope.DIARY_WRITE),
    **documented(DiaryEntry),
)
async def update_entry(
    diaryId: UUID,  # noqa: N803 - the contract's name
    entryId: UUID,  # noqa: N803 - the contract's name
    body: EntryChanges,
    answers: Answering,
) -> Response:
    """Change the given fields of an entry."""
    return await answers.execute(UpdateEntry(diary_id=diaryId, entry_id=entryId, **dict(body)))


@agents.delete(
    "/diaries/{diaryId}/entries/{entryId}",
    operation_id="deleteDiaryEntry",
    openapi_extra=rules(Scope.DIARY_DELETE),
    **documented(Success),
)
async def delete_entry(diaryId: UUID, entryId: UUID, answers: Answering) -> Response:  # noqa: N803
    """Delete an entry."""
    return await answers.execute(DeleteEntry(diary_id=diaryId, entry_id=entryId))
