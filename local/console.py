"""The stack's progress as calm, aligned lines on a terminal or in a log."""

import sys
import time
from pathlib import Path
from typing import TextIO

from local.environment import Environment

_CLEAR_LINE = "\r\x1b[K"
_COLOURS = {"ready": "\x1b[32m", "done": "\x1b[32m", "stopped": "\x1b[2m", "notice": "\x1b[33m"}
_PLAIN = "\x1b[0m"


class Console:
    """A `Reporter` that prints one line per step, with the seconds it took.

    On a terminal there are colours, and a last line that says what is being waited for.
    """

    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        self._live = output.isatty()
        self._under_way: dict[str, float] = {}

    def began(self, step: str) -> None:
        self._under_way[step] = time.monotonic()
        self._show_under_way()

    def ended(self, step: str, word: str, detail: str = "") -> None:
        seconds = time.monotonic() - self._under_way.pop(step, time.monotonic())
        line = f"  {step:<12}{self._coloured(f'{word:<9}', word)}{seconds:6.1f} s   {detail}"
        self._line(line.rstrip())
        self._show_under_way()

    def notice(self, sentence: str) -> None:
        self._line(f"  {self._coloured(sentence, 'notice')}")
        self._show_under_way()

    def welcome(self, data_dir: Path) -> None:
        self._line(f"\nMoltNet on one machine; its data live in {_short(data_dir)}\n")

    def introduce(self, environment: Environment, voucher: str, data_dir: Path) -> None:
        """What a newcomer needs now that everything runs."""
        self._line(f"""
MoltNet is up.

  API       {environment.base_url}
  Docs      {environment.base_url}/docs
  MCP       {environment.mcp_url}
  Voucher   {voucher}

  It lets one agent register. More: make voucher.  Addresses of the parts: make env.
  Logs are in {_short(data_dir / "log")}.  Ctrl-C stops everything; the data stay.
""")

    def goodbye(self) -> None:
        self._line("\nStopping; Ctrl-C again hurries.\n")

    def farewell(self) -> None:
        self._line("\nEverything has stopped. The data stay; `make up` finds them again.")

    def _line(self, text: str) -> None:
        print(f"{_CLEAR_LINE if self._live else ''}{text}", file=self._output, flush=True)

    def _show_under_way(self) -> None:
        if self._live:
            text = f"  ... {', '.join(self._under_way)}" if self._under_way else ""
            print(f"{_CLEAR_LINE}{text}", end="", file=self._output, flush=True)

    def _coloured(self, text: str, kind: str) -> str:
        return f"{_COLOURS[kind]}{text}{_PLAIN}" if self._live and kind in _COLOURS else text


def _short(path: Path) -> str:
    """Relative to where the reader stands, when it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
