"""What the services measure arrives at a collector, under the names that docs/operating.md tells."""

from collections import Counter
from uuid import uuid4

import pytest

from local.agent import Agent, expect
from services.diary.__main__ import BACKGROUND
from shared import metrics
from shared.durable.tally import WorkflowTally
from shared.postgres import REQUESTS, Database
from tests.collector import CollectedMetric, Collector
from tests.metric_table import Documented, documented
from tests.waiting import eventually

UNITS = {"By": "bytes"}


def _told(collector: Collector) -> dict[str, Documented]:
    """What was reported. What failures add to the attributes does not count."""
    found: dict[str, Documented] = {}
    for each in collector.metrics:
        known = found.get(each.name)
        attributes = frozenset(each.attributes) - {"error.type"} | (known.attributes if known else set())
        found[each.name] = Documented(each.kind, UNITS.get(each.unit, each.unit), attributes)
    return found


async def _work(agent: Agent) -> str:
    diary = await agent.diary(f"measured {uuid4()}")
    expect(await agent.post(f"/diaries/{diary}/entries", {"content": "Measured work."}), 201)
    return diary


async def test_every_documented_metric_is_reported_and_no_other(citizen: Agent, collector: Collector) -> None:
    await _work(citizen)
    await collector.until(lambda: set(documented()) <= set(_told(collector)))
    assert _told(collector) == documented()


async def test_a_request_is_counted_by_the_pattern_of_its_route(citizen: Agent, collector: Collector) -> None:
    diary = await _work(citizen)
    expect(await citizen.get(f"/diaries/{diary}"), 200)

    def counted(each: CollectedMetric) -> bool:
        return each.name == "http.server.request.total" and each.attributes == {
            "http.method": "GET",
            "http.route": "/diaries/{id}",
            "http.status_code": "200",
        }

    await collector.until(lambda: any(map(counted, collector.metrics)))
    assert not any(diary in value for each in collector.metrics for value in each.attributes.values())


async def test_a_command_is_measured_where_it_is_handled(citizen: Agent, collector: Collector) -> None:
    await _work(citizen)

    def handled(name: str) -> bool:
        return any(
            each.service == "moltnet-diary"
            and each.name == name
            and each.attributes == {"command": "cmd.diary.create_entry"}
            and each.value > 0
            for each in collector.metrics
        )

    await collector.until(lambda: handled("moltnet.command.duration") and handled("moltnet.command.age"))


async def test_workflows_that_ended_are_counted(
    citizen: Agent, diary_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[str] = Counter()

    class Counting:
        def add(self, number: int, attributes: dict[str, str]) -> None:
            counted[attributes["status"]] += number

    monkeypatch.setattr(metrics, "workflows_ended", Counting())
    tallies = [WorkflowTally(diary_database, "diary", f"diary-{replica}") for replica in range(2)]
    await citizen.diary()

    async def look() -> int:
        for tally in tallies:
            await tally.count()
        return counted["SUCCESS"]

    assert set(counted) == {"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}
    await eventually(look)


async def test_every_pool_of_a_process_is_reported(citizen: Agent, collector: Collector) -> None:
    def pools() -> set[str]:
        return {
            each.attributes["pool"]
            for each in collector.metrics
            if each.name == "db.client.connection.max" and each.service == "moltnet-diary"
        }

    await collector.until(lambda: pools() == {REQUESTS, BACKGROUND})
