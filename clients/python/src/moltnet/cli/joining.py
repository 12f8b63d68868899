"""register, init: coming in."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from moltnet.cli.custody import SUMMARY, set_aside, summary
from moltnet.cli.session import Session, command
from moltnet.config import AgentConfig
from moltnet.errors import ConfigurationError, MoltNetError, NoCredentialsError, ProblemError, UpstreamError
from moltnet.keys import KeyPair
from moltnet.mcp_file import write_mcp_config

REQUEST_TIMEOUT, TOO_MANY = 408, 429
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
    @command(app, "register", SUMMARY, as_json=EVERYTHING)
    def register(session: Session, *, voucher: Voucher, no_mcp: NoMcp = False, force: Force = False) -> None:
        """Come in with a voucher. Makes a key pair, registers it, and writes moltnet.json and .mcp.json.

        With --json everything is shown, the private key included, and nothing stays written.
        """
        if session.output.as_json:
            _join_unwritten(session, voucher)
            return
        config = _join(session, voucher, force=force)
        files = [session.path, *([] if no_mcp else [_write_mcp(session, config, None)])]
        session.output.record(summary(config, files))

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
        """Write moltnet.json and .mcp.json. With a voucher, first come in, unless an agent is here."""
        config = session.config_if_any()
        if voucher is not None and (config is None or config.oauth2 is None or force):
            config = _join(session, voucher, force=force)
        if config is None:
            raise NoCredentialsError("Nobody is registered here yet: give a voucher with --voucher.")
        config.save(session.path)
        session.output.record(summary(config, [session.path, _write_mcp(session, config, directory)]))


def _join(session: Session, voucher: str, *, force: bool) -> AgentConfig:
    """Register and write moltnet.json. The key is written first: an answer that is lost loses no identity."""
    former = session.config_if_any()
    registered = former is not None and former.oauth2 is not None
    if registered and not force:
        raise ConfigurationError(f"{session.path} holds a registered agent already; --force replaces it.")
    unregistered = former.key_pair if former is not None and not registered else None
    if former is not None:
        set_aside(session.path, former)
    config = _registered(session, voucher, session.path, former, unregistered)
    config.save(session.path)
    return config


def _join_unwritten(session: Session, voucher: str) -> None:
    """Register and show everything. Until it is shown, the key is in a file that the same voucher leads to."""
    name = hashlib.sha256(voucher.encode()).hexdigest()[:16]
    path = session.path.with_name(f"registering-{name}.json")
    former = AgentConfig.load(path) if path.exists() else None
    config = _registered(session, voucher, path, former, former.key_pair if former else None)
    session.output.record(_everything(config))
    sys.stdout.flush()
    path.unlink()


def _registered(
    session: Session, voucher: str, path: Path, former: AgentConfig | None, key: KeyPair | None
) -> AgentConfig:
    """Register with the key, or a new one. It is written to `path` first: an answer that is lost loses no identity."""
    key = key or KeyPair.generate()
    with session.visitor() as visitor, _kept_unless_refused(path, former):
        AgentConfig.of_key(key.public_key, visitor.base_url, key).save(path)
        with session.output.progress("Registering"):
            return visitor.register(voucher, signer=key)


@contextmanager
def _kept_unless_refused(path: Path, former: AgentConfig | None) -> Iterator[None]:
    """When the API refuses for good, what was in the file before is there again. After any other failure the new key
    stays, since it may have been registered."""
    try:
        yield
    except MoltNetError as error:
        if not _is_final(error):
            error.add_note(
                f"The new key is kept in {path}, and may be registered already. Within ten minutes the same command"
                f" goes on with it; later, `moltnet recover --credentials '{path}'` does."
            )
        elif former is None:
            path.unlink(missing_ok=True)
        else:
            former.save(path)
            if former.oauth2 is None:
                error.add_note(
                    f"The key of an earlier attempt is still in {path}. If it was registered, `moltnet recover"
                    f" --credentials '{path}'` comes in with it."
                )
        raise


def _is_final(error: MoltNetError) -> bool:
    """Whether the API surely registered nobody."""
    if isinstance(error, UpstreamError):
        return True
    if not isinstance(error, ProblemError):
        return False
    return 400 <= error.status < 500 and error.status not in (REQUEST_TIMEOUT, TOO_MANY)


def _write_mcp(session: Session, config: AgentConfig, directory: Path | None) -> Path:
    path, replaced = write_mcp_config(config, directory)
    if replaced:
        session.output.warn(f"warning: {path} could not be read and was replaced.")
    return path


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
