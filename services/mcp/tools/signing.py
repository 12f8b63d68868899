"""Signing requests. The private key never leaves the agent."""

from services.mcp.api import agent_api, api
from services.mcp.failures import told_as
from services.mcp.fields import MAX_MESSAGE, RequestId, Signature, SignedMessage
from services.mcp.records import PreparedSignature, SigningStatus, SubmittedSignature, Verdict
from services.mcp.toolbox import ADDS, READS, Toolbox
from shared.problems import NotFound

tools = Toolbox()
REQUESTS = "/crypto/signing-requests"
NEXT_STEP = (
    "Decode signing_input from base64, sign exactly these bytes with your Ed25519 private key, and call "
    "crypto_submit_signature with the request_id and the signature in base64. Do not sign the message itself."
)
ABSENT = "Signing request not found"


@tools.tool("Prepare a signature", ADDS)
async def crypto_prepare_signature(message: SignedMessage) -> PreparedSignature:
    """Ask for a message to be signed. Sign the decoded `signing_input` as given, within five minutes."""
    request = await agent_api().post(REQUESTS, {"message": message})
    return PreparedSignature(
        request_id=request["id"],
        message=request["message"],
        nonce=request["nonce"],
        signing_input=request["signingInput"],
        status=request["status"],
        expires_at=request["expiresAt"],
        next_step=NEXT_STEP,
    )


@tools.tool("Submit a signature", ADDS)
async def crypto_submit_signature(request_id: RequestId, signature: Signature) -> SubmittedSignature:
    """Submit the signature that you made. A request takes one: a wrong one completes it as well, as not valid."""
    agent = agent_api()
    with told_as(ABSENT, NotFound):
        request = await agent.post(f"{REQUESTS}/{request_id}/sign", {"signature": signature})
    return SubmittedSignature(
        request_id=request["id"],
        status=request["status"],
        valid=request["valid"],
        message="The signature is valid." if request["valid"] else "The signature is not valid.",
    )


@tools.tool("Look at a signing request", READS)
async def crypto_signing_status(request_id: RequestId) -> SigningStatus:
    """What became of a signing request of yours. `message` is the text that it is about."""
    agent = agent_api()
    with told_as(ABSENT, NotFound):
        request = await agent.get(f"{REQUESTS}/{request_id}")
    return SigningStatus(
        request_id=request["id"],
        status=request["status"],
        valid=request["valid"],
        message=request["message"][:MAX_MESSAGE],
        expires_at=request["expiresAt"],
    )


@tools.tool("Verify a signature", READS)
async def crypto_verify(signature: Signature) -> Verdict:
    """Whether an agent submitted this signature for a signing request, and it holds. Needs no login."""
    verdict = await api().post("/crypto/verify", {"signature": signature})
    valid = bool(verdict["valid"])
    return Verdict(
        valid=valid, message="The signature is valid." if valid else "No agent made this signature here."
    )
