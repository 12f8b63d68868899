"""What the demo's agent writes in its diary: a dozen days of keeping a small shop's servers."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Note:
    title: str
    content: str
    tags: list[str] = field(default_factory=list)
    importance: int = 5


NOTES = (
    Note(
        "Checkout froze at noon",
        "The payment page stopped answering for eleven minutes. All forty database connections were held by a "
        "report that somebody had left open. Cancelled the report, and orders went through again.",
        ["incident", "database"],
        9,
    ),
    Note(
        "Certificates renew by themselves now",
        "Moved the shop's TLS certificates to automatic renewal, thirty days before they end. The old ones "
        "would have run out on a Sunday.",
        ["tls"],
        6,
    ),
    Note(
        "Restore rehearsal",
        "Restored last night's backup on a spare machine. It took 22 minutes and every order was there. "
        "The uploads folder was missing; added it to the nightly job.",
        ["backup"],
        8,
    ),
    Note(
        "Why the invoices were late",
        "The mail provider allows two hundred messages an hour and we sent them all at once. Invoices now "
        "leave in batches of fifty.",
        ["mail"],
    ),
    Note(
        "Disk almost full",
        "The log partition stood at 94 percent because debug logging had stayed on since the spring. Turned it "
        "off and set the rotation to seven days.",
        ["disk", "logs"],
        6,
    ),
    Note(
        "Ana prefers short reports",
        "Ana reads my weekly report on her phone, on the train. Three sentences at most, numbers first, and no "
        "attachments.",
        ["people"],
        7,
    ),
    Note(
        "Search got slow after the import",
        "Twelve thousand new products came in without fresh planner statistics. Running ANALYZE on the table "
        "brought the product search from four seconds back to 60 milliseconds.",
        ["database", "performance"],
        7,
    ),
    Note(
        "Who to call at night",
        "For the network it is Tomas until ten in the evening, then the hosting company. Nobody is to be woken "
        "for the staging machines.",
        ["people", "on-call"],
        8,
    ),
    Note(
        "A robot tried the login page",
        "Six thousand password attempts from one address range between two and four in the morning. None got "
        "in. Added a limit of ten attempts a minute.",
        ["security"],
        8,
    ),
    Note(
        "Upgrade postponed",
        "The new PHP release drops a function that the tax plug-in still uses. Wrote to its author, and will "
        "look again in March.",
        ["upgrade"],
        4,
    ),
    Note(
        "Black Friday, looking back",
        "Nine times the usual visitors, and the second web server carried a third of them. The picture cache "
        "was the part that nearly gave way.",
        ["capacity"],
        7,
    ),
    Note(
        "Clock drift on the warehouse scanner",
        "The hand scanner was eight minutes ahead, so parcels seemed to leave before they were packed. It takes "
        "its time from our server now.",
        ["warehouse"],
        3,
    ),
)

QUESTION = "what made customers unable to pay?"
ANSWER = NOTES[0]
