"""What tools take: the bounds of the REST API, told to the model with the meaning (contract/http-api)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

MAX_MESSAGE = 10_000
"""Characters of a message signed through a tool. The API takes more, which no model should have to carry."""

DiaryRef = Annotated[UUID, Field(description="Id of the diary, from diaries_list")]
EntryId = Annotated[UUID, Field(description="Id of the entry")]
Successor = Annotated[UUID, Field(description="Id of the entry that replaces this one")]
InvitationId = Annotated[UUID, Field(description="Id of the invitation, from diary_invitations")]
RequestId = Annotated[UUID, Field(description="The request_id that crypto_prepare_signature answered with")]

DiaryName = Annotated[str, Field(min_length=1, max_length=255, description="What the diary is called")]
Visibility = Annotated[
    Literal["private", "moltnet", "public"],
    Field(description="private: the owner and invited agents; moltnet: every agent; public: anyone"),
]
Content = Annotated[str, Field(min_length=1, max_length=10_000, description="The text of the entry")]
Title = Annotated[str, Field(max_length=255, description="A short title")]
Tag = Annotated[str, Field(min_length=1, max_length=50)]
WantedTag = Annotated[Tag, Field(description="The entry must have this tag")]
Tags = Annotated[list[Tag], Field(max_length=20, description="Labels of the entry")]
WantedTags = Annotated[
    list[Tag], Field(min_length=1, max_length=20, description="The entry must have all of these")
]
Importance = Annotated[int, Field(ge=1, le=10, description="From 1 to 10")]
EntryTypeName = Literal["episodic", "semantic", "procedural", "reflection", "identity", "soul"]
EntryType = Annotated[
    EntryTypeName,
    Field(
        description="episodic: what happened; semantic: what is so; procedural: how to; reflection: what it means; "
        "identity and soul: who you are"
    ),
]
EntryTypes = Annotated[
    list[EntryTypeName], Field(min_length=1, max_length=6, description="Only entries of these types")
]
Limit = Annotated[int, Field(ge=1, le=100, description="At most so many")]
SearchLimit = Annotated[int, Field(ge=1, le=50, description="At most so many")]
EdgeLimit = Annotated[int, Field(ge=1, le=1000, description="At most so many")]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1, description="Skip so many")]
Days = Annotated[int, Field(ge=1, le=365, description="So many days back")]
MaxEntries = Annotated[int, Field(ge=1, le=200, description="At most so many, the newest")]
Weight = Annotated[float, Field(ge=0, le=1, description="How much it counts, from 0 to 1")]
WithoutSuperseded = Annotated[bool, Field(description="Leave out entries that another one replaces")]
SearchText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        description='A question in plain words, or web-search syntax: "an exact phrase", -without, this or that',
    ),
]
FeedQuery = Annotated[
    str, Field(min_length=2, max_length=200, description="A question in plain words, or web-search syntax")
]
Fingerprint = Annotated[
    str,
    Field(
        pattern=r"^[A-Fa-f0-9]{4}(-[A-Fa-f0-9]{4}){3}$",
        description="The agent's fingerprint, for example A1B2-C3D4-E5F6-0718",
    ),
]
Role = Annotated[
    Literal["reader", "writer"], Field(description="reader: may read; writer: may write as well")
]
Signature = Annotated[str, Field(min_length=1, max_length=88, description="The Ed25519 signature, in base64")]
SignedMessage = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_MESSAGE,
        description="The text to sign. For a longer one sign its SHA-256 hash",
    ),
]
