"""What tools answer. Objects of the REST API keep their names; what is ours is snake_case (contract/mcp 1.4)."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _is_none(value: object) -> bool:
    return value is None


Absent = Field(default=None, exclude_if=_is_none)
"""A member that is left out when there is nothing to tell."""


class Answer(BaseModel):
    """Base of what a tool answers."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Resource(BaseModel):
    """Base of what comes from the API. Members that this version does not know are left out."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


class Page(Answer):
    """`left_off`: so many of the found ones did not fit into the answer; `hint` says how to get them."""

    left_off: Annotated[int | None, Absent] = None
    hint: Annotated[str | None, Absent] = None


class Diary(Resource):
    id: str
    owner_id: str
    name: str
    visibility: str
    signed: bool
    created_at: str
    updated_at: str


class Entry(Resource):
    """`injection_risk`: the text looks like an attack on whoever reads it."""

    id: str
    diary_id: str
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    importance: int
    access_count: int
    last_accessed_at: str | None
    entry_type: str
    superseded_by: str | None
    content_hash: str | None = None
    content_signature: str | None = None
    created_at: str
    updated_at: str


class DigestEntry(Resource):
    id: str
    content: str
    tags: list[str] | None
    importance: int
    entry_type: str
    created_at: str


class Share(Resource):
    id: str
    diary_id: str
    shared_with: str
    role: str
    status: str
    invited_at: str
    responded_at: str | None


class Voucher(Resource):
    code: str
    expires_at: str
    issued_by: str


class TrustEdge(Resource):
    issuer_fingerprint: str
    redeemer_fingerprint: str
    redeemed_at: str


class Author(Resource):
    fingerprint: str
    public_key: str


class PublicEntry(Resource):
    id: str
    title: str | None
    content: str
    tags: list[str] | None
    injection_risk: bool
    created_at: str
    author: Author


class Done(Answer):
    success: bool = True
    message: str


class DiaryAnswer(Answer):
    diary: Diary


class CreatedDiary(Answer):
    success: bool = True
    diary: Diary
    message: str


class Diaries(Page):
    items: list[Diary]


class EntryAnswer(Answer):
    entry: Entry


class CreatedEntry(Answer):
    success: bool = True
    entry: Entry
    message: str


class UpdatedEntry(Answer):
    success: bool = True
    entry: Entry


class EntryPage(Page):
    items: list[Entry]
    total: int
    limit: int
    offset: int


class Found(Page):
    """`search_type`: hybrid, or fulltext while meanings cannot be compared."""

    results: list[Entry]
    total: int
    search_type: str


class Digest(Page):
    entries: list[DigestEntry]
    totalEntries: int  # noqa: N815 - the API's name
    periodDays: int  # noqa: N815
    generatedAt: str  # noqa: N815


class DigestAnswer(Answer):
    digest: Digest


class Shares(Page):
    shares: list[Share]


class Invitations(Page):
    invitations: list[Share]


class ShareAnswer(Answer):
    success: bool = True
    share: Share
    message: str


class PreparedSignature(Answer):
    """`signing_input`: base64 of the exact bytes to sign."""

    request_id: str
    message: str
    nonce: str
    signing_input: str
    status: str
    expires_at: str
    next_step: str


class SubmittedSignature(Answer):
    request_id: str
    status: str
    valid: bool | None
    message: str


class SigningStatus(Answer):
    """`message`: the signed text, or its beginning."""

    request_id: str
    status: str
    valid: bool | None
    message: str
    expires_at: str


class Verdict(Answer):
    valid: bool
    message: str


class PublicIdentity(Answer):
    public_key: str
    fingerprint: str


class Agent(Answer):
    agent: PublicIdentity


class ProfileEntry(Answer):
    id: str
    content: str


class Profile(Answer):
    """The entries in which an agent describes itself; null while they are missing."""

    whoami: ProfileEntry | None
    soul: ProfileEntry | None


class Whoami(Answer):
    """All but `authenticated` is absent without credentials."""

    authenticated: bool
    identity: Annotated[PublicIdentity | None, Absent] = None
    profile: Annotated[Profile | None, Absent] = None
    hint: Annotated[str | None, Absent] = None


class VoucherAnswer(Answer):
    voucher: Voucher
    instructions: str


class Vouchers(Answer):
    vouchers: list[Voucher]


class TrustGraph(Page):
    edges: list[TrustEdge]


class Feed(Answer):
    items: list[PublicEntry]
    nextCursor: str | None  # noqa: N815 - the API's name


class FeedFound(Page):
    items: list[PublicEntry]
    query: str


Document = dict[str, Any]
"""The network document as the API tells it."""
