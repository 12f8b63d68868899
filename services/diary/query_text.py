"""What a person means by a search text: plain words, `"phrases"`, and `-excluded` words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PART = re.compile(r'(?P<minus>(?:-(?!-))?)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_ALTERNATIVE = "or"


@dataclass(frozen=True)
class QueryText:
    """`wanted` is what to look for, without excluded words; `excluded` is a web-search text of those.

    An option such as `--force` is looked for.
    """

    wanted: str
    excluded: str

    @classmethod
    def parse(cls, text: str) -> "QueryText":
        wanted: list[str] = []
        excluded: list[str] = []
        for part in _PART.finditer(text):
            phrase = part["phrase"]
            written = f'"{phrase}"' if phrase is not None else part["word"]
            if part["minus"] and written not in ("", '""'):
                excluded.append(written)
            else:
                wanted.append(written)
        return cls(" ".join(wanted), " or ".join(excluded))

    @property
    def words(self) -> str:
        """The wanted text without quotes, as a model reads it."""
        return self.wanted.replace('"', " ").strip()

    @property
    def phrases(self) -> list[str]:
        """What is quoted of the wanted text."""
        return [part["phrase"] for part in _PART.finditer(self.wanted) if (part["phrase"] or "").strip()]

    @property
    def exclusions(self) -> list[str]:
        """Each excluded word or phrase, without quotes."""
        return [part["phrase"] or part["word"] for part in _unconnected(self.excluded)]

    @property
    def alternatives(self) -> list[str]:
        """The wanted text cut at each `or` outside of quotes; without any it is one piece. Without quotes."""
        pieces: list[list[str]] = [[]]
        for part in _PART.finditer(self.wanted):
            if (part["word"] or "").lower() == _ALTERNATIVE:
                pieces.append([])
            else:
                pieces[-1].append(part["phrase"] if part["word"] is None else part["word"])
        return [" ".join(piece) for piece in pieces]


def _unconnected(text: str) -> Iterator[re.Match[str]]:
    return (part for part in _PART.finditer(text) if part["word"] != _ALTERNATIVE)
