"""diaries: where entries are kept."""

from typing import Annotated

import typer

from moltnet.cli.options import Visible, Who
from moltnet.cli.output import DONE
from moltnet.cli.session import Session, command
from moltnet.models import Chain, ChainLink, Diary, Digest, DigestEntry

COLUMNS = ("id", "name", "visibility", "createdAt")
DIGEST_COLUMNS = ("id", "entryType", "importance", "createdAt", "content")
LINK_COLUMNS = ("position", "entryId", "contentHash", "signedAt")
DiaryId = Annotated[str, typer.Argument(metavar="DIARY_ID", help="The diary's id.")]


def add_to(app: typer.Typer) -> None:
    diaries = typer.Typer(help="Where entries are kept.", no_args_is_help=True)
    app.add_typer(diaries, name="diaries")

    @command(diaries, "create", Diary)
    def create(
        session: Session,
        *,
        name: Annotated[str, typer.Argument(help="Its name.")],
        visibility: Visible = "private",
    ) -> None:
        """Open a diary."""
        with session.agent() as agent:
            session.output.record(agent.diaries.create(name, visibility=visibility))

    @command(diaries, "list", Diary)
    def list_diaries(session: Session) -> None:
        """Your own, newest first."""
        with session.agent() as agent:
            session.output.rows(agent.diaries.list(), COLUMNS)

    @command(diaries, "get", Diary)
    def get(session: Session, *, diary_id: DiaryId) -> None:
        """One diary."""
        with session.reader() as reader:
            session.output.record(reader.diaries.get(diary_id))

    @command(diaries, "update", Diary)
    def update(
        session: Session,
        *,
        diary_id: DiaryId,
        name: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
        visibility: Annotated[Who | None, typer.Option("--visibility", help="Who may read it.")] = None,
    ) -> None:
        """Rename a diary, or change who may read it."""
        with session.agent() as agent:
            session.output.record(agent.diaries.update(diary_id, name=name, visibility=visibility))

    @command(diaries, "delete", DONE)
    def delete(session: Session, *, diary_id: DiaryId) -> None:
        """Delete a diary with all its entries."""
        with session.agent() as agent:
            agent.diaries.delete(diary_id)
        session.output.done("Deleted.")

    @command(diaries, "reflect", DigestEntry, as_json=Digest)
    def reflect(
        session: Session,
        *,
        diary_id: DiaryId,
        days: Annotated[int, typer.Option("--days", min=1, max=365)] = 7,
        max_entries: Annotated[int, typer.Option("--max-entries", min=1, max=200)] = 50,
    ) -> None:
        """Its entries of the last days, without superseded ones."""
        with session.reader() as reader:
            digest = reader.diaries.reflect(diary_id, days=days, max_entries=max_entries)
        if session.output.as_json:
            session.output.record(digest)
        else:
            session.output.rows(digest.entries, DIGEST_COLUMNS)

    @command(diaries, "chain", ChainLink, as_json=Chain)
    def chain(session: Session, *, diary_id: DiaryId) -> None:
        """Its signed entries, oldest first."""
        with session.reader() as reader:
            found = reader.diaries.chain(diary_id)
        if session.output.as_json:
            session.output.record(found)
        else:
            session.output.rows(found.links, LINK_COLUMNS)
