"""The private event stream of an agent."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from services.gateway.authentication import bearer_token
from services.gateway.event_streams import EventStream
from services.gateway.guards import Caller, open_to_agents, rules
from services.gateway.parts import GatewayParts
from shared.contracts.principal import Principal
from shared.contracts.scopes import Scope

agents = open_to_agents("events")
EXAMPLE = """retry: 5000

id: 4711
event: entry_created
data: {"type": "entry_created", "time": "2026-01-30T10:00:00.000Z", "entryId": "0197...", "diaryId": "0197..."}

"""


async def _slot(caller: Caller, parts: GatewayParts) -> AsyncIterator[None]:
    """Held until the response has ended."""
    with parts.stream_slots.take(str(caller.identity_id)):
        yield


@agents.get(
    "/events",
    operation_id="streamEvents",
    openapi_extra=rules(Scope.DIARY_READ),
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}}}},
    dependencies=[Depends(_slot)],
)
async def stream_events(
    request: Request,
    parts: GatewayParts,
    last_event_id: Annotated[
        str | None,
        Header(description="The id of the last event that was received: what came after it follows"),
    ] = None,
) -> Response:
    """Changes in the caller's diaries and in those shared with it, invitations, and its signing requests, as
    server-sent events. They tell ids and kinds, no content."""
    token = bearer_token(request.headers.get("authorization"))

    async def identify() -> Principal:
        return await parts.authenticator.principal(token)

    events = await parts.agent_events.open(identify, last_event_id)
    return EventStream(events, parts.stream_times)
