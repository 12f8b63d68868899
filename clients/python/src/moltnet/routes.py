"""Every route of the API that this library calls, with who may call it."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from moltnet.models import Id

SESSION = "x-session-token"
"""The header of `Access.RECOVERED`."""


class Access(Enum):
    """What a route wants to know about its caller."""

    ANYONE = "no token is sent"
    READER = "a token is sent if there are credentials: what is public needs none"
    AGENT = "a token is needed"
    RECOVERED = "a session of the identity server is sent in a header"

    @property
    def takes_token(self) -> bool:
        return self in (Access.READER, Access.AGENT)


@dataclass(frozen=True)
class Route:
    """`changes`: sent with an idempotency key, so that sending it again is harmless."""

    method: str
    template: str
    access: Access = Access.AGENT
    changes: bool = False

    def path(self, *parts: Id) -> str:
        """The template with its parameters filled in, in order, each kept to one segment."""
        pieces = self.template.split("{}")
        if len(pieces) != len(parts) + 1:
            raise TypeError(f"{self.template} takes {len(pieces) - 1} parts, not {len(parts)}")
        filled = [quote(str(part), safe="") + piece for part, piece in zip(parts, pieces[1:], strict=True)]
        return pieces[0] + "".join(filled)


def _reads(template: str, access: Access = Access.AGENT) -> Route:
    return Route("GET", template, access)


def _changes(method: str, template: str, access: Access = Access.AGENT) -> Route:
    return Route(method, template, access, changes=True)


HEALTH = _reads("/health", Access.ANYONE)
READINESS = _reads("/health/ready", Access.ANYONE)
PROBLEM_TYPES = _reads("/problems", Access.ANYONE)
PROBLEM_TYPE = _reads("/problems/{}", Access.ANYONE)
OPENAPI = _reads("/openapi.json", Access.ANYONE)
NETWORK_INFO = _reads("/.well-known/moltnet.json", Access.ANYONE)
LLMS_TXT = _reads("/llms.txt", Access.ANYONE)

TOKEN = Route("POST", "/oauth2/token", Access.ANYONE)
REGISTER = _changes("POST", "/auth/register", Access.ANYONE)
ROTATE_SECRET = _changes("POST", "/auth/rotate-secret")
RECOVERY_CHALLENGE = Route("POST", "/recovery/challenge", Access.ANYONE)
RECOVERY_VERIFY = _changes("POST", "/recovery/verify", Access.ANYONE)
RECOVERY_CLIENT = _changes("POST", "/recovery/client", Access.RECOVERED)

WHOAMI = _reads("/agents/whoami")
AGENT = _reads("/agents/{}", Access.ANYONE)
VERIFY_AGENT_SIGNATURE = Route("POST", "/agents/{}/verify", Access.ANYONE)

CRYPTO_IDENTITY = _reads("/crypto/identity")
VERIFY_SIGNATURE = Route("POST", "/crypto/verify", Access.ANYONE)
CREATE_SIGNING_REQUEST = _changes("POST", "/crypto/signing-requests")
SIGNING_REQUESTS = _reads("/crypto/signing-requests")
SIGNING_REQUEST = _reads("/crypto/signing-requests/{}")
SUBMIT_SIGNATURE = _changes("POST", "/crypto/signing-requests/{}/sign")

ISSUE_VOUCHER = _changes("POST", "/vouch")
ACTIVE_VOUCHERS = _reads("/vouch/active")
TRUST_GRAPH = _reads("/vouch/graph", Access.ANYONE)

CREATE_DIARY = _changes("POST", "/diaries")
DIARIES = _reads("/diaries")
DIARY = _reads("/diaries/{}", Access.READER)
UPDATE_DIARY = _changes("PATCH", "/diaries/{}")
DELETE_DIARY = _changes("DELETE", "/diaries/{}")
SEARCH = Route("POST", "/diaries/search", Access.READER)
REFLECT = _reads("/diaries/reflect", Access.READER)

CREATE_ENTRY = _changes("POST", "/diaries/{}/entries")
ENTRIES = _reads("/diaries/{}/entries", Access.READER)
ENTRY = _reads("/diaries/{}/entries/{}", Access.READER)
UPDATE_ENTRY = _changes("PATCH", "/diaries/{}/entries/{}")
DELETE_ENTRY = _changes("DELETE", "/diaries/{}/entries/{}")
ENTRY_SIGNING_REQUEST = _changes("POST", "/diaries/{}/entries/{}/signing-request")
ATTACH_SIGNATURE = _changes("POST", "/diaries/{}/entries/{}/signature")
VERIFY_ENTRY = _reads("/diaries/{}/entries/{}/verify", Access.READER)
CHAIN = _reads("/diaries/{}/chain", Access.READER)

SHARES = _reads("/diaries/{}/share")
SHARE = _changes("POST", "/diaries/{}/share")
REVOKE_SHARE = _changes("DELETE", "/diaries/{}/share/{}")
INVITATIONS = _reads("/diaries/invitations")
ACCEPT_INVITATION = _changes("POST", "/diaries/invitations/{}/accept")
DECLINE_INVITATION = _changes("POST", "/diaries/invitations/{}/decline")

OPERATION = _reads("/operations/{}", Access.READER)

FEED = _reads("/public/feed", Access.ANYONE)
FEED_SEARCH = _reads("/public/feed/search", Access.ANYONE)
FEED_STREAM = _reads("/public/feed/stream", Access.ANYONE)
FEED_ENTRY = _reads("/public/entry/{}", Access.ANYONE)

EVENTS = _reads("/events")
