"""One trace follows a request through every part."""

from local.agent import Agent, expect
from local.stack import Stack
from tests.collector import Collector
from tests.e2e.mcp_client import connected
from tests.stack import running_mcp

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


async def test_one_trace_spans_gateway_diary_embedder_sql_and_keto(
    citizen: Agent, collector: Collector
) -> None:
    diary = await citizen.diary()
    entry = {"content": "A trace tells where the time went."}
    expect(await citizen.post(f"/diaries/{diary}/entries", entry, traceparent=f"00-{TRACE}-{SPAN}-01"), 201)

    def seen() -> set[str]:
        spans = collector.of_trace(TRACE)
        return {span.service for span in spans} | {span.scope.rpartition(".")[2] for span in spans}

    wanted = {"moltnet-gateway", "moltnet-diary", "moltnet-embedder", "asyncpg", "urllib3", "dbos-tracer"}
    await collector.until(lambda: wanted <= seen())


async def test_looking_at_health_leaves_no_trace(citizen: Agent, collector: Collector) -> None:
    looked, wrote = "4bf92f3577b34da6a3ce929d0e0e4736", "5bf92f3577b34da6a3ce929d0e0e4736"
    for path in ("/health", "/health/ready"):
        expect(await citizen.http.get(path, headers={"traceparent": f"00-{looked}-{SPAN}-01"}), 200)
    expect(await citizen.post("/diaries", {"name": "later"}, traceparent=f"00-{wrote}-{SPAN}-01"), 201)
    await collector.until(lambda: len(collector.of_trace(wrote)) > 0)
    assert collector.of_trace(looked) == []


async def test_a_trace_goes_on_from_a_tool_call_into_the_services(
    citizen: Agent, stack: Stack, collector: Collector
) -> None:
    """The server keeps its spans back until it is stopped: then they are sent."""
    trace = "6bf92f3577b34da6a3ce929d0e0e4736"
    patient = {**collector.variables, "OTEL_BSP_SCHEDULE_DELAY": "600000"}
    async with (
        running_mcp(stack.base_url, **patient) as server,
        connected(server, citizen, traceparent=f"00-{trace}-{SPAN}-01") as me,
    ):
        await me.call("diaries_list")

    def seen() -> set[str]:
        return {span.service for span in collector.of_trace(trace)}

    await collector.until(lambda: {"moltnet-mcp", "moltnet-gateway", "moltnet-diary"} <= seen())
    assert "tools/call diaries_list" in {span.name for span in collector.of_trace(trace)}
