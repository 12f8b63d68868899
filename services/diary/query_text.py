"""What a person means by a search text: plain words, `"phrases"`, and `-excluded` words."""

import re
from dataclasses import dataclass

_PART = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


@dataclass(frozen=True)
class QueryText:
    """`wanted` is what to look for, without excluded words; `excluded` is a web-search text of those."""

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
