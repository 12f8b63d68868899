"""The fields that messages and HTTP bodies are made of, with their bounds in one place."""

import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

FINGERPRINT_PATTERN = r"^[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}$"
VOUCHER_PATTERN = re.compile(r"^[a-f0-9]{64}$")
MAX_CONTENT = 10_000
MAX_MESSAGE = 100_000
SIGNATURE_LENGTH = 88
MAX_CHALLENGE = 500
MAX_RECOVERY_KEY = 60


def _storable(text: str) -> str:
    if "\x00" in text:  # PostgreSQL text cannot hold it
        raise PydanticCustomError("nul_character", "must NOT contain a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON can write lone surrogates, UTF-8 cannot
        raise PydanticCustomError("lone_surrogate", "must be well-formed Unicode") from None
    return text


def _not_blank(text: str) -> str:
    if text and not text.strip():
        raise PydanticCustomError("blank", "must NOT be blank")
    return _storable(text)


def iso_timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Storable = AfterValidator(_storable)
"""The database can keep it. Bounds go before it, so that they are told in characters."""

Meaningful = AfterValidator(_not_blank)
"""Storable, with something in it besides white space."""

Timestamp = Annotated[datetime, PlainSerializer(iso_timestamp, return_type=str, when_used="json")]

Fingerprint = Annotated[
    str, StringConstraints(pattern=FINGERPRINT_PATTERN), AfterValidator(lambda value: value.upper())
]
DiaryName = Annotated[str, StringConstraints(min_length=1, max_length=255), Meaningful]
EntryTitle = Annotated[str, StringConstraints(max_length=255), Meaningful]
EntryContent = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CONTENT), Meaningful]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50), Meaningful]
QueryString = Annotated[str, StringConstraints(min_length=1, max_length=500), Meaningful]
Importance = Annotated[int, Field(ge=1, le=10)]
Message = Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE), Meaningful]
Signature = Annotated[str, StringConstraints(min_length=1, max_length=SIGNATURE_LENGTH), Storable]
PublicKey = Annotated[str, StringConstraints(min_length=10, max_length=256), Storable]
RecoveryKey = Annotated[
    str, StringConstraints(pattern=r"^ed25519:[A-Za-z0-9+/=]+$", max_length=MAX_RECOVERY_KEY)
]
ChallengeText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHALLENGE), Storable]
HmacHex = Annotated[str, StringConstraints(pattern=r"^[a-f0-9]{64}$")]
VoucherCode = Annotated[str, StringConstraints(pattern=VOUCHER_PATTERN.pattern)]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]
Weight = Annotated[float, Field(ge=0, le=1)]


def _split(value: object) -> object:
    """A query string gives one text, or a list of them when the name is repeated."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return value
    return [part.strip() for text in texts for part in text.split(",")]


def _unique(value: list[str] | None) -> list[str] | None:
    return value if value is None else list(dict.fromkeys(value))


CommaList = BeforeValidator(_split)
"""`a,b , c` in a query string, a plain list in a message."""

Distinct = AfterValidator(_unique)

Identifier = UUID
