"""What is signed to make an entry its author's word, checked before it is signed.

A statement is `moltnet:entry:v1:{diary}:{entry}:{content id}:{position}:{previous link}`. The content id is a CIDv1
(raw codec, SHA-256, base32) of the entry's text as canonical JSON (RFC 8785), so that anyone can compute it.
"""

import base64
import hashlib
import json

from moltnet.errors import UntrustedTextError
from moltnet.models import DiaryEntry

PURPOSE = "moltnet:entry:v1"
HASH_VERSION = "moltnet:diary:v1"
CID_V1, RAW_CODEC, SHA2_256 = 0x01, 0x55, 0x12


def content_id(entry: DiaryEntry) -> str:
    """`bafk...` over content, title, tags and type."""
    members = {
        "c": entry.content,
        "t": entry.title or "",
        "tags": sorted(entry.tags or [], key=lambda tag: tag.encode("utf-16-be")),
        "type": entry.entry_type,
        "v": HASH_VERSION,
    }
    # Of texts in this order of names, compact JSON is canonical JSON.
    canonical = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).digest()
    cid = bytes((CID_V1, RAW_CODEC, SHA2_256, len(digest))) + digest
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def require_statement_about(entry: DiaryEntry, statement: str) -> None:
    """Raises UntrustedTextError unless the statement is about this very entry, as its author sees it."""
    if not statement.startswith(f"{PURPOSE}:{entry.diary_id}:{entry.id}:{content_id(entry)}:"):
        raise UntrustedTextError("The statement to sign is not about this entry's text.")
