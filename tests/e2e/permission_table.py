"""Who may do what with a diary, as data: each cell is the status of one route for one role and visibility."""

from typing import NamedTuple

ROLES = ("owner", "writer", "reader", "pending", "revoked", "stranger", "anonymous")
VISIBILITIES = ("private", "moltnet", "public")


class Rule(NamedTuple):
    """A route and its expected statuses, one row per visibility, one number per role in the order of ROLES."""

    name: str
    method: str
    path: str
    body: dict[str, object] | None
    private: str
    moltnet: str
    public: str

    def expected(self, visibility: str, role: str) -> int:
        row: str = getattr(self, visibility)
        return int(row.split()[ROLES.index(role)])


READ = ("200 200 200 404 404 404 401", "200 200 200 200 200 200 401", "200 200 200 200 200 200 200")
SEARCH = READ
CREATE = ("201 201 403 404 404 404 401", "201 201 403 403 403 403 401", "201 201 403 403 403 403 401")
CHANGE = ("200 200 403 404 404 404 401", "200 200 403 403 403 403 401", "200 200 403 403 403 403 401")
MANAGE = ("200 403 403 404 404 404 401", "200 403 403 403 403 403 401", "200 403 403 403 403 403 401")
OWN = ("200 404 404 404 404 404 401",) * 3
INVITE = ("201 404 404 404 404 404 401",) * 3
ANSWER = ("404 404 404 200 404 404 401",) * 3
ATTACH = ("409 409 403 404 404 404 401", "409 409 403 403 403 403 401", "409 409 403 403 403 403 401")
"""The request to attach has no signature yet, so those who may attach it are told of a conflict."""
AGENTS = ("200 200 200 200 200 200 401",) * 3
AGENTS_MAKE = ("201 201 201 201 201 201 401",) * 3

ENTRY = "/diaries/{diary}/entries/{entry}"
RULES = (
    Rule("read the diary", "GET", "/diaries/{diary}", None, *READ),
    Rule("list its entries", "GET", "/diaries/{diary}/entries", None, *READ),
    Rule("read an entry", "GET", ENTRY, None, *READ),
    Rule("verify an entry", "GET", f"{ENTRY}/verify", None, *READ),
    Rule("read the chain", "GET", "/diaries/{diary}/chain", None, *READ),
    Rule("reflect", "GET", "/diaries/reflect?diaryId={diary}", None, *READ),
    Rule("search in it", "POST", "/diaries/search", {"diaryId": "{diary}", "query": "word"}, *SEARCH),
    Rule("search in it, by the other path", "POST", "/diary/search", {"diaryId": "{diary}"}, *SEARCH),
    Rule("write an entry", "POST", "/diaries/{diary}/entries", {"content": "a word"}, *CREATE),
    Rule("change an entry", "PATCH", ENTRY, {"importance": 7}, *CHANGE),
    Rule("ask to sign an entry", "POST", f"{ENTRY}/signing-request", None, *CREATE),
    Rule("attach a signature", "POST", f"{ENTRY}/signature", {"signingRequestId": "{request}"}, *ATTACH),
    Rule("delete an entry", "DELETE", ENTRY, None, *CHANGE),
    Rule("change the diary", "PATCH", "/diaries/{diary}", {"name": "renamed"}, *MANAGE),
    Rule("list its shares", "GET", "/diaries/{diary}/share", None, *OWN),
    Rule("share it", "POST", "/diaries/{diary}/share", {"fingerprint": "{newcomer}"}, *INVITE),
    Rule("revoke a share", "DELETE", "/diaries/{diary}/share/{newcomer}", None, *OWN),
    Rule("accept an invitation", "POST", "/diaries/invitations/{invitation}/accept", None, *ANSWER),
    Rule("decline an invitation", "POST", "/diaries/invitations/{invitation}/decline", None, *ANSWER),
    Rule("delete the diary", "DELETE", "/diaries/{diary}", None, *MANAGE),
)
RULES_OF_NO_DIARY = (
    Rule("make a diary", "POST", "/diaries", {"name": "own"}, *AGENTS_MAKE),
    Rule("list own diaries", "GET", "/diaries", None, *AGENTS),
    Rule("list invitations", "GET", "/diaries/invitations", None, *AGENTS),
    Rule("search everywhere", "POST", "/diaries/search", {"query": "word"}, *AGENTS),
)
