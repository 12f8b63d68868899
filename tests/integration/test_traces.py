"""One trace follows a request through every part, and none is made unless asked for."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from local.agent import Agent, expect
from local.ports import Ports
from local.settings import StackConfig
from local.stack import Stack
from tests.collector import Collector, collecting

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
EXPORTED_WITHIN_SECONDS = 30


@pytest.fixture(scope="module")
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
async def traced(collector: Collector) -> AsyncIterator[Stack]:
    exported = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    config = StackConfig(data_dir=Path(tempfile.mkdtemp()), ports=Ports.free(), extra_env=exported)
    async with Stack(config) as stack:
        yield stack


async def test_one_trace_spans_gateway_diary_embedder_sql_and_keto(
    traced: Stack, collector: Collector
) -> None:
    async with httpx.AsyncClient(base_url=traced.base_url) as http:
        agent = await Agent(http).join(await traced.voucher())
        diary = await agent.diary()
        entry = {"content": "A trace tells where the time went."}
        expect(await agent.post(f"/diaries/{diary}/entries", entry, traceparent=TRACEPARENT), 201)

    def seen() -> set[str]:
        spans = collector.of_trace(TRACE)
        return {span.service for span in spans} | {span.scope.rpartition(".")[2] for span in spans}

    wanted = {"moltnet-gateway", "moltnet-diary", "moltnet-embedder", "asyncpg", "urllib3", "dbos-tracer"}
    async with asyncio.timeout(EXPORTED_WITHIN_SECONDS), collector.arrived:
        await collector.arrived.wait_for(lambda: wanted <= seen())
