"""What a command shows: JSON when asked for, a table on a terminal, plain lines anywhere else.

Results go to standard output, everything else to standard error. What others wrote is shown without the control
characters that could rule a terminal.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from moltnet.errors import MoltNetError, ProblemError

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]
Shown = BaseModel | Row
Shape = type[BaseModel] | tuple[str, ...]
"""What is known of a result before there is one: its record, or the names of its members."""
DONE = ("success",)
"""The shape of a change that has nothing to show but that it was made."""

HARMLESS = "\n\t"
LONGEST_CELL = 120


@dataclass(frozen=True)
class Output:
    """`field`: show this member alone, a line for each row."""

    as_json: bool = False
    field: str = ""

    def record(self, shown: Shown) -> None:
        """One thing."""
        row = _row(shown)
        if self.field:
            self._fields([row])
        elif self.as_json:
            _print_json(row)
        elif sys.stdout.isatty():
            _print_grid(row)
        else:
            for name, value in row.items():
                sys.stdout.write(f"{name}\t{_line(value)}\n")

    def rows(self, shown: Sequence[Shown], columns: Sequence[str]) -> None:
        """Many things. Columns choose what a table or a line has; JSON has all."""
        rows = [_row(each) for each in shown]
        if self.field:
            self._fields(rows)
        elif self.as_json:
            _print_json(rows)
        elif sys.stdout.isatty():
            _print_table(rows, columns)
        else:
            for row in rows:
                self._plain(row, columns)

    def item(self, shown: Shown, columns: Sequence[str]) -> None:
        """One of a stream of things: a line each, at once."""
        row = _row(shown)
        if self.field:
            self._fields([row])
        elif self.as_json:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            self._plain(row, columns)
        sys.stdout.flush()

    def done(self, sentence: str, **members: Any) -> None:
        """A change that has nothing to show but that it was made."""
        if self.as_json or self.field:
            self.record({"success": True, **members})
        else:
            sys.stdout.write(f"{printable(sentence)}\n")

    def error(self, error: MoltNetError) -> None:
        """Why the command fails."""
        if self.as_json:
            sys.stderr.write(json.dumps({"error": _described(error)}, ensure_ascii=False) + "\n")
            return
        sys.stderr.write(f"error: {printable(str(error))}\n")
        if isinstance(error, ProblemError):
            for each in error.errors:
                sys.stderr.write(f"  {printable(each.field)} {printable(each.message)}\n")
        for note in _notes(error):
            sys.stderr.write(f"{printable(note)}\n")

    def warn(self, sentence: str) -> None:
        sys.stderr.write(f"{printable(sentence)}\n")

    @contextmanager
    def progress(self, sentence: str) -> Iterator[None]:
        """Shown while the work goes on, on a terminal alone."""
        if not sys.stderr.isatty():
            yield
            return
        with _console(stderr=True).status(sentence):
            yield

    def _plain(self, row: Row, columns: Sequence[str]) -> None:
        sys.stdout.write("\t".join(_line(row.get(name)) for name in columns) + "\n")

    def _fields(self, rows: Sequence[Row]) -> None:
        for row in rows:
            value = row.get(self.field)
            exact = isinstance(value, str) and not sys.stdout.isatty()
            sys.stdout.write(f"{value if exact else _text(value)}\n")


def printable(text: str) -> str:
    """Without control characters and direction marks, but for line ends and tabs."""
    return "".join(
        character
        if character in HARMLESS or unicodedata.category(character) not in ("Cc", "Cf")
        else "\ufffd"
        for character in text
    )


def members_of(shape: Shape) -> tuple[str, ...]:
    """The names that `--field` may have."""
    if isinstance(shape, tuple):
        return shape
    return tuple(info.alias or name for name, info in shape.model_fields.items())


def _row(shown: Shown) -> dict[str, Any]:
    if isinstance(shown, BaseModel):
        return shown.model_dump(mode="json", by_alias=True)
    return dict(shown)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return printable(",".join(value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return printable(str(value))


def _line(value: Any) -> str:
    """On one line: line ends and tabs are spaces."""
    return " ".join(_text(value).split())


def _described(error: MoltNetError) -> dict[str, Any]:
    described: dict[str, Any] = {"code": error.code, "message": str(error)}
    if _notes(error):
        described["notes"] = _notes(error)
    if isinstance(error, ProblemError):
        described |= {
            "type": error.type,
            "status": error.status,
            "errors": [{"field": each.field, "message": each.message} for each in error.errors],
            "retryAfter": error.retry_after,
            "requestId": error.request_id,
        }
    return described


def _notes(error: MoltNetError) -> list[str]:
    """What the command has to add to it."""
    return getattr(error, "__notes__", [])


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def styled() -> bool:
    """Whether standard output is a terminal, and its user has nothing against style (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _console(*, stderr: bool = False) -> "Console":
    """With NO_COLOR (no-color.org) no style at all."""
    from rich.console import Console

    return Console(stderr=stderr, color_system=None if os.environ.get("NO_COLOR") else "auto")


def _print_grid(row: Row) -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for name, value in row.items():
        grid.add_row(Text(name, style="bold"), Text(_text(value)))
    _console().print(grid)


def _print_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, no_wrap=name == "id" or name.endswith("Id"))
    for row in rows:
        table.add_row(*(Text(_shortened(_line(row.get(name)))) for name in columns))
    _console().print(table)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "\u2026"
