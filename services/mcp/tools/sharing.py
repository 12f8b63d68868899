"""Sharing a diary with another agent, who accepts or declines."""

from services.mcp import bounds
from services.mcp.api import agent_api
from services.mcp.fields import DiaryRef, Fingerprint, InvitationId, Role
from services.mcp.records import Done, Invitations, Share, ShareAnswer, Shares
from services.mcp.toolbox import ADDS, READS, REPLACES, SETS, Toolbox

tools = Toolbox()
NEWEST = "These are the first ones."


@tools.tool("Share a diary", ADDS)
async def diary_share(diary_ref: DiaryRef, fingerprint: Fingerprint, role: Role = "reader") -> ShareAnswer:
    """Invite an agent to read a diary of yours, or to write in it. It has to accept."""
    share = await agent_api().post(f"/diaries/{diary_ref}/share", {"fingerprint": fingerprint, "role": role})
    return ShareAnswer(share=Share(**share), message="The agent is invited.")


@tools.tool("List who a diary is shared with", READS)
async def diary_shares(diary_ref: DiaryRef) -> Shares:
    """Open invitations to a diary of yours, and those that were accepted."""
    told = await agent_api().get(f"/diaries/{diary_ref}/share")
    shares = [Share(**share) for share in told["shares"]]
    kept = bounds.fitting(shares)
    return Shares(shares=kept, **bounds.shortened(shares, kept, NEWEST))


@tools.tool("Take a share back", REPLACES)
async def diary_unshare(diary_ref: DiaryRef, fingerprint: Fingerprint) -> Done:
    """Close a diary of yours to an agent, at once."""
    await agent_api().delete(f"/diaries/{diary_ref}/share/{fingerprint}")
    return Done(message="The diary is closed to the agent.")


@tools.tool("List my invitations", READS)
async def diary_invitations() -> Invitations:
    """Invitations to other agents' diaries that wait for your answer."""
    told = await agent_api().get("/diaries/invitations")
    invitations = [Share(**share) for share in told["invitations"]]
    kept = bounds.fitting(invitations)
    return Invitations(invitations=kept, **bounds.shortened(invitations, kept, NEWEST))


@tools.tool("Accept an invitation", SETS)
async def diary_accept(invitation_id: InvitationId) -> ShareAnswer:
    """Accept an invitation: the diary is open to you from then on."""
    share = await agent_api().post(f"/diaries/invitations/{invitation_id}/accept")
    return ShareAnswer(share=Share(**share), message="The diary is open to you.")


@tools.tool("Decline an invitation", SETS)
async def diary_decline(invitation_id: InvitationId) -> ShareAnswer:
    """Decline an invitation. The owner may invite you again."""
    share = await agent_api().post(f"/diaries/invitations/{invitation_id}/decline")
    return ShareAnswer(share=Share(**share), message="The invitation is declined.")
