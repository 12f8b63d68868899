"""A running stack with what it takes to harm and to examine it."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from local.agent import Agent, expect
from local.errors import StackError
from local.ports import Ports
from local.settings import StackConfig
from local.stack import Stack

from .fault_proxy import FaultProxy

ANSWER_SECONDS = 15.0
"""Who has no answer by then was left hanging."""

LIMITS = ("GLOBAL_AUTH", "GLOBAL_ANON", "EMBEDDING", "VOUCH", "SIGNING", "RECOVERY", "PUBLIC_VERIFY")
UNLIMITED = {f"RATE_LIMIT_{name}": "100000" for name in (*LIMITS, "PUBLIC_SEARCH")}
REACHED_THROUGH_THE_PROXY = (
    "ORY_KRATOS_ADMIN_URL",
    "ORY_HYDRA_ADMIN_URL",
    "ORY_KETO_ADMIN_URL",
    "ORY_KETO_PUBLIC_URL",
)


@dataclass(frozen=True)
class Kind:
    """What tells one stack from another."""

    replicas: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


PAIR = Kind(replicas={"diary": 2}, settings={"SIGNING_TIMEOUT_SECONDS": "2"})
"""Two diary services; signing requests live for two seconds."""


@dataclass(frozen=True)
class World:
    """One stack, a client of its API, and a look behind it."""

    stack: Stack
    proxy: FaultProxy
    http: httpx.AsyncClient
    ory: httpx.AsyncClient

    async def rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Ask Postgres as its superuser, on a connection of its own: the last one may have been killed."""
        connection = await asyncpg.connect(self.stack.exports["DATABASE_URL"], timeout=10)
        try:
            return await connection.fetch(query, *arguments, timeout=30)
        finally:
            await connection.close()

    async def voucher(self) -> str:
        """A voucher inserted directly, as operators' tools do."""
        code = secrets.token_hex(32)
        await self.rows(
            "INSERT INTO agent_vouchers (code, issuer_id, expires_at)"
            " VALUES ($1, gen_random_uuid(), now() + interval '1 hour')",
            code,
        )
        return code

    async def agent(self) -> Agent:
        """A registered agent with a token."""
        return await Agent(self.http).join(await self.voucher())

    async def take_away(self, part: str) -> None:
        """Kill a part for good, or until `stack.start_part`."""
        await self.stack.kill(part)
        await self.stack.stop_part(part)

    async def killed(self, part: str) -> None:
        """Kill a part, and wait until its next process runs."""
        await self.stack.replaced(part, await self.stack.kill(part))

    async def readiness(self) -> tuple[int, set[str]]:
        """The status of `GET /health/ready`, and the components that are not well."""
        answer = await self.http.get("/health/ready")
        components = answer.json()["components"]
        return answer.status_code, {name for name, one in components.items() if one["status"] != "ok"}

    async def roundtrip(self) -> str:
        """What a new agent reads of the entry it just wrote, by its id and by a search for its words."""
        agent = await self.agent()
        diary_id = await agent.diary()
        written = await agent.write(diary_id, "The lighthouse keeper counts the ships at dusk.")
        read = expect(await agent.get(f"/diaries/{diary_id}/entries/{written['id']}"), 200)
        found = await agent.search("lighthouse keeper", diaryId=diary_id)
        if [entry["id"] for entry in found["results"]] != [written["id"]]:
            return "the search did not find the entry"
        return str(read["content"])


ROUNDTRIP = "The lighthouse keeper counts the ships at dusk."


@asynccontextmanager
async def running(kind: Kind) -> AsyncIterator[World]:
    """A fresh stack that reaches its Ory servers, but for tokens and their checks, through the fault proxy."""
    async with AsyncExitStack() as held:
        directory = tempfile.mkdtemp(prefix="moltnet-chaos-")
        held.callback(shutil.rmtree, directory, ignore_errors=True)
        ports = Ports.free()
        proxy = await held.enter_async_context(FaultProxy(ports.ory))
        settings = {**UNLIMITED, **dict.fromkeys(REACHED_THROUGH_THE_PROXY, proxy.url), **kind.settings}
        stack = Stack(
            StackConfig(data_dir=Path(directory), ports=ports, services=kind.replicas, extra_env=settings)
        )
        await held.enter_async_context(stack)
        held.callback(stack.hurry)
        http = await held.enter_async_context(_client(stack.base_url))
        ory = await held.enter_async_context(_client(stack.exports["ORY_KETO_PUBLIC_URL"]))
        yield World(stack, proxy, http, ory)


def _client(base_url: str) -> httpx.AsyncClient:
    unbounded = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    return httpx.AsyncClient(base_url=base_url, timeout=ANSWER_SECONDS, limits=unbounded, trust_env=False)


class Worlds:
    """One stack at a time: kept while the next module wants the same kind and the stack is well."""

    def __init__(self) -> None:
        self._kind: Kind | None = None
        self._world: World | None = None
        self._held = AsyncExitStack()

    async def of(self, kind: Kind) -> World:
        if self._world is None or kind != self._kind or not await _is_well(self._world):
            await self.close()
            self._world = await self._held.enter_async_context(running(kind))
            self._kind = kind
        return self._world

    async def close(self) -> None:
        self._world = None
        await self._held.aclose()


async def _is_well(world: World) -> bool:
    try:
        return (await world.readiness())[0] == httpx.codes.OK
    except (httpx.HTTPError, StackError):
        return False
