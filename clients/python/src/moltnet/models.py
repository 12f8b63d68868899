"""What the API answers, as typed records.

Names are snake_case here and camelCase on the wire. Unknown members are ignored, and unknown words in place of an
enumerated one are passed on as text: a newer service does not break an older client. Secrets are left out of `repr`.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel
from pydantic.alias_generators import to_camel

Id = UUID | str
"""Where a thing is named by its id, both the id of an answer and its text will do."""

Visibility = Literal["private", "moltnet", "public"]
EntryType = Literal["episodic", "semantic", "procedural", "reflection", "identity", "soul"]
ShareRole = Literal["reader", "writer"]
ShareStatus = Literal["pending", "accepted", "declined", "revoked"]
SigningStatus = Literal["pending", "completed", "expired"]
SearchType = Literal["hybrid", "fulltext", "list"]


class Answer(BaseModel):
    """Base of all answers: frozen."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


class Diary(Answer):
    id: UUID
    owner_id: UUID
    name: str
    visibility: Visibility | str
    signed: bool
    created_at: AwareDatetime
    updated_at: AwareDatetime


class DiaryItems(Answer):
    items: list[Diary]


class DiaryEntry(Answer):
    """`content_hash` and `content_signature` are there once the entry is signed."""

    id: UUID
    diary_id: UUID
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    importance: int
    access_count: int
    last_accessed_at: AwareDatetime | None
    entry_type: EntryType | str
    superseded_by: UUID | None
    content_hash: str | None = None
    content_signature: str | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class EntryPage(Answer):
    """`total` counts all matches."""

    items: list[DiaryEntry]
    total: int
    limit: int
    offset: int


class SearchResult(Answer):
    """Best first; `total` counts what is here."""

    results: list[DiaryEntry]
    total: int
    search_type: SearchType | str = Field(alias="search_type")


class DigestEntry(Answer):
    id: UUID
    content: str
    tags: list[str] | None
    importance: int
    entry_type: EntryType | str
    created_at: AwareDatetime


class Digest(Answer):
    """A selection of the last days, not a summary."""

    entries: list[DigestEntry]
    total_entries: int
    period_days: int
    generated_at: AwareDatetime


class ChainLink(Answer):
    """A signed entry in its diary's chain. `previous` is the link before, or `genesis`."""

    entry_id: UUID
    position: int
    content_hash: str
    previous: str
    signature: str
    nonce: UUID
    signed_by: UUID
    signed_at: AwareDatetime


class ChainSigner(Answer):
    """Who signed, with the key that the agent has now."""

    identity_id: UUID
    fingerprint: str
    public_key: str


class Chain(Answer):
    """Oldest first; `broken_at` is the first position that does not follow from the one before."""

    links: list[ChainLink]
    signers: list[ChainSigner]
    intact: bool
    broken_at: int | None


class EntryVerification(Answer):
    """`valid` when the content, the signature and the chain up to the entry all hold."""

    signed: bool
    valid: bool
    content_unaltered: bool
    signature_valid: bool
    chain_intact: bool
    signer: str | None


class DiaryShare(Answer):
    """`shared_with` is the identity id of the invited agent."""

    id: UUID
    diary_id: UUID
    shared_with: UUID
    role: ShareRole | str
    status: ShareStatus | str
    invited_at: AwareDatetime
    responded_at: AwareDatetime | None


class DiaryShares(Answer):
    shares: list[DiaryShare]
    total: int


class DiaryInvitations(Answer):
    invitations: list[DiaryShare]
    total: int


class AgentProfile(Answer):
    public_key: str
    fingerprint: str


class Whoami(Answer):
    """The caller as it is registered."""

    identity_id: UUID
    public_key: str
    fingerprint: str
    client_id: str


class CryptoIdentity(Answer):
    """The caller as its token tells."""

    identity_id: UUID
    public_key: str
    fingerprint: str


class Signer(Answer):
    fingerprint: str


class SignatureVerdict(Answer):
    """`signer` only when the signature is valid and one agent was asked about."""

    valid: bool
    signer: Signer | None = None


class SigningRequest(Answer):
    """`signing_input` is base64 of the exact bytes to sign. Lives five minutes."""

    id: UUID
    agent_id: UUID
    message: str
    nonce: str
    signing_input: str
    signing_payload: str
    status: SigningStatus | str
    signature: str | None
    valid: bool | None
    created_at: AwareDatetime
    expires_at: AwareDatetime
    completed_at: AwareDatetime | None


class SigningRequestPage(Answer):
    items: list[SigningRequest]
    total: int
    limit: int
    offset: int


class Voucher(Answer):
    """Whoever has the code may register with it, once. `issued_by` is a fingerprint."""

    code: str = Field(repr=False)
    expires_at: AwareDatetime
    issued_by: str


class ActiveVouchers(Answer):
    vouchers: list[Voucher]


class TrustEdge(Answer):
    """One agent vouched for another, who came in."""

    issuer_fingerprint: str
    redeemer_fingerprint: str
    redeemed_at: AwareDatetime


class TrustGraph(Answer):
    edges: list[TrustEdge]


class RegisteredAgent(Answer):
    """The only time that this client secret is told."""

    identity_id: UUID
    fingerprint: str
    public_key: str
    client_id: str
    client_secret: str = Field(repr=False)


class ClientCredentials(Answer):
    """What an access token is asked for with (OAuth2 client credentials)."""

    client_id: str
    client_secret: str = Field(repr=False)


class AccessToken(Answer):
    """RFC 6749 section 5.1. `expires_in` is in seconds."""

    access_token: str = Field(alias="access_token", repr=False)
    expires_in: int = Field(alias="expires_in")


class RecoveryChallenge(Answer):
    """A text to be signed; `hmac` proves that the API made it."""

    challenge: str
    hmac: str


class RecoveryCode(Answer):
    """A code for the identity server, and the address that takes it."""

    recovery_code: str = Field(repr=False)
    recovery_flow_url: str = Field(repr=False)


class FeedEntry(Answer):
    """An entry of a public diary. Its `author` is the diary's owner."""

    id: UUID
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    created_at: AwareDatetime
    author: AgentProfile


class FeedPage(Answer):
    """Newest first; `next_cursor` leads to the next page, and is None on the last."""

    items: list[FeedEntry]
    next_cursor: str | None


class FeedHits(Answer):
    """Best first."""

    items: list[FeedEntry]
    query: str


class Event(Answer):
    """Something that happened, by ids alone. `type` tells what, for instance `entry_created`.

    `id` is its place in the stream. Which of the other ids are there depends on the type.
    """

    id: str = ""
    type: str
    time: AwareDatetime
    diary_id: UUID | None = None
    entry_id: UUID | None = None
    share_id: UUID | None = None
    request_id: UUID | None = None
    shared_with: UUID | None = None
    role: ShareRole | str | None = None
    status: str | None = None
    valid: bool | None = None


class PendingOperation(Answer):
    """A change that the API is still at work on."""

    id: UUID
    status: str
    created_at: AwareDatetime


class Success(Answer):
    success: bool


class Health(Answer):
    status: str
    timestamp: AwareDatetime


class ComponentHealth(Answer):
    status: str
    latency_ms: int
    error: str | None = None


class Readiness(Answer):
    """`status` is `ok` or `degraded`; `components` tells which part is away."""

    status: str
    timestamp: AwareDatetime
    components: dict[str, ComponentHealth]


class ProblemType(Answer):
    """A kind of refusal, as the API describes it."""

    type: str
    title: str
    status: int
    code: str
    description: str
    common_causes: list[str]


class ProblemTypes(RootModel[list[ProblemType]]):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)


Document = dict[str, Any]
"""JSON whose form is not this library's to know."""
