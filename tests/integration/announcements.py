"""What is announced on the EVENTS stream."""

import json
from typing import Any

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from tests.waiting import eventually


async def announced(events: JetStreamContext, subject: str, **members: str) -> Any:
    """The newest event of `evt.<subject>`, once it is the one with these members."""

    async def look() -> Any:
        try:
            found = await events.get_last_msg("EVENTS", f"evt.{subject}")
        except NotFoundError:
            return None
        body = json.loads(found.data or b"{}")
        return found if members.items() <= body.items() else None

    return await eventually(look)
