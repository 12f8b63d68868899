"""Agents that register, patiently: each keeps its own log, and repeats under one key what was put off."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from local.agent import Agent, expect

from .journal import ACCEPTED, LONGEST_PAUSE_SECONDS, NO_ANSWER, UNDECIDED, follow

REPETITIONS = 60
FIRST_PAUSE_SECONDS = 0.2


@dataclass
class Applicant:
    """One voucher in one hand. `statuses` in order; the last one is how it ended."""

    agent: Agent
    voucher: str
    key: str = field(default_factory=lambda: str(uuid4()))
    statuses: list[int] = field(default_factory=list)

    @property
    def outcome(self) -> int:
        return self.statuses[-1] if self.statuses else NO_ANSWER

    @property
    def registered(self) -> bool:
        return self.outcome == httpx.codes.OK

    async def register(self) -> None:
        """Until the answer is final: one that was put off is asked for again with the same key."""
        for _ in range(REPETITIONS):
            answer = await self._try()
            if self.outcome not in UNDECIDED:
                return
            if answer is not None and answer.status_code == ACCEPTED:
                await follow(self.agent, answer)
            else:
                await asyncio.sleep(_pause(answer))

    async def _try(self) -> httpx.Response | None:
        try:
            answer = await self.agent.register(self.voucher, **{"idempotency-key": self.key})
        except httpx.HTTPError:
            self.statuses.append(NO_ANSWER)
            return None
        self.statuses.append(answer.status_code)
        return answer

    async def belongings(self) -> tuple[str, list[str]]:
        """Who it is to the API once logged in, and the names of its diaries."""
        expect(await self.agent.log_in(), 200)
        who = expect(await self.agent.get("/agents/whoami"), 200)
        diaries = expect(await self.agent.get("/diaries"), 200)
        return who["publicKey"], [diary["name"] for diary in diaries["items"]]


def _pause(answer: httpx.Response | None) -> float:
    told = float(answer.headers.get("retry-after", 0)) if answer is not None else 0.0
    return min(max(told, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
