"""`client.events`: what happens in the caller's diaries, invitations, and its signing requests."""

from collections.abc import AsyncIterator

from pydantic import ValidationError

from moltnet import routes
from moltnet._async.api import Api
from moltnet._async.streams import Streams
from moltnet.errors import UnreadableAnswerError
from moltnet.models import Event


class Events:
    def __init__(self, api: Api) -> None:
        self._streams = Streams(api)

    async def stream(self, *, after: str = "") -> AsyncIterator[Event]:
        """Events as they come, each once, also over broken connections. Ends when you stop reading.

        `after`: the id of the last event that was seen; otherwise only what happens from now on.
        """
        async for event in self._streams.events(routes.EVENTS, {}, after=after):
            try:
                yield Event.model_validate_json(event.data).model_copy(update={"id": event.id})
            except ValidationError as failure:
                raise UnreadableAnswerError("The event does not have the documented form.") from failure
