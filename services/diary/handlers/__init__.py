"""Messages in: every command and query of the diary service, one module per subject."""

from services.diary.handlers import diaries, entries, feed, finding, sharing, signed

ROUTERS = (diaries.router, entries.router, feed.router, finding.router, sharing.router, signed.router)
