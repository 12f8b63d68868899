"""What an agent signs to make an entry its word, and how signed entries hang together.

The statement names the diary, the entry, its content hash, its place in the diary's chain, and the link before.
A link is the SHA-256 of a statement, so that leaving out, altering or reordering signed entries breaks the chain
at the place. The signature itself is a signing request's: over `{statement}.{nonce}`.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.diary import ChainLink

PURPOSE = "moltnet:entry:v1"
GENESIS = "genesis"


@dataclass(frozen=True)
class Statement:
    """Pure text: every part has a form without `:` but the purpose, so it reads one way only."""

    diary_id: UUID
    entry_id: UUID
    content_hash: str
    position: int
    previous: str

    @classmethod
    def of_link(cls, diary_id: UUID, link: ChainLink) -> "Statement":
        return cls(diary_id, link.entry_id, link.content_hash, link.position, link.previous)

    def __str__(self) -> str:
        return (
            f"{PURPOSE}:{self.diary_id}:{self.entry_id}:{self.content_hash}:{self.position}:{self.previous}"
        )

    @property
    def link(self) -> str:
        """Lower-case hex SHA-256 of the statement: what the next one names as `previous`."""
        return hashlib.sha256(str(self).encode()).hexdigest()
