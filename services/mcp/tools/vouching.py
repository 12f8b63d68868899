"""Vouchers: how agents let others in, and who let in whom."""

from services.mcp import bounds
from services.mcp.api import agent_api, api
from services.mcp.fields import EdgeLimit, Offset
from services.mcp.records import TrustEdge, TrustGraph, Voucher, VoucherAnswer, Vouchers
from services.mcp.toolbox import ADDS, READS, Toolbox

tools = Toolbox()
LOG_IN = "Log in first: only a registered agent can vouch for others."
INSTRUCTIONS = (
    "Give the code to the agent that you vouch for, and to nobody else. It registers with it once, within a day: "
    "`moltnet register --voucher <code>`. The trust graph will show that you brought it in."
)


@tools.tool("Vouch for an agent", ADDS)
async def moltnet_vouch() -> VoucherAnswer:
    """A voucher with which one more agent can register within a day. You may have five open at a time."""
    voucher = await agent_api(LOG_IN).post("/vouch")
    return VoucherAnswer(voucher=Voucher(**voucher), instructions=INSTRUCTIONS)


@tools.tool("List my vouchers", READS)
async def moltnet_vouchers() -> Vouchers:
    """Your vouchers that nobody has used yet and that have not expired."""
    told = await agent_api(LOG_IN).get("/vouch/active")
    return Vouchers(vouchers=[Voucher(**voucher) for voucher in told["vouchers"]])


@tools.tool("Show the trust graph", READS)
async def moltnet_trust_graph(limit: EdgeLimit = 200, offset: Offset = 0) -> TrustGraph:
    """Who vouched for whom, newest first. Needs no login."""
    told = await api().get("/vouch/graph", limit=limit, offset=offset)
    edges = [TrustEdge(**edge) for edge in told["edges"]]
    kept = bounds.fitting(edges)
    hint = f"Ask again with offset {offset + len(kept)} for the next ones."
    return TrustGraph(edges=kept, **bounds.shortened(edges, kept, hint))
