"""How long event streams last is the operator's to say."""

import httpx

from local.stack import Stack
from tests.e2e.company import Company
from tests.stack import running_gateway

HEARTBEAT = "\n\n: heartbeat\n\n"


async def test_streams_show_that_they_live_and_end_when_the_operator_says(
    stack: Stack, household: Company
) -> None:
    agent = await household.newcomer()
    times = {"EVENT_STREAM_SECONDS": "0.5", "EVENT_STREAM_HEARTBEAT_SECONDS": "0.05"}
    async with running_gateway(stack, **times) as url, httpx.AsyncClient(base_url=url) as http:
        for path in ("/public/feed/stream", "/events"):
            answer = await http.get(path, headers=agent.auth)
            assert answer.status_code == 200, path
            assert answer.text.startswith("retry: 5000\n\nid: "), path
            assert HEARTBEAT in answer.text, path
