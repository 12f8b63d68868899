"""ssh-key, git, config: what is kept on this machine."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from moltnet.cli.session import Session, command
from moltnet.config import AgentConfig, config_directory
from moltnet.errors import ConfigurationError
from moltnet.git import GitIdentity, set_up_git
from moltnet.repair import repair_config
from moltnet.ssh import export_ssh_key

COLUMNS = ("field", "problem", "action")
SSH_MEMBERS = ("private_key_path", "public_key_path")
GIT_MEMBERS = ("name", "email", "signing", "config_path")


def add_to(app: typer.Typer) -> None:
    @command(app, "ssh-key", SSH_MEMBERS)
    def ssh_key(
        session: Session,
        *,
        output_dir: Annotated[
            Path | None, typer.Option("--output-dir", metavar="DIR", help="Instead of ~/.config/moltnet/ssh.")
        ] = None,
    ) -> None:
        """Write the agent's key as an SSH key."""
        exported = export_key(AgentConfig.load(session.credentials_file), output_dir)
        exported.save(session.path)
        session.output.record(exported.section("ssh") or {})

    git = typer.Typer(help="Git as the agent.", no_args_is_help=True)
    app.add_typer(git, name="git")

    @command(git, "setup", GIT_MEMBERS)
    def setup(
        session: Session,
        *,
        name: Annotated[str | None, typer.Option("--name", help="Instead of moltnet-agent-<id>.")] = None,
        email: Annotated[
            str | None, typer.Option("--email", help="Instead of <id>@agents.themolt.net.")
        ] = None,
    ) -> None:
        """Make git sign with the agent's key. Writes its configuration; needs `ssh-key` first."""
        require_for_git(name, email)
        config = AgentConfig.load(session.credentials_file)
        ready = set_up_git(config, config_directory(), GitIdentity.of(config, name, email))
        ready.save(session.path)
        show_git(session, ready)

    config_group = typer.Typer(help="The credentials file.", no_args_is_help=True)
    app.add_typer(config_group, name="config")

    @command(config_group, "repair", COLUMNS)
    def repair(
        session: Session,
        *,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done.")] = False,
    ) -> None:
        """Check the file, and mend what can be mended."""
        issues = repair_config(session.credentials_file, dry_run=dry_run)
        session.output.rows([vars(issue) for issue in issues], COLUMNS)


def export_key(config: AgentConfig, directory: Path | None) -> AgentConfig:
    """Into `~/.config/moltnet/ssh`, unless told otherwise."""
    return export_ssh_key(config, (directory or config_directory() / "ssh").absolute())


def require_for_git(name: str | None, email: str | None = None) -> None:
    """Raises typer.BadParameter for what git can not hold."""
    try:
        GitIdentity(name or "name", email or "address")
    except ConfigurationError as error:
        raise typer.BadParameter(str(error)) from None


def show_git(session: Session, config: AgentConfig) -> None:
    """The `git` section, and how to make git read the file."""
    section = config.section("git") or {}
    session.output.record(section)
    session.output.warn(f"export GIT_CONFIG_GLOBAL={shlex.quote(str(section['config_path']))}")
