"""An entry's text: what is embedded and what is hashed.

The hash is a CIDv1 (raw codec, SHA-256, base32) of the RFC 8785 canonical JSON of content, title, sorted tags,
type, and a version, so that anyone can compute it.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Protocol, Self

import rfc8785

HASH_VERSION = "moltnet:diary:v1"
CID_V1, RAW_CODEC, SHA2_256 = 0x01, 0x55, 0x12


class HasText(Protocol):
    @property
    def title(self) -> str | None: ...
    @property
    def content(self) -> str: ...
    @property
    def tags(self) -> list[str] | None: ...


@dataclass(frozen=True)
class EntryText:
    """`title` is never empty: an empty one is none."""

    title: str | None
    content: str
    tags: list[str] | None

    @classmethod
    def of(cls, entry: HasText) -> Self:
        return cls(entry.title or None, entry.content, entry.tags)

    def hash(self, entry_type: str) -> str:
        """`bafk...`: the content id. Tags are sorted by UTF-16 code units, as RFC 8785 sorts names."""
        tags = sorted(self.tags or [], key=lambda tag: tag.encode("utf-16-be"))
        members = {
            "c": self.content,
            "t": self.title or "",
            "tags": list(tags),
            "type": str(entry_type),
            "v": HASH_VERSION,
        }
        digest = hashlib.sha256(rfc8785.dumps(members)).digest()
        cid = bytes((CID_V1, RAW_CODEC, SHA2_256, len(digest))) + digest
        return "b" + base64.b32encode(cid).decode().lower().rstrip("=")
