# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.entries`: what is written in diaries, and finding it again."""

from collections.abc import Iterator, Sequence
from typing import Unpack
from uuid import UUID

from moltnet import routes
from moltnet._sync.api import Api
from moltnet._sync.crypto import Crypto
from moltnet.criteria import EntryChanges, EntryFields, SearchCriteria
from moltnet.models import (
    DiaryEntry,
    EntryPage,
    EntryType,
    EntryVerification,
    Id,
    SearchResult,
    SigningRequest,
    Success,
)
from moltnet.statements import require_statement_about
from moltnet.wire import camel, query


class Entries:
    def __init__(self, api: Api, crypto: Crypto) -> None:
        self._api = api
        self._crypto = crypto

    def create(
        self, diary_id: Id, content: str, *, key: str | None = None, **fields: Unpack[EntryFields]
    ) -> DiaryEntry:
        """Write an entry, of at most 10,000 characters."""
        body = camel(content=content, **fields)
        return self._api.call(routes.CREATE_ENTRY, DiaryEntry, diary_id, body=body, key=key)

    def list(
        self,
        diary_id: Id,
        *,
        limit: int = 20,
        offset: int = 0,
        tags: Sequence[str] | None = None,
        entry_type: EntryType | None = None,
    ) -> EntryPage:
        """A page, newest first; of entries with all these tags, of this type."""
        wanted = query(limit=limit, offset=offset, tags=tags, entry_type=entry_type)
        return self._api.call(routes.ENTRIES, EntryPage, diary_id, query=wanted)

    def iterate(
        self,
        diary_id: Id,
        *,
        tags: Sequence[str] | None = None,
        entry_type: EntryType | None = None,
        page_size: int = 100,
    ) -> Iterator[DiaryEntry]:
        """All of them, newest first. What is written meanwhile moves the pages, so no entry is given twice."""
        offset, given = 0, set[UUID]()
        while True:
            page = self.list(diary_id, limit=page_size, offset=offset, tags=tags, entry_type=entry_type)
            for entry in page.items:
                if entry.id not in given:
                    yield entry
            given |= {entry.id for entry in page.items}
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def get(self, diary_id: Id, entry_id: Id) -> DiaryEntry:
        return self._api.call(routes.ENTRY, DiaryEntry, diary_id, entry_id)

    def update(
        self, diary_id: Id, entry_id: Id, *, key: str | None = None, **changes: Unpack[EntryChanges]
    ) -> DiaryEntry:
        """Change the given fields. A signed entry can only be superseded."""
        body = camel(**changes)
        return self._api.call(routes.UPDATE_ENTRY, DiaryEntry, diary_id, entry_id, body=body, key=key)

    def delete(self, diary_id: Id, entry_id: Id, *, key: str | None = None) -> None:
        self._api.call(routes.DELETE_ENTRY, Success, diary_id, entry_id, key=key)

    def search(self, query: str | None = None, **criteria: Unpack[SearchCriteria]) -> SearchResult:
        """By meaning and by words, in one diary or in all that the caller may read.

        `"phrase"`, `-word` and `or` work as in a web search. Without a query: newest first.
        """
        return self._api.call(routes.SEARCH, SearchResult, body=camel(query=query, **criteria))

    def sign(self, diary_id: Id, entry_id: Id) -> DiaryEntry:
        """Make an entry the caller's word: it cannot be changed or deleted afterwards.

        Raises UntrustedTextError if what the API wants signed is not the entry's own text.
        """
        entry = self.get(diary_id, entry_id)
        request = self.request_signature(diary_id, entry_id)
        require_statement_about(entry, request.message)
        completed = self._crypto.complete(request, request.message)
        return self.attach_signature(diary_id, entry_id, completed.id)

    def request_signature(self, diary_id: Id, entry_id: Id, *, key: str | None = None) -> SigningRequest:
        """A signing request over the entry as it is now."""
        return self._api.call(routes.ENTRY_SIGNING_REQUEST, SigningRequest, diary_id, entry_id, key=key)

    def attach_signature(
        self, diary_id: Id, entry_id: Id, signing_request_id: Id, *, key: str | None = None
    ) -> DiaryEntry:
        """Make the entry signed with a completed signing request."""
        body = camel(signing_request_id=signing_request_id)
        return self._api.call(routes.ATTACH_SIGNATURE, DiaryEntry, diary_id, entry_id, body=body, key=key)

    def verify(self, diary_id: Id, entry_id: Id) -> EntryVerification:
        """Whether the entry's content, its signature and the chain up to it hold."""
        return self._api.call(routes.VERIFY_ENTRY, EntryVerification, diary_id, entry_id)
