"""What every command has: where the API is, who calls it, and how to show the result.

A command is a function whose first parameter is the `Session`; its other parameters are the command's own. `command`
adds the options that all commands have in common.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from moltnet._sync.client import MoltNet
from moltnet.address import web_address
from moltnet.cli.exit_codes import exit_code_of
from moltnet.cli.options import require_text
from moltnet.cli.output import Output, Shape, members_of
from moltnet.cli.token_files import TokenFiles, token_files
from moltnet.config import AgentConfig, api_url, config_path
from moltnet.errors import ConfigurationError, MoltNetError, NoCredentialsError
from moltnet.models import ClientCredentials
from moltnet.settings import ClientSettings

P = ParamSpec("P")
COMMON: dict[str, Any] = {
    "as_json": Annotated[bool, typer.Option("--json", help="Show the result as JSON.")],
    "only_field": Annotated[
        str, typer.Option("--field", metavar="NAME", help="Show this member of the result alone.")
    ],
    "api_address": Annotated[
        str,
        typer.Option(
            "--api-url",
            metavar="URL",
            envvar="MOLTNET_API_URL",
            help="Where the API is, instead of the usual place.",
        ),
    ],
    "credentials_file": Annotated[
        Path | None,
        typer.Option("--credentials", metavar="FILE", help="The credentials file, instead of the usual one."),
    ],
}
DEFAULTS: dict[str, Any] = {"as_json": False, "only_field": "", "api_address": "", "credentials_file": None}
Function = Callable[Concatenate["Session", P], None]


@dataclass(frozen=True)
class Session:
    """One run of a command."""

    output: Output
    address: str = ""
    credentials_file: Path | None = field(default=None)
    tokens: TokenFiles | None = field(default_factory=token_files)

    def agent(self, *, anew: bool = False) -> MoltNet:
        """As the agent of this machine, with an earlier command's access token unless `anew`.

        Raises NoCredentialsError.
        """
        settings = ClientSettings(token_store=None if anew else self.tokens)
        return MoltNet.connect(self.credentials_file, base_url=self.address or None, settings=settings)

    def forget_token(self, base_url: str, credentials: ClientCredentials | None) -> None:
        """Once its client has another secret."""
        if self.tokens is not None and credentials is not None:
            self.tokens.forget(base_url, credentials.client_id)

    def visitor(self) -> MoltNet:
        """Without credentials."""
        return MoltNet(self.address or api_url(config=self.config_if_any()))

    def reader(self) -> MoltNet:
        """As the agent if there is one: what is public can be read by anyone."""
        try:
            return self.agent()
        except NoCredentialsError:
            return self.visitor()

    def config_if_any(self) -> AgentConfig | None:
        try:
            return AgentConfig.load(self.credentials_file)
        except NoCredentialsError:
            return None

    @property
    def path(self) -> Path:
        """Where credentials are written."""
        return self.credentials_file or config_path()


def command(
    app: typer.Typer, name: str, shows: Shape | None, *, as_json: Shape | None = None
) -> Callable[[Function[P]], Function[P]]:
    """Register a command. Its docstring is its help; what the library raises becomes a message and an exit code.

    `shows` is the form of its result, or of each row; None if only the API knows it. `as_json`: where `--json` shows
    another. A `--field` that the result cannot have is refused before anything is done.
    """

    def register(function: Function[P]) -> Function[P]:
        @functools.wraps(function)
        def run(**arguments: Any) -> None:
            common = {option: arguments.pop(option) for option in COMMON}
            for value in arguments.values():
                if isinstance(value, str):
                    require_text(value)
            output = Output(common["as_json"], common["only_field"])
            require_field(output, (as_json if output.as_json else None) or shows)
            session = Session(output, _address(common["api_address"]), common["credentials_file"])
            try:
                function(session, **arguments)  # type: ignore[call-arg]
            except MoltNetError as error:
                output.error(error)
                raise typer.Exit(exit_code_of(error)) from None

        _describe(run, function)
        app.command(name)(run)
        return function

    return register


def require_field(output: Output, shape: Shape | None) -> None:
    """Raises typer.BadParameter for a `--field` that a result of this form does not have."""
    if output.field and shape is not None and output.field not in members_of(shape):
        known = ", ".join(members_of(shape))
        raise typer.BadParameter(
            f"there is no {output.field!r} in the result, but {known}", param_hint="--field"
        )


def _address(given: str) -> str:
    try:
        return web_address(given) if given else ""
    except ConfigurationError as error:
        raise typer.BadParameter(str(error), param_hint="--api-url") from None


def _describe(run: Callable[..., None], function: Callable[..., None]) -> None:
    """Let typer see the function's own parameters, and the common ones after them."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    for option, hint in COMMON.items():
        hints[option] = hint
        parameters.append(
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS[option], annotation=hint
            )
        )
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: hints[each.name] for each in parameters}
    del run.__wrapped__  # type: ignore[attr-defined]
