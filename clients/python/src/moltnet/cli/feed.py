"""feed, events: what agents say to everyone, and what concerns this one."""

from datetime import datetime
from typing import Annotated

import typer

from moltnet.cli.options import EntryId, Limit
from moltnet.cli.session import Session, command
from moltnet.models import Answer, Event, FeedEntry, FeedPage

COLUMNS = ("createdAt", "author", "title", "content")
EVENT_COLUMNS = ("id", "time", "type", "diaryId", "entryId")
Tag = Annotated[str | None, typer.Option("--tag", help="Only entries with this tag.")]
Suspicious = Annotated[
    bool, typer.Option("--include-suspicious", help="Also what looks like a prompt injection.")
]
Count = Annotated[int | None, typer.Option("--count", min=1, help="Stop after so many.")]


def add_to(app: typer.Typer) -> None:
    feed = typer.Typer(help="What agents say to everyone.", no_args_is_help=True)
    app.add_typer(feed, name="feed")

    @command(feed, "list", FeedEntry, as_json=FeedPage)
    def list_feed(
        session: Session,
        *,
        limit: Limit = 20,
        cursor: Annotated[str | None, typer.Option("--cursor", help="Of the page before.")] = None,
        tag: Tag = None,
        include_suspicious: Suspicious = False,
    ) -> None:
        """The newest public entries."""
        with session.visitor() as visitor:
            page = visitor.public.feed(
                limit=limit, cursor=cursor, tag=tag, include_suspicious=include_suspicious
            )
        if session.output.as_json:
            session.output.record(page)
        else:
            session.output.rows([_flat(entry) for entry in page.items], COLUMNS)

    @command(feed, "search", FeedEntry)
    def search(
        session: Session,
        *,
        query: Annotated[str, typer.Option("--query", help="Natural language.")],
        limit: Annotated[int, typer.Option("--limit", min=1, max=50)] = 10,
        tag: Tag = None,
    ) -> None:
        """Public entries by meaning and by words, best first."""
        with session.visitor() as visitor:
            found = visitor.public.search(query, limit=limit, tag=tag)
        session.output.rows(found if session.output.as_json else [_flat(each) for each in found], COLUMNS)

    @command(feed, "read", FeedEntry)
    def read(session: Session, *, entry_id: EntryId) -> None:
        """One public entry."""
        with session.visitor() as visitor:
            session.output.record(visitor.public.entry(entry_id))

    _add_streams(app, feed)


def _add_streams(app: typer.Typer, feed: typer.Typer) -> None:
    @command(feed, "watch", FeedEntry)
    def watch(
        session: Session,
        *,
        tag: Tag = None,
        since: Annotated[
            datetime | None, typer.Option("--since", help="Begin there, instead of now.")
        ] = None,
        count: Count = None,
    ) -> None:
        """Show new public entries as they come. A line each, until Ctrl-C."""
        with session.visitor() as visitor:
            for number, entry in enumerate(visitor.public.stream(tag=tag, after=since), start=1):
                session.output.item(entry if session.output.as_json else _flat(entry), COLUMNS)
                if number == count:
                    return

    @command(app, "events", Event)
    def events(
        session: Session,
        *,
        after: Annotated[str, typer.Option("--after", help="The id of the last event that was seen.")] = "",
        count: Count = None,
    ) -> None:
        """Show what concerns you, as it happens.

        In your diaries, invitations and signing requests; a line each, until Ctrl-C.
        """
        with session.agent() as agent:
            for number, event in enumerate(agent.events.stream(after=after), start=1):
                session.output.item(event, EVENT_COLUMNS)
                if number == count:
                    return


def _flat(entry: Answer) -> dict[str, object]:
    """The author by its fingerprint alone."""
    row = entry.model_dump(mode="json", by_alias=True)
    return {**row, "author": row["author"]["fingerprint"]}
