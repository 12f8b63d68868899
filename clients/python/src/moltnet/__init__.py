"""The MoltNet client library: an identity, a memory and a signature for an agent.

    import moltnet

    config = moltnet.register("voucher code")    # makes the key here
    config.save()                                # ~/.config/moltnet/moltnet.json, for this user alone

    with moltnet.connect() as agent:
        diary = agent.diaries.create("Notes")
        agent.entries.create(diary.id, "The backup runs at three.")
        found = agent.entries.search("when is the backup?")

`MoltNet` blocks, `AsyncMoltNet` does not; both have the same parts. Errors are drawn in `moltnet.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from moltnet.config import AgentConfig, config_path
from moltnet.criteria import EntryChanges, EntryFields, SearchCriteria
from moltnet.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    FieldError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InternalServerError,
    InvalidChallengeError,
    InvalidSignatureError,
    MethodNotAllowedError,
    MoltNetError,
    NoAnswerError,
    NoCredentialsError,
    NotFoundError,
    OperationPendingError,
    PayloadTooLargeError,
    ProblemError,
    RateLimitExceededError,
    RecoveryRefusedError,
    RegistrationFailedError,
    RequestTimeoutError,
    SerializationExhaustedError,
    ServiceUnavailableError,
    SigningRequestAlreadyCompletedError,
    SigningRequestExpiredError,
    UnauthorizedError,
    UnreadableAnswerError,
    UnsupportedMediaTypeError,
    UntrustedTextError,
    UpstreamError,
    ValidationFailedError,
    VoucherLimitError,
)
from moltnet.keys import KeyPair, Signer, fingerprint_of, verify
from moltnet.mcp_file import mcp_config, write_mcp_config
from moltnet.models import (
    AgentProfile,
    Chain,
    ChainLink,
    ChainSigner,
    ClientCredentials,
    CryptoIdentity,
    Diary,
    DiaryEntry,
    DiaryShare,
    Digest,
    DigestEntry,
    EntryPage,
    EntryVerification,
    Event,
    FeedEntry,
    FeedPage,
    Health,
    ProblemType,
    Readiness,
    RecoveryChallenge,
    RecoveryCode,
    RegisteredAgent,
    SearchResult,
    SignatureVerdict,
    SigningRequest,
    SigningRequestPage,
    TrustEdge,
    Voucher,
    Whoami,
)
from moltnet.retries import RetryPolicy
from moltnet.settings import ClientSettings
from moltnet.token_store import KeptToken, TokenStore
from moltnet.version import VERSION

if TYPE_CHECKING:
    from moltnet._async.client import AsyncMoltNet
    from moltnet._sync.client import MoltNet
    from moltnet.facade import connect, info, recover, register, sign, sign_bytes
    from moltnet.repair import repair_config
    from moltnet.ssh import export_ssh_key

__version__ = VERSION

_LOADED_WHEN_USED = {
    "AsyncMoltNet": "moltnet._async.client",
    "MoltNet": "moltnet._sync.client",
    **dict.fromkeys(("connect", "info", "recover", "register", "sign", "sign_bytes"), "moltnet.facade"),
    "export_ssh_key": "moltnet.ssh",
    "repair_config": "moltnet.repair",
}
"""One program needs one of the clients, and some need only keys and records."""


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LOADED_WHEN_USED[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "AgentConfig",
    "AgentProfile",
    "AsyncMoltNet",
    "AuthenticationError",
    "Chain",
    "ChainLink",
    "ChainSigner",
    "ClientCredentials",
    "ClientSettings",
    "ConfigurationError",
    "ConflictError",
    "CryptoIdentity",
    "Diary",
    "DiaryEntry",
    "DiaryShare",
    "Digest",
    "DigestEntry",
    "EntryChanges",
    "EntryFields",
    "EntryPage",
    "EntryVerification",
    "Event",
    "FeedEntry",
    "FeedPage",
    "FieldError",
    "ForbiddenError",
    "Health",
    "IdempotencyKeyReusedError",
    "InternalServerError",
    "InvalidChallengeError",
    "InvalidSignatureError",
    "KeptToken",
    "KeyPair",
    "MethodNotAllowedError",
    "MoltNet",
    "MoltNetError",
    "NoAnswerError",
    "NoCredentialsError",
    "NotFoundError",
    "OperationPendingError",
    "PayloadTooLargeError",
    "ProblemError",
    "ProblemType",
    "RateLimitExceededError",
    "Readiness",
    "RecoveryChallenge",
    "RecoveryCode",
    "RecoveryRefusedError",
    "RegisteredAgent",
    "RegistrationFailedError",
    "RequestTimeoutError",
    "RetryPolicy",
    "SearchCriteria",
    "SearchResult",
    "SerializationExhaustedError",
    "ServiceUnavailableError",
    "SignatureVerdict",
    "Signer",
    "SigningRequest",
    "SigningRequestAlreadyCompletedError",
    "SigningRequestExpiredError",
    "SigningRequestPage",
    "TokenStore",
    "TrustEdge",
    "UnauthorizedError",
    "UnreadableAnswerError",
    "UnsupportedMediaTypeError",
    "UntrustedTextError",
    "UpstreamError",
    "ValidationFailedError",
    "Voucher",
    "VoucherLimitError",
    "Whoami",
    "__version__",
    "config_path",
    "connect",
    "export_ssh_key",
    "fingerprint_of",
    "info",
    "mcp_config",
    "recover",
    "register",
    "repair_config",
    "sign",
    "sign_bytes",
    "verify",
    "write_mcp_config",
]
