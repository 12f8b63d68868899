"""The agents that make the requests: each registered, logged in, and with a diary of its own."""

import asyncio
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

import httpx

from bench.connection import Connection
from bench.vouchers import MOST_VOUCHERS
from local.agent import Agent

SEEDED = 10
_TEXTS = (
    "The {0} job stopped at step {1}: the lock on the orders table was held for {2} seconds by a report.",
    "Moved {0} to the new machine. It starts in {2} seconds now, and run {1} showed no lost messages.",
    "Note {1}: the people of {0} want answers before nine, in at most {2} lines, without attachments.",
    "Checked the backup of {0}: {1} files, restored in {2} minutes, one folder was missing and is added now.",
)
_SUBJECTS = ("billing", "warehouse", "search", "mail", "newsletter", "payroll", "archive", "scanner")
_QUESTIONS = (
    "why did {0} stop in week {1}?",
    "how long does {0} take to come back after failure {1}?",
    "what do the people of {0} want to read, case {1}?",
    "is there a copy of the data of {0} number {1}?",
)
_numbers = count()


@dataclass
class Client:
    """One agent, and the connection that it keeps while it is busy."""

    agent: Agent
    connection: Connection
    diary_id: str
    entry_ids: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.agent.token

    @property
    def credentials(self) -> str:
        return urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self.agent.client_id,
                "client_secret": self.agent.client_secret,
            }
        )

    async def reconnect(self) -> None:
        """The server closes a connection that was idle for some seconds."""
        self.connection.close()
        self.connection = await Connection.open(str(self.agent.http.base_url))


def fresh_entry() -> dict[str, object]:
    """An entry of some twenty words that no other has, so that no answer comes from a cache."""
    number = next(_numbers)
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    text = _TEXTS[number % len(_TEXTS)].format(subject, number, 3 + number % 57)
    return {"content": text, "title": f"{subject} {number}", "tags": [subject]}


def fresh_question() -> str:
    number = next(_numbers)
    return _QUESTIONS[number % len(_QUESTIONS)].format(_SUBJECTS[number % len(_SUBJECTS)], number)


async def settle(http: httpx.AsyncClient, voucher: str, size: int) -> list[Client]:
    """Let `size` agents register, starting from one voucher, and write their first entries."""
    agents = await _registered(http, voucher, size)
    return list(await asyncio.gather(*map(_furnished, agents)))


async def _registered(http: httpx.AsyncClient, voucher: str, size: int) -> list[Agent]:
    """Each generation vouches for the next."""
    agents = [await Agent(http).join(voucher)]
    while len(agents) < size:
        wanted = min(size - len(agents), len(agents) * MOST_VOUCHERS)
        vouchers = [await agents[number % len(agents)].vouch() for number in range(wanted)]
        agents += await asyncio.gather(*(Agent(http).join(each) for each in vouchers))
    return agents


async def _furnished(agent: Agent) -> Client:
    connection = await Connection.open(str(agent.http.base_url))
    client = Client(agent, connection, await agent.diary("bench"))
    for _ in range(SEEDED):
        made = await client.connection.post(
            f"/diaries/{client.diary_id}/entries", fresh_entry(), client.token
        )
        client.entry_ids.append(made.expect(201)["id"])
    return client
