"""What an agent is told of as it happens: changes in its diaries and in those shared with it, invitations, and its
signing requests.

Events tell what happened to which id, never what is written there. Before anything is told, the token is looked at
again and the permissions are asked for: whose share was taken back hears nothing more.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sse_starlette import ServerSentEvent

from services.gateway.announcements import rung
from services.gateway.event_streams import GOOD_FOR_SECONDS, Events, event, place
from services.gateway.event_tail import EventTail
from shared.contracts.base import Event
from shared.contracts.diary import (
    DiaryCreated,
    DiaryDeleted,
    DiaryUpdated,
    EntryCreated,
    EntryDeleted,
    EntrySigned,
    EntryUpdated,
    FilterDiaries,
    OpenDiaries,
    ShareChanged,
)
from shared.contracts.fields import iso_timestamp
from shared.contracts.principal import Principal
from shared.contracts.scopes import Scope
from shared.contracts.signing import SigningRequestCompleted, SigningRequestCreated
from shared.messaging.bus import Bus
from shared.messaging.event_log import Announced
from shared.problems import Unauthorized

PAGE = 50
PASSED_OVER = 200
"""Events that are not for the reader, after which it is told where to go on."""

MOST_DIGITS = 15
OF_DIARIES = (DiaryCreated, DiaryUpdated, EntryCreated, EntryUpdated, EntrySigned, EntryDeleted)
OF_SIGNING = (SigningRequestCreated, SigningRequestCompleted)
BETWEEN_SERVICES = frozenset({"shared_with"})
"""Of the deletion of a diary: who else could read it is none of its readers' business."""

Identify = Callable[[], Awaitable[Principal]]
"""Whose token it is. Raises Unauthorized when it is not good any more."""


@dataclass(frozen=True)
class Known:
    """An announced event, read."""

    sequence: int
    announced_at: datetime
    event: Event


class AgentEvents:
    def __init__(self, bus: Bus, tail: EventTail, *, enforce_scopes: bool) -> None:
        self._bus = bus
        self._tail = tail
        self._enforce_scopes = enforce_scopes

    async def open(self, identify: Identify, last_id: str | None) -> Events:
        """What comes after the event of this id, else after now.

        Raises ServiceUnavailable if it cannot begin.
        """
        newest = await self._tail.look()
        return self._events(identify, _start(last_id, newest), self._tail.log)

    async def _events(self, identify: Identify, position: int, log: int) -> Events:
        loop = asyncio.get_running_loop()
        yield place(str(position))
        told = position
        with self._tail.bell() as bell, contextlib.suppress(Unauthorized):
            while True:
                await rung(bell)
                await identify()
                if log != self._tail.log:
                    log, position, told = self._tail.log, 0, 0
                    yield place(str(position))
                while page := await self._tail.after(position, PAGE):
                    good_until = loop.time() + GOOD_FOR_SECONDS
                    for one in await self._for(await identify(), page):
                        yield _written(one)
                        position = told = one.sequence
                        if loop.time() > good_until:
                            break
                    else:
                        position = page[-1].sequence
                    if position - told >= PASSED_OVER:
                        yield place(str(position))
                        told = position

    async def _for(self, reader: Principal, page: list[Announced]) -> list[Known]:
        """Those of the events that the reader may be told of now."""
        known = [one for one in map(_read, page) if one is not None]
        ids = {diary for one in known if (diary := getattr(one.event, "diary_id", None)) is not None}
        diaries = OpenDiaries(owned=[], shared=[])
        if ids:
            diaries = await self._bus.ask(FilterDiaries(diary_ids=sorted(ids)), reader)
        return [one for one in known if self._concerns(one.event, reader, diaries)]

    def _concerns(self, event: Event, reader: Principal, diaries: OpenDiaries) -> bool:
        me = reader.identity_id
        if isinstance(event, OF_SIGNING):
            return event.agent_id == me and self._has_scope(reader, Scope.CRYPTO_SIGN)
        if isinstance(event, ShareChanged):
            return event.shared_with == me or event.diary_id in diaries.owned
        if isinstance(event, DiaryDeleted):
            return event.owner_id == me or me in event.shared_with
        return isinstance(event, OF_DIARIES) and event.diary_id in (*diaries.owned, *diaries.shared)

    def _has_scope(self, reader: Principal, scope: Scope) -> bool:
        """A token without any scope stands for all that its client has."""
        return not self._enforce_scopes or not reader.scopes or scope in reader.scopes


def _start(last_id: str | None, newest: int) -> int:
    """Where to go on. An id beyond the newest is of a log that was lost: all of the new one comes after it."""
    if last_id is None or not (last_id.isascii() and last_id.isdecimal() and len(last_id) <= MOST_DIGITS):
        return newest
    return int(last_id) if int(last_id) <= newest else 0


def _read(announced: Announced) -> Known | None:
    """None for what this version does not know."""
    try:
        kind = Event.of_subject(announced.subject)
        announced_at = datetime.fromisoformat(announced.time)
        return Known(announced.sequence, announced_at, kind.model_validate_json(announced.body))
    except (KeyError, ValueError):
        return None


def _written(known: Known) -> ServerSentEvent:
    kind = known.event.name
    left_out = set(BETWEEN_SERVICES) if isinstance(known.event, DiaryDeleted) else None
    members = known.event.model_dump(mode="json", by_alias=True, exclude=left_out)
    told = {"type": kind, "time": iso_timestamp(known.announced_at), **members}
    return event(kind, json.dumps(told), str(known.sequence))
