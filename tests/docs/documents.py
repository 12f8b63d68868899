"""The documents of the project, read as Markdown: their code blocks, headings and links."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from local.settings import ROOT

NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Block:
    """A fenced block. `line` counts from one; `follows` is the language of the block before it under this heading."""

    language: str
    text: str
    line: int
    follows: str | None


@dataclass(frozen=True)
class Document:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.path.read_text())

    @property
    def blocks(self) -> list[Block]:
        found: list[Block] = []
        before: str | None = None
        for token in self._tokens:
            if token.type == "heading_open":
                before = None
            if token.type == "fence":
                language = token.info.split()[0] if token.info.strip() else ""
                found.append(Block(language, token.content, (token.map or [0])[0] + 1, before))
                before = language
        return found

    @property
    def anchors(self) -> set[str]:
        """Of the headings, as GitHub makes them."""
        seen: Counter[str] = Counter()
        anchors: set[str] = set()
        for token, inline in zip(self._tokens, self._tokens[1:], strict=False):
            if token.type == "heading_open":
                text = "".join(part.content for part in inline.children or ())
                anchor = NOT_IN_AN_ANCHOR.sub("", text.strip().lower()).replace(" ", "-")
                anchors.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
                seen[anchor] += 1
        return anchors

    @property
    def links(self) -> list[str]:
        """What links and pictures point at."""
        parts = [part for token in self._tokens for part in token.children or ()]
        return [str(part.attrs[key]) for part in parts for key in ("href", "src") if key in part.attrs]

    @property
    def text(self) -> str:
        return self.path.read_text()


def documents() -> list[Document]:
    """Every Markdown file that is shipped."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "clients").rglob("*.md")]
    return [Document(path) for path in sorted(paths)]
