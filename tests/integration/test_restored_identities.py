"""An agent whose identity was restored from an export comes back by its key, although Kratos knows it by another id."""

import httpx
import pytest

from local.agent import Agent, expect
from local.recovering import new_client, recovered_session
from local.stack import Stack
from operations.ory_backup.exporting import importable_identity


@pytest.fixture
async def restored(citizen: Agent, stack: Stack) -> Agent:
    """A fresh agent, whose identity was then lost and imported again."""
    agent = await Agent(citizen.http).join(await citizen.vouch())
    async with httpx.AsyncClient(base_url=stack.environment.ory_url, trust_env=False) as kratos:
        path = f"/admin/identities/{agent.identity_id}"
        kept = importable_identity(expect(await kratos.get(path), 200))
        (await kratos.delete(path)).raise_for_status()
        imported = expect(await kratos.post("/admin/identities", json=kept), 201)
    assert imported["id"] != agent.identity_id
    return agent


async def test_a_restored_agent_recovers_and_is_who_it_was(restored: Agent) -> None:
    client = expect(await new_client(restored.http, await recovered_session(restored)), 200)
    restored.client_id, restored.client_secret = client["clientId"], client["clientSecret"]
    await restored.log_in()
    told = expect(await restored.get("/agents/whoami"), 200)
    assert told["identityId"] == restored.identity_id
