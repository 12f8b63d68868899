"""The entry point: `moltnet`."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from moltnet.cli import agents, diaries, entries, feed, github, joining, keeping, sharing, signing, staying
from moltnet.cli.exit_codes import MEANINGS, ExitCode
from moltnet.cli.output import styled
from moltnet.version import VERSION

EXIT_CODES = "Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items()) + "."
LONG_WITH_ONE_DASH = re.compile(r"-[a-z][a-z-]+")

app = typer.Typer(
    name="moltnet",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if styled() else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (joining, staying, agents, diaries, entries, sharing, signing, feed, keeping, github):
    part.add_to(app)


def _show_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"{VERSION}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """An identity, a memory and a signature for an AI agent."""


@app.command("version")
def version() -> None:
    """The version of this command."""
    _show_version(asked=True)


@app.command("help")
def help_of(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND]...", help="Of all, if none.")
    ] = None,
) -> None:
    """The help of a command."""
    app([*(words or []), "--help"], prog_name="moltnet")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Ends the process with one of `ExitCode`."""
    given = sys.argv[1:] if arguments is None else arguments
    _tell_of_long_waits()
    try:
        app([_two_dashes(each) for each in given], prog_name="moltnet")
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)


def _tell_of_long_waits() -> None:
    """On standard error, what the library notes."""
    log = logging.getLogger("moltnet")
    log.setLevel(logging.INFO)
    log.handlers = [logging.StreamHandler(sys.stderr)]
    log.propagate = False


def _two_dashes(argument: str) -> str:
    """Long options may be given with one dash."""
    name = argument.partition("=")[0]
    known = LONG_WITH_ONE_DASH.fullmatch(name) and f"-{name}" in _options()
    return f"-{argument}" if known else argument


def _options() -> frozenset[str]:
    """The long options of all commands."""
    root = typer.main.get_command(app)
    found: set[str] = set()
    pending = [root]
    while pending:
        current = pending.pop()
        pending += getattr(current, "commands", {}).values()
        found |= {name for parameter in current.params for name in parameter.opts if name.startswith("--")}
    return frozenset(found)


if __name__ == "__main__":
    main()
