"""What clients saw of their writes: each keeps its own log, to be compared with what is really there."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from local.agent import Agent

from .polling import eventually

NO_ANSWER = 0
ACCEPTED = 202
UNDECIDED = (202, 503)
LONGEST_PAUSE_SECONDS = 2.0
REPETITIONS = 60


@dataclass
class Write:
    """One entry as its client saw it. `statuses` in order; `outcome` is what the last one came to.

    With a `key` the client repeats what was refused for the moment; without one it tries once.
    """

    content: str
    key: str | None = None
    statuses: list[int] = field(default_factory=list)
    outcome: int = NO_ANSWER
    entry_id: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"idempotency-key": self.key} if self.key else {}

    def note(self, answer: httpx.Response) -> None:
        self.outcome = answer.status_code
        if answer.status_code == httpx.codes.CREATED:
            self.entry_id = answer.json()["id"]


class Burst:
    """Many clients writing into one diary at the same time: every other one is patient and uses a key."""

    def __init__(self, agent: Agent, diary_id: str, size: int) -> None:
        self.writes = [
            Write(f"Note {number} of a burst: {uuid4().hex}", str(uuid4()) if number % 2 else None)
            for number in range(size)
        ]
        self._agent = agent
        self._path = f"/diaries/{diary_id}/entries"
        self._answered = asyncio.Semaphore(0)

    async def run(self) -> None:
        await asyncio.gather(*map(self._write, self.writes))

    @property
    def unanswered(self) -> int:
        return sum(not write.statuses for write in self.writes)

    async def answered(self, count: int) -> None:
        """Wait until so many clients have had their first answer."""
        for _ in range(count):
            await self._answered.acquire()

    async def _write(self, write: Write) -> None:
        for _ in range(REPETITIONS if write.key else 1):
            answer = await self._post(write)
            if answer is None or answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or not write.key:
                return
            await asyncio.sleep(min(float(answer.headers["retry-after"]), LONGEST_PAUSE_SECONDS))

    async def _post(self, write: Write) -> httpx.Response | None:
        is_first = not write.statuses
        try:
            answer = await self._agent.post(self._path, {"content": write.content}, **write.headers)
        except httpx.HTTPError:
            answer = None
        write.statuses.append(NO_ANSWER if answer is None else answer.status_code)
        if is_first:
            self._answered.release()
        if answer is not None:
            in_the_end = await follow(self._agent, answer) if answer.status_code == ACCEPTED else answer
            write.note(in_the_end)
        return answer


async def follow(agent: Agent, accepted: httpx.Response) -> httpx.Response:
    """The outcome of an operation that was accepted; its last state when it does not come to an end."""

    async def look() -> httpx.Response:
        return await agent.http.get(accepted.headers["location"], headers=agent.auth if agent.token else {})

    return await eventually(look, lambda answer: answer.status_code not in UNDECIDED)


def counted(values: Iterable[str]) -> dict[str, int]:
    """Those that occur more than once."""
    seen: dict[str, int] = {}
    for value in values:
        seen[value] = seen.get(value, 0) + 1
    return {value: count for value, count in seen.items() if count > 1}
