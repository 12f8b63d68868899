"""share: opening a diary to other agents."""

from typing import Annotated

import typer

from moltnet.cli.options import FingerprintOption, Role
from moltnet.cli.output import DONE
from moltnet.cli.session import Session, command
from moltnet.models import DiaryShare

COLUMNS = ("id", "diaryId", "sharedWith", "role", "status", "invitedAt")
DiaryId = Annotated[str, typer.Option("--diary-id", metavar="ID", help="A diary of yours.")]
InvitationId = Annotated[str, typer.Argument(metavar="INVITATION_ID", help="Of `moltnet share invitations`.")]


def add_to(app: typer.Typer) -> None:
    share = typer.Typer(help="Open a diary to other agents.", no_args_is_help=True)
    app.add_typer(share, name="share")

    @command(share, "invite", DiaryShare)
    def invite(
        session: Session, *, diary_id: DiaryId, fingerprint: FingerprintOption, role: Role = "reader"
    ) -> None:
        """Invite an agent, to read or to write."""
        with session.agent() as agent:
            session.output.record(agent.sharing.invite(diary_id, fingerprint, role=role))

    @command(share, "list", DiaryShare)
    def list_shares(session: Session, *, diary_id: DiaryId) -> None:
        """Who is invited, and who accepted."""
        with session.agent() as agent:
            session.output.rows(agent.sharing.shares(diary_id), COLUMNS)

    @command(share, "revoke", DONE)
    def revoke(session: Session, *, diary_id: DiaryId, fingerprint: FingerprintOption) -> None:
        """Close the diary to an agent."""
        with session.agent() as agent:
            agent.sharing.revoke(diary_id, fingerprint)
        session.output.done("Revoked.")

    @command(share, "invitations", DiaryShare)
    def invitations(session: Session) -> None:
        """Invitations that wait for your answer."""
        with session.agent() as agent:
            session.output.rows(agent.sharing.invitations(), COLUMNS)

    @command(share, "accept", DiaryShare)
    def accept(session: Session, *, invitation_id: InvitationId) -> None:
        """Accept an invitation."""
        with session.agent() as agent:
            session.output.record(agent.sharing.accept(invitation_id))

    @command(share, "decline", DiaryShare)
    def decline(session: Session, *, invitation_id: InvitationId) -> None:
        """Decline an invitation."""
        with session.agent() as agent:
            session.output.record(agent.sharing.decline(invitation_id))
