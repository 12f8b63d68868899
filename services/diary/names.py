"""Names under which durable work is found again after a restart: do not change them lightly."""

SERVICE = "diary"
LATE_EMBEDDING = "late_embedding"
"""A queue of its own: entries that wait for the embedder must not hold up permissions."""

ENTRY_CREATED = "entry_created"
ENTRY_DELETED = "entry_deleted"
EMBED_ENTRY = "embed_entry"
