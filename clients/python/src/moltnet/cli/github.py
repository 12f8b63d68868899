"""github: committing and pushing as a GitHub App."""

import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from moltnet.cli.keeping import GIT_MEMBERS, export_key, require_for_git, show_git
from moltnet.cli.session import Session, command
from moltnet.config import AgentConfig, config_directory
from moltnet.git import set_up_git

HOST = "github.com"
SLUG = re.compile(r"[A-Za-z0-9-]+")
GET = "get"


def add_to(app: typer.Typer) -> None:
    github = typer.Typer(help="Git as a GitHub App.", no_args_is_help=True)
    app.add_typer(github, name="github")

    @command(github, "setup", GIT_MEMBERS)
    def setup(
        session: Session,
        *,
        app_slug: Annotated[
            str, typer.Option("--app-slug", metavar="SLUG", help="The app's name in its address at GitHub.")
        ],
        name: Annotated[str | None, typer.Option("--name", help="Instead of <slug>[bot].")] = None,
        app_id: Annotated[str | None, typer.Option("--app-id", metavar="ID", help="For pushing.")] = None,
        installation_id: Annotated[
            str | None, typer.Option("--installation-id", metavar="ID", help="For pushing.")
        ] = None,
        private_key: Annotated[
            Path | None, typer.Option("--private-key", metavar="FILE", help="The app's, in PEM. For pushing.")
        ] = None,
    ) -> None:
        """Make git commit and push as a GitHub App.

        Writes its configuration: commits are the app's bot's, signed with the agent's key, and pushed with its tokens.

        Pushing needs the app's id, its installation's id and its private key, given now or before.
        """
        from moltnet.github import bot_identity

        if not SLUG.fullmatch(app_slug):
            raise typer.BadParameter(
                "letters, digits and hyphens, as in the app's address", param_hint="--app-slug"
            )
        require_for_git(name)
        identity = bot_identity(app_slug, name)
        config = export_key(AgentConfig.load(session.credentials_file), None)
        config = config.with_section(
            "github",
            app_slug=app_slug,
            **({"app_id": app_id} if app_id else {}),
            **({"installation_id": installation_id} if installation_id else {}),
            **({"private_key_path": str(private_key.absolute())} if private_key else {}),
        )
        ready = set_up_git(
            config, config_directory(), identity, helpers={f"https://{HOST}": _helper(session)}
        )
        ready.save(session.path)
        show_git(session, ready)

    @command(github, "credential-helper", None)
    def credential_helper(
        session: Session,
        *,
        operation: Annotated[
            str | None, typer.Argument(metavar="[get|store|erase]", help="As git calls it.")
        ] = None,
    ) -> None:
        """Print a fresh token for git. In the form of its credential helpers (gitcredentials(7))."""
        from moltnet.github import GitHubApp

        if operation not in (None, GET) or (operation == GET and not _is_asked_for(sys.stdin.read())):
            return
        token = GitHubApp.of(AgentConfig.load(session.credentials_file)).installation_token()
        sys.stdout.write(f"username=x-access-token\npassword={token}\n")


def _is_asked_for(attributes: str) -> bool:
    """Whether git wants to go to GitHub by HTTPS: a token of GitHub's is for nobody else."""
    return {"protocol=https", f"host={HOST}"} <= set(attributes.splitlines())


def _helper(session: Session) -> str:
    path = str(session.path.absolute())
    words = [sys.executable, "-m", "moltnet", "github", "credential-helper", "--credentials", path]
    return f"!{shlex.join(words)}"
