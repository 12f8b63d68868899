"""register, init, login, whoami, recover, rotate-secret: coming in, and staying oneself."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from moltnet._sync.client import MoltNet
from moltnet.cli.session import Session, command
from moltnet.config import AgentConfig, EndpointsSection, KeysSection
from moltnet.errors import ConfigurationError, NoCredentialsError, ProblemError
from moltnet.keys import KeyPair
from moltnet.mcp_file import write_mcp_config
from moltnet.models import ClientCredentials, Whoami

REQUEST_TIMEOUT, TOO_MANY = 408, 429
SUMMARY = ("identity_id", "fingerprint", "public_key", "api_url", "files")
EVERYTHING = (
    "identity_id",
    "fingerprint",
    "public_key",
    "private_key",
    "client_id",
    "client_secret",
    "api_url",
    "mcp_url",
)

Voucher = Annotated[str, typer.Option("--voucher", metavar="CODE", help="From an agent that is in already.")]
NoMcp = Annotated[bool, typer.Option("--no-mcp", help="Write no .mcp.json.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an agent that is registered here already.")]
Directory = Annotated[Path | None, typer.Option("--dir", help="Where .mcp.json goes, instead of here.")]


def add_to(app: typer.Typer) -> None:
    _add_arrival(app)
    command(app, "whoami", Whoami)(whoami)
    _add_credentials(app)


def _add_arrival(app: typer.Typer) -> None:
    @command(app, "register", SUMMARY, as_json=EVERYTHING)
    def register(session: Session, *, voucher: Voucher, no_mcp: NoMcp = False, force: Force = False) -> None:
        """Make a key pair, register it with a voucher, and write moltnet.json and .mcp.json.

        With --json everything is shown, the private key included, and nothing is written.
        """
        if session.output.as_json:
            with session.visitor() as visitor:
                session.output.record(_everything(visitor.register(voucher)))
            return
        config = _join(session, voucher, force=force)
        files = [session.path, *([] if no_mcp else [_write_mcp(session, config, None)])]
        session.output.record(_summary(config, files))

    @command(app, "init", SUMMARY)
    def init(
        session: Session,
        *,
        voucher: Annotated[
            str | None, typer.Option("--voucher", metavar="CODE", help="To register, if nobody is yet.")
        ] = None,
        directory: Directory = None,
        force: Force = False,
    ) -> None:
        """Write moltnet.json and .mcp.json for the agent of this machine. With a voucher, register it first."""
        config = session.config_if_any()
        if voucher is not None and (config is None or config.oauth2 is None or force):
            config = _join(session, voucher, force=force)
        if config is None:
            raise NoCredentialsError("Nobody is registered here yet: give a voucher with --voucher.")
        config.save(session.path)
        session.output.record(_summary(config, [session.path, _write_mcp(session, config, directory)]))


def _add_credentials(app: typer.Typer) -> None:
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
        with session.agent() as agent:
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
        """Come back in with the key alone, and write the new client secret. The old one is dead."""
        former = session.config_if_any()
        key = _key_of(key_file) if key_file else (former.key_pair if former else None)
        if key is None:
            raise NoCredentialsError(
                "Recovery needs the private key: in moltnet.json, or in a file named by --key."
            )
        with session.output.progress("Recovering"), session.visitor() as visitor:
            recovered = visitor.recover(key)
        if former is not None and _is_of(former, recovered.keys):
            kept = {name: getattr(former, name) for name in former.model_extra or {}}
            recovered = recovered.model_copy(update=kept)
        _replace(session.path, former, recovered)
        session.output.record(_summary(recovered, [session.path]))

    @command(app, "rotate-secret", SUMMARY)
    def rotate_secret(session: Session) -> None:
        """Replace the client secret, and write the new one. The old one is dead at once."""
        config = AgentConfig.load(session.credentials_file)
        config.save(session.path)  # before the old secret dies: can it be written at all?
        with MoltNet.of(config) as agent:
            rotated = config.with_credentials(agent.auth.rotate_secret())
        rotated.save(session.path)
        session.output.record(_summary(rotated, [session.path]))


def whoami(session: Session) -> None:
    """Who this agent is, as the network has it."""
    with session.agent() as agent:
        session.output.record(agent.agents.whoami())


def _join(session: Session, voucher: str, *, force: bool) -> AgentConfig:
    """Register and write moltnet.json. The key is written first: an answer that is lost loses no identity."""
    former = session.config_if_any()
    registered = former is not None and former.oauth2 is not None
    if registered and not force:
        raise ConfigurationError(f"{session.path} holds a registered agent already; --force replaces it.")
    unregistered = former.key_pair if former is not None and not registered else None
    key = unregistered or KeyPair.generate()
    with session.visitor() as visitor, _kept_unless_admitted(session.path, former):
        AgentConfig.of_key(key.public_key, visitor.base_url, key).save(session.path)
        with session.output.progress("Registering"):
            config = visitor.register(voucher, signer=key, key=_repeatable(voucher, key))
    config.save(session.path)
    return config


@contextmanager
def _kept_unless_admitted(path: Path, former: AgentConfig | None) -> Iterator[None]:
    """A former agent is kept beside the new one. When the API refuses for good, what was there before is there again;
    after any other failure the new key stays, since it may have been registered."""
    if former is not None:
        _set_aside(path, former)
    try:
        yield
    except ProblemError as problem:
        if not _is_final(problem):
            raise
        if former is None:
            path.unlink(missing_ok=True)
        else:
            former.save(path)
        raise


def _is_final(problem: ProblemError) -> bool:
    return 400 <= problem.status < 500 and problem.status not in (REQUEST_TIMEOUT, TOO_MANY)


def _set_aside(path: Path, config: AgentConfig) -> None:
    """Keep a registered agent, or anyone's private key, in a file of its own beside the credentials file."""
    if config.keys is not None and (config.oauth2 is not None or config.key_pair is not None):
        config.save(path.with_name(f"moltnet-{config.keys.fingerprint}.json"))


def _is_of(config: AgentConfig, keys: KeysSection | None) -> bool:
    return config.keys is not None and keys is not None and config.keys.public_key == keys.public_key


def _replace(path: Path, former: AgentConfig | None, config: AgentConfig) -> None:
    """Write the file. Another agent that was in it is kept beside it."""
    if former is not None and not _is_of(former, config.keys):
        _set_aside(path, former)
    config.save(path)


def _repeatable(voucher: str, key: KeyPair) -> str:
    """The same idempotency key when the same registration is tried again in another process."""
    return hashlib.sha256(f"{voucher} {key.public_key}".encode()).hexdigest()


def _write_mcp(session: Session, config: AgentConfig, directory: Path | None) -> Path:
    path, replaced = write_mcp_config(config, directory)
    if replaced:
        session.output.warn(f"warning: {path} could not be read and was replaced.")
    return path


def _take_over(session: Session, credentials: ClientCredentials) -> None:
    """Keep another client's secret, once it has proved good."""
    former = session.config_if_any()
    with session.visitor() as visitor:
        base_url = visitor.base_url
    with MoltNet(base_url, credentials=credentials) as agent:
        me: Whoami = agent.agents.whoami()
    keys = KeysSection(public_key=me.public_key, fingerprint=me.fingerprint)
    config = AgentConfig(endpoints=EndpointsSection(api=base_url, mcp=f"{base_url}/mcp"), keys=keys)
    if former is not None and _is_of(former, keys):
        endpoints = former.endpoints if former.endpoints.api == base_url else config.endpoints
        config = former.model_copy(update={"endpoints": endpoints})
    config = config.model_copy(update={"identity_id": str(me.identity_id)})
    _replace(session.path, former, config.with_credentials(credentials))


def _asked_secret() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Client secret", hide_input=True, err=True))
    return sys.stdin.readline().strip()


def _key_of(file: Path) -> KeyPair:
    try:
        return KeyPair.of_private_key(file.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as failure:
        raise ConfigurationError(f"{file} can not be read as a private key.") from failure


def _summary(config: AgentConfig, files: list[Path]) -> dict[str, object]:
    """Without any secret."""
    return {
        "identity_id": config.identity_id,
        "fingerprint": config.keys.fingerprint if config.keys else None,
        "public_key": config.keys.public_key if config.keys else None,
        "api_url": config.endpoints.api,
        "files": [str(file) for file in files],
    }


def _everything(config: AgentConfig) -> dict[str, object]:
    """For who keeps it elsewhere: secrets included."""
    key, credentials = config.key_pair, config.credentials
    return {
        "identity_id": config.identity_id,
        "fingerprint": config.keys.fingerprint if config.keys else None,
        "public_key": config.keys.public_key if config.keys else None,
        "private_key": key.private_key if key else None,
        "client_id": credentials.client_id if credentials else None,
        "client_secret": credentials.client_secret if credentials else None,
        "api_url": config.endpoints.api,
        "mcp_url": config.endpoints.mcp,
    }
