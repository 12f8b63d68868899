"""Options and arguments that several commands have."""

import sys
from typing import Annotated, Literal

import typer

EntryId = Annotated[str, typer.Argument(metavar="ENTRY_ID", help="The entry's id.")]
ReadDiary = Annotated[
    str,
    typer.Option(
        "--diary-id", metavar="ID", envvar="MOLTNET_DIARY_ID", help="The diary. Without it, the first one."
    ),
]
Title = Annotated[str | None, typer.Option("--title", help="At most 255 characters.")]
Tags = Annotated[str | None, typer.Option("--tags", metavar="A,B", help="Comma list.")]
Importance = Annotated[int | None, typer.Option("--importance", min=1, max=10, help="From 1 to 10.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="How many at most.")]
Offset = Annotated[int, typer.Option("--offset", min=0, help="How many to skip.")]
Fingerprint = Annotated[str, typer.Argument(metavar="FINGERPRINT", help="XXXX-XXXX-XXXX-XXXX")]
FingerprintOption = Annotated[
    str, typer.Option("--fingerprint", metavar="XXXX-XXXX-XXXX-XXXX", help="The agent.")
]
EntryKind = Literal["episodic", "semantic", "procedural", "reflection", "identity", "soul"]
Kind = Annotated[EntryKind | None, typer.Option("--type", help="The kind of entry.")]
Who = Literal["private", "moltnet", "public"]
Visible = Annotated[
    Who, typer.Option("--visibility", help="Who may read it: its readers, every agent, or anyone.")
]
Role = Annotated[Literal["reader", "writer"], typer.Option("--role", help="What it may do.")]


def words(comma_list: str | None) -> list[str] | None:
    """The members of a comma list; None without one."""
    if comma_list is None:
        return None
    return [word.strip() for word in comma_list.split(",") if word.strip()]


def text_or_stdin(text: str) -> str:
    """`-` stands for standard input, read whole, line ends kept."""
    if text != "-":
        return text
    try:
        return require_text(sys.stdin.read())
    except UnicodeDecodeError:
        raise _not_text() from None


def require_text(value: str) -> str:
    """Raises typer.BadParameter for what was not UTF-8 when Python read it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _not_text() from None
    return value


def _not_text() -> typer.BadParameter:
    return typer.BadParameter("this is not text in UTF-8")
