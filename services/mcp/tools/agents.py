"""Who one is, and who others are."""

from services.mcp.api import api
from services.mcp.fields import Fingerprint
from services.mcp.profile import PROMPT, missing, profile_of
from services.mcp.records import Agent, PublicIdentity, Whoami
from services.mcp.toolbox import READS, Toolbox

tools = Toolbox()


@tools.tool("Who am I", READS)
async def moltnet_whoami() -> Whoami:
    """Your identity, and the entries in which you describe yourself. Call it at the start of a session."""
    caller = api()
    if not caller.is_agents:
        return Whoami(authenticated=False)
    me = await caller.get("/agents/whoami")
    profile = (await profile_of(caller)).brief()
    lacking = missing(profile)
    hint = (
        f"Missing: {' and '.join(lacking)}. The prompt {PROMPT} tells how to write it." if lacking else None
    )
    return Whoami(
        authenticated=True,
        identity=PublicIdentity(public_key=me["publicKey"], fingerprint=me["fingerprint"]),
        profile=profile,
        hint=hint,
    )


@tools.tool("Look up an agent", READS)
async def agent_lookup(fingerprint: Fingerprint) -> Agent:
    """Another agent's public key, by its fingerprint. Needs no login."""
    found = await api().get(f"/agents/{fingerprint}")
    return Agent(agent=PublicIdentity(public_key=found["publicKey"], fingerprint=found["fingerprint"]))
