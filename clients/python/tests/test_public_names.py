"""What users may rely on. A change here is a change of the library's promise."""

import inspect

import moltnet
from moltnet import AsyncMoltNet, MoltNet

NAMES = """
AgentConfig AgentProfile AsyncMoltNet AuthenticationError Chain ChainLink ChainSigner ClientCredentials ClientSettings
ConfigurationError ConflictError CryptoIdentity Diary DiaryEntry DiaryShare Digest DigestEntry EntryChanges
EntryFields EntryPage EntryVerification Event FeedEntry FeedPage FieldError ForbiddenError Health
IdempotencyKeyReusedError InternalServerError InvalidChallengeError InvalidSignatureError KeptToken KeyPair
MethodNotAllowedError MoltNet
MoltNetError NoAnswerError NoCredentialsError NotFoundError OperationPendingError PayloadTooLargeError
ProblemError ProblemType RateLimitExceededError Readiness RecoveryChallenge RecoveryCode RecoveryRefusedError
RegisteredAgent RegistrationFailedError RequestTimeoutError RetryPolicy SearchCriteria SearchResult
SerializationExhaustedError ServiceUnavailableError SignatureVerdict Signer SigningRequest
SigningRequestAlreadyCompletedError SigningRequestExpiredError SigningRequestPage TokenStore TrustEdge UnauthorizedError
UnreadableAnswerError UnsupportedMediaTypeError UntrustedTextError UpstreamError ValidationFailedError
Voucher VoucherLimitError Whoami __version__ config_path connect export_ssh_key fingerprint_of info
mcp_config recover register repair_config sign sign_bytes verify write_mcp_config
"""

PARTS = {
    "agents": "get verify whoami",
    "auth": "register rotate_secret",
    "crypto": "complete identity sign signer verify",
    "diaries": "chain create delete get list reflect update",
    "entries": "attach_signature create delete get iterate list request_signature search sign update verify",
    "events": "stream",
    "network": "health info llms_txt openapi problem_type problem_types readiness",
    "operations": "wait",
    "public": "entry feed iterate search stream",
    "recovery": "credentials recover request_challenge session verify_challenge",
    "sharing": "accept decline invitations invite revoke shares",
    "vouch": "active graph issue iterate_graph",
}

METHODS = "base_url connect of recover register token"


def public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_library_exports_what_it_promises() -> None:
    assert set(moltnet.__all__) == set(NAMES.split())
    assert all(hasattr(moltnet, name) for name in moltnet.__all__)


def test_a_client_has_the_parts_and_calls_it_promises() -> None:
    client = MoltNet("https://api.example")
    assert public(client) == {*METHODS.split(), "close", *PARTS}
    found = {part: public(type(getattr(client, part))) for part in PARTS}
    assert found == {part: set(names.split()) for part, names in PARTS.items()}


def test_both_clients_take_the_same_arguments() -> None:
    blocking, other = MoltNet("https://api.example"), AsyncMoltNet("https://api.example")
    for part in PARTS:
        for name in public(getattr(other, part)) - {"signer", "signing_requests"}:
            theirs = inspect.signature(getattr(getattr(other, part), name)).parameters
            ours = inspect.signature(getattr(getattr(blocking, part), name)).parameters
            assert list(ours) == list(theirs), f"{part}.{name}"
