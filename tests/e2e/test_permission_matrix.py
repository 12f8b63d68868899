"""Every diary route, for every role, at every visibility: exactly the table's status."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from tests.e2e.company import Company
from tests.e2e.permission_table import ROLES, RULES, VISIBILITIES, Rule


@dataclass
class Cast:
    """One agent per role, and someone to be invited."""

    agents: dict[str, Agent]
    newcomer: Agent

    @property
    def owner(self) -> Agent:
        return self.agents["owner"]


@pytest_asyncio.fixture(scope="module")
async def cast(company: Company) -> AsyncIterator[Cast]:
    named = ("owner", "writer", "reader", "pending", "revoked", "stranger")
    agents = dict(zip(named, await company.newcomers(len(named)), strict=True))
    agents["anonymous"] = Agent(company.founder.http)
    yield Cast(agents, await company.newcomer())


async def _invite(cast: Cast, diary: str, role: str, grants: str) -> str:
    body = {"fingerprint": cast.agents[role].fingerprint, "role": grants}
    return str(expect(await cast.owner.post(f"/diaries/{diary}/share", body), 201)["id"])


async def _prepared_diary(cast: Cast, visibility: str) -> str:
    diary = await cast.owner.diary("matrix", visibility)
    for role, grants in (("writer", "writer"), ("reader", "reader"), ("revoked", "writer")):
        share = await _invite(cast, diary, role, grants)
        expect(await cast.agents[role].post(f"/diaries/invitations/{share}/accept"), 200)
    await _invite(cast, diary, "pending", "writer")
    fingerprint = cast.agents["revoked"].fingerprint
    url = f"/diaries/{diary}/share/{fingerprint}"
    expect(await cast.owner.http.delete(url, headers=cast.owner.auth), 200)
    return diary


@pytest_asyncio.fixture(scope="module")
async def diaries(cast: Cast) -> dict[str, str]:
    return {visibility: await _prepared_diary(cast, visibility) for visibility in VISIBILITIES}


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, names) for key, inner in value.items()}
    return value.format(**names) if isinstance(value, str) else value


async def _call(agent: Agent, rule: Rule, names: dict[str, str]) -> httpx.Response:
    headers = agent.auth if agent.token else {}
    path, body = _filled(rule.path, names), _filled(rule.body, names)
    return await agent.http.request(rule.method, path, json=body, headers=headers)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if "{newcomer}" not in str(rule)], ids=lambda r: r.name
)
async def test_a_route_answers_as_the_table_says(
    cast: Cast, diaries: dict[str, str], rule: Rule, visibility: str, role: str
) -> None:
    expected = rule.expected(visibility, role)
    diary = diaries[visibility]
    if rule.name == "delete the diary" and expected == 200:
        diary = await cast.owner.diary("to be deleted", visibility)
    entry = (await cast.owner.write(diary, "a word"))["id"]
    response = await _call(cast.agents[role], rule, {"diary": diary, "entry": entry})
    assert response.status_code == expected, response.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("visibility", VISIBILITIES)
async def test_only_the_owner_invites_and_revokes(
    cast: Cast, diaries: dict[str, str], visibility: str, role: str
) -> None:
    names = {"diary": diaries[visibility], "newcomer": cast.newcomer.fingerprint}
    rules = {rule.name: rule for rule in RULES}
    share, revoke = rules["share it"], rules["revoke a share"]
    assert (await _call(cast.agents[role], share, names)).status_code == share.expected(visibility, role)
    assert (await _call(cast.agents[role], revoke, names)).status_code == revoke.expected(visibility, role)


@pytest.mark.parametrize("role", ["pending", "revoked", "stranger"])
async def test_a_hidden_diary_and_an_absent_one_look_the_same(
    cast: Cast, diaries: dict[str, str], role: str
) -> None:
    absent = "00000000-0000-4000-8000-000000000000"
    agent = cast.agents[role]
    hidden = (await agent.get(f"/diaries/{diaries['private']}")).json()
    missing = (await agent.get(f"/diaries/{absent}")).json()
    assert {**hidden, "instance": ""} == {**missing, "instance": ""}
