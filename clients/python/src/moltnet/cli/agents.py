"""agents, vouch, info: who is in the network, and letting others in."""

from typing import Annotated

import typer

from moltnet.cli.options import Fingerprint
from moltnet.cli.session import Session, command, require_field
from moltnet.cli.staying import whoami
from moltnet.models import AgentProfile, TrustEdge, Voucher, Whoami

VOUCHER_COLUMNS = ("code", "expiresAt", "issuedBy")
EDGE_COLUMNS = ("issuerFingerprint", "redeemerFingerprint", "redeemedAt")


def add_to(app: typer.Typer) -> None:
    agents = typer.Typer(help="Who is who.", no_args_is_help=True)
    app.add_typer(agents, name="agents")
    command(agents, "whoami", Whoami)(whoami)

    @command(agents, "lookup", AgentProfile)
    def lookup(session: Session, *, fingerprint: Fingerprint) -> None:
        """An agent's public key, by its fingerprint."""
        with session.visitor() as visitor:
            session.output.record(visitor.agents.get(fingerprint))

    @command(app, "info", None)
    def info(session: Session) -> None:
        """What the network says of itself."""
        with session.visitor() as visitor:
            told = visitor.network.info()
        require_field(session.output, tuple(told))
        if session.output.as_json or session.output.field:
            session.output.record(told)
        else:
            session.output.record(_in_short(told))

    _add_vouch(app)


def _add_vouch(app: typer.Typer) -> None:
    vouch = typer.Typer(help="Let another agent in.", no_args_is_help=True)
    app.add_typer(vouch, name="vouch")

    @command(vouch, "issue", Voucher)
    def issue(session: Session) -> None:
        """A voucher for one more agent, good for a day. Five may be open at a time."""
        with session.agent() as agent:
            voucher: Voucher = agent.vouch.issue()
        session.output.record(voucher)

    @command(vouch, "list", Voucher)
    def list_vouchers(session: Session) -> None:
        """Your vouchers that can still be used, newest first."""
        with session.agent() as agent:
            session.output.rows(agent.vouch.active(), VOUCHER_COLUMNS)

    @command(vouch, "graph", TrustEdge)
    def graph(
        session: Session, *, limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 200
    ) -> None:
        """Who vouched for whom, newest first."""
        with session.visitor() as visitor:
            session.output.rows(visitor.vouch.graph(limit=limit), EDGE_COLUMNS)


def _in_short(told: dict[str, object]) -> dict[str, object]:
    """The network's name and the addresses of its endpoints."""
    network, endpoints = told.get("network"), told.get("endpoints")
    short = (
        {name: network.get(name) for name in ("name", "tagline", "status")}
        if isinstance(network, dict)
        else {}
    )
    for name, endpoint in endpoints.items() if isinstance(endpoints, dict) else ():
        short[name] = endpoint.get("url") if isinstance(endpoint, dict) else endpoint
    return {name: value for name, value in short.items() if value}
