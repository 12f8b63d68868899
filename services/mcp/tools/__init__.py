"""The tools, by subject. Their order here is the order in which clients see them."""

from services.mcp.tools import agents, diaries, entries, public, sharing, signing, vouching

TOOLBOXES = (
    entries.tools,
    signing.tools,
    agents.tools,
    vouching.tools,
    public.tools,
    diaries.tools,
    sharing.tools,
)
