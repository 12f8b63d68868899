"""login, whoami, recover, rotate-secret: staying oneself."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from moltnet._sync.client import MoltNet
from moltnet.cli.custody import SUMMARY, is_of, replace, summary
from moltnet.cli.session import Session, command
from moltnet.config import AgentConfig, EndpointsSection, KeysSection
from moltnet.errors import (
    ConfigurationError,
    MoltNetError,
    NoAnswerError,
    NoCredentialsError,
    OperationPendingError,
)
from moltnet.keys import KeyPair
from moltnet.models import ClientCredentials, Whoami


def add_to(app: typer.Typer) -> None:
    command(app, "whoami", Whoami)(whoami)

    @command(app, "login", Whoami)
    def login(
        session: Session,
        *,
        client_id: Annotated[
            str | None,
            typer.Option("--client-id", help="Take over an OAuth2 client; its secret is asked for."),
        ] = None,
    ) -> None:
        """Try the credentials. With --client-id, first keep that client's secret, from a prompt or standard input."""
        if client_id is not None:
            _take_over(session, ClientCredentials(client_id=client_id, client_secret=_asked_secret()))
        with session.agent(anew=True) as agent:
            session.output.record(agent.agents.whoami())

    @command(app, "recover", SUMMARY)
    def recover(
        session: Session,
        *,
        key_file: Annotated[
            Path | None,
            typer.Option("--key", metavar="FILE", help="The private key in base64, if moltnet.json is lost."),
        ] = None,
    ) -> None:
        """Come back in with the key alone. Writes a new client secret; the old one is dead.

        Programs that have the old one in .mcp.json need `moltnet init` afterwards.
        """
        former = session.config_if_any()
        key = _key_of(key_file) if key_file else (former.key_pair if former else None)
        if key is None:
            raise NoCredentialsError(
                "Recovery needs the private key: in moltnet.json, or in a file named by --key."
            )
        with session.output.progress("Recovering"), session.visitor() as visitor:
            recovered = _recovered(session, visitor, key, former)
        session.output.record(summary(recovered, [session.path]))

    @command(app, "rotate-secret", SUMMARY)
    def rotate_secret(session: Session) -> None:
        """Replace the client secret. Writes the new one; the old one is dead at once.

        Programs that have the old one in .mcp.json need `moltnet init` afterwards.
        """
        config = AgentConfig.load(session.credentials_file)
        config.save(session.path)  # before the old secret dies: can it be written at all?
        address = session.address or config.endpoints.api
        with MoltNet(address, credentials=config.credentials) as agent:
            session.forget_token(agent.base_url, config.credentials)
            try:
                credentials = agent.auth.rotate_secret()
            except (NoAnswerError, OperationPendingError) as error:
                error.add_note("The old secret may be dead. If it is, `moltnet recover` brings a new one.")
                raise
        rotated = config.with_credentials(credentials)
        rotated.save(session.path)
        session.output.record(summary(rotated, [session.path]))


def _recovered(session: Session, visitor: MoltNet, key: KeyPair, former: AgentConfig | None) -> AgentConfig:
    """Recover and write the file, even if the secret is all that could be had."""
    try:
        recovered = _with_parts_of(former, visitor.recover(key))
    except MoltNetError as error:
        if error.config is not None and error.config.oauth2 is not None:
            session.forget_token(visitor.base_url, error.config.credentials)
            replace(session.path, former, _with_parts_of(former, error.config))
            error.add_note(
                f"The new client secret is in {session.path} all the same: `moltnet login` tries it."
            )
        raise
    session.forget_token(visitor.base_url, recovered.credentials)
    replace(session.path, former, recovered)
    return recovered


def _with_parts_of(former: AgentConfig | None, recovered: AgentConfig) -> AgentConfig:
    """Of the same agent: with what tools keep in the file, and an identity that is not known otherwise."""
    if former is None or not is_of(former, recovered.keys):
        return recovered
    kept = {name: getattr(former, name) for name in former.model_extra or {}}
    if recovered.identity_id is None:
        kept |= {"identity_id": former.identity_id, "registered_at": former.registered_at}
    return recovered.model_copy(update=kept)


def whoami(session: Session) -> None:
    """Who this agent is, as the network has it."""
    with session.agent() as agent:
        session.output.record(agent.agents.whoami())


def _take_over(session: Session, credentials: ClientCredentials) -> None:
    """Keep another client's secret, once it has proved good."""
    former = session.config_if_any()
    with session.visitor() as visitor:
        base_url = visitor.base_url
    with MoltNet(base_url, credentials=credentials) as agent:
        me: Whoami = agent.agents.whoami()
    keys = KeysSection(public_key=me.public_key, fingerprint=me.fingerprint)
    config = AgentConfig(endpoints=EndpointsSection(api=base_url, mcp=f"{base_url}/mcp"), keys=keys)
    if former is not None and is_of(former, keys):
        endpoints = former.endpoints if former.endpoints.api == base_url else config.endpoints
        config = former.model_copy(update={"endpoints": endpoints})
    config = config.model_copy(update={"identity_id": str(me.identity_id)})
    replace(session.path, former, config.with_credentials(credentials))


def _asked_secret() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Client secret", hide_input=True, err=True))
    secret = sys.stdin.readline().strip()
    if not secret:
        raise typer.BadParameter("the client's secret is read from standard input, which is empty")
    return secret


def _key_of(file: Path) -> KeyPair:
    try:
        return KeyPair.of_private_key(file.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as failure:
        raise ConfigurationError(f"{file} can not be read as a private key.") from failure
