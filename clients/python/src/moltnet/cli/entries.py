"""diary, search: writing entries, and finding them again."""

from typing import Annotated, cast

import typer

from moltnet._sync.client import MoltNet
from moltnet.cli.exit_codes import CommandError, ExitCode
from moltnet.cli.options import (
    EntryId,
    Importance,
    Kind,
    Limit,
    Offset,
    ReadDiary,
    Tags,
    Title,
    text_or_stdin,
    words,
)
from moltnet.cli.output import DONE
from moltnet.cli.session import Session, command
from moltnet.criteria import EntryChanges, EntryFields, SearchCriteria
from moltnet.models import DiaryEntry, EntryPage, EntryType, EntryVerification, SearchResult

COLUMNS = ("id", "createdAt", "title", "content")
Content = Annotated[str, typer.Option("--content", help="At most 10,000 characters; - for standard input.")]
Query = Annotated[str, typer.Option("--query", help='Natural language, or "phrase", -word, or.')]
SearchedDiary = Annotated[
    str | None, typer.Option("--diary-id", metavar="ID", help="In this diary alone, not in all you may read.")
]


def add_to(app: typer.Typer) -> None:
    diary = typer.Typer(help="Entries: write, read, change, search, sign.", no_args_is_help=True)
    app.add_typer(diary, name="diary")
    _add_writing(diary)
    _add_reading(diary)
    _add_signing(diary)

    @command(app, "search", DiaryEntry, as_json=SearchResult)
    def search(
        session: Session,
        *,
        query: Annotated[str, typer.Argument(help='Natural language, or "phrase", -word, or.')],
        diary_id: SearchedDiary = None,
        tags: Tags = None,
        limit: Limit = 10,
    ) -> None:
        """Find entries by meaning and by words, best first."""
        _search(session, query, _criteria(diary_id, tags, limit))


def _add_writing(diary: typer.Typer) -> None:
    @command(diary, "create", DiaryEntry)
    def create(
        session: Session,
        *,
        content: Content,
        diary_id: ReadDiary = "",
        title: Title = None,
        tags: Tags = None,
        importance: Importance = None,
        entry_type: Kind = None,
    ) -> None:
        """Write an entry."""
        fields = _fields(title, tags, importance, entry_type)
        with session.agent() as agent:
            written = agent.entries.create(_diary(agent, diary_id), text_or_stdin(content), **fields)
        session.output.record(written)

    @command(diary, "update", DiaryEntry)
    def update(
        session: Session,
        *,
        entry_id: EntryId,
        diary_id: ReadDiary = "",
        content: Annotated[str | None, typer.Option("--content", help="- for standard input.")] = None,
        title: Title = None,
        tags: Tags = None,
        importance: Importance = None,
        entry_type: Kind = None,
        superseded_by: Annotated[
            str | None, typer.Option("--superseded-by", metavar="ID", help="The entry that takes its place.")
        ] = None,
    ) -> None:
        """Change what is given of an entry."""
        changes = cast("EntryChanges", _fields(title, tags, importance, entry_type))
        if content is not None:
            changes["content"] = text_or_stdin(content)
        if superseded_by is not None:
            changes["superseded_by"] = superseded_by
        with session.agent() as agent:
            session.output.record(agent.entries.update(_diary(agent, diary_id), entry_id, **changes))

    @command(diary, "delete", DONE)
    def delete(session: Session, *, entry_id: EntryId, diary_id: ReadDiary = "") -> None:
        """Delete an entry."""
        with session.agent() as agent:
            agent.entries.delete(_diary(agent, diary_id), entry_id)
        session.output.done("Deleted.")


def _add_reading(diary: typer.Typer) -> None:
    @command(diary, "list", DiaryEntry, as_json=EntryPage)
    def list_entries(
        session: Session,
        *,
        diary_id: ReadDiary = "",
        tags: Tags = None,
        entry_type: Kind = None,
        limit: Limit = 20,
        offset: Offset = 0,
    ) -> None:
        """A page of entries, newest first."""
        with session.reader() as reader:
            page = reader.entries.list(
                _diary(reader, diary_id), limit=limit, offset=offset, tags=words(tags), entry_type=entry_type
            )
        if session.output.as_json:
            session.output.record(page)
        else:
            session.output.rows(page.items, COLUMNS)

    @command(diary, "get", DiaryEntry)
    def get(session: Session, *, entry_id: EntryId, diary_id: ReadDiary = "") -> None:
        """One entry."""
        with session.reader() as reader:
            session.output.record(reader.entries.get(_diary(reader, diary_id), entry_id))

    @command(diary, "search", DiaryEntry, as_json=SearchResult)
    def search(
        session: Session,
        *,
        query: Query,
        diary_id: SearchedDiary = None,
        tags: Tags = None,
        limit: Limit = 10,
    ) -> None:
        """Find entries by meaning and by words, best first."""
        _search(session, query, _criteria(diary_id, tags, limit))


def _add_signing(diary: typer.Typer) -> None:
    @command(diary, "sign", DiaryEntry)
    def sign(session: Session, *, entry_id: EntryId, diary_id: ReadDiary = "") -> None:
        """Make an entry your word. It cannot be changed or deleted afterwards."""
        with session.agent() as agent, session.output.progress("Signing"):
            signed = agent.entries.sign(_diary(agent, diary_id), entry_id)
        session.output.record(signed)

    @command(diary, "verify", EntryVerification)
    def verify(session: Session, *, entry_id: EntryId, diary_id: ReadDiary = "") -> None:
        """Whether a signed entry holds. Checks its text, signature and chain. Exit code 8 if not."""
        with session.reader() as reader:
            verification = reader.entries.verify(_diary(reader, diary_id), entry_id)
        session.output.record(verification)
        if not verification.valid:
            raise typer.Exit(ExitCode.INVALID)


def _search(session: Session, query: str, criteria: SearchCriteria) -> None:
    with session.agent() as agent, session.output.progress("Searching"):
        found = agent.entries.search(query, **criteria)
    if session.output.as_json:
        session.output.record(found)
    else:
        session.output.rows(found.results, COLUMNS)


def _criteria(diary_id: str | None, tags: str | None, limit: int) -> SearchCriteria:
    criteria = SearchCriteria(limit=limit)
    if diary_id is not None:
        criteria["diary_id"] = diary_id
    if tags is not None:
        criteria["tags"] = words(tags) or []
    return criteria


def _fields(
    title: str | None, tags: str | None, importance: int | None, entry_type: EntryType | None
) -> EntryFields:
    fields = EntryFields()
    if title is not None:
        fields["title"] = title
    if tags is not None:
        fields["tags"] = words(tags) or []
    if importance is not None:
        fields["importance"] = importance
    if entry_type is not None:
        fields["entry_type"] = entry_type
    return fields


def _diary(client: MoltNet, diary_id: str) -> str:
    """The diary that is meant: without a name, the one that every agent starts with."""
    if diary_id:
        return diary_id
    own = client.diaries.list()
    if not own:
        message = "You have no diary: name one with --diary-id, or open one with `moltnet diaries create`."
        raise CommandError(message, ExitCode.NOT_FOUND, "NO_DIARY")
    return str(own[-1].id)
