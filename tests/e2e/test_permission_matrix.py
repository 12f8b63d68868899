"""Every diary route, for every role, at every visibility: exactly the table's status."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.agent import Agent, expect
from tests.e2e.answers import ABSENT
from tests.e2e.company import Company
from tests.e2e.permission_table import ROLES, RULES, RULES_OF_NO_DIARY, VISIBILITIES, Rule

PARAMETER = re.compile(r"\{\w+\}")


@dataclass
class Cast:
    """One agent per role, an unanswered signing request of each, and someone to be invited."""

    agents: dict[str, Agent]
    requests: dict[str, str]
    newcomer: Agent

    @property
    def owner(self) -> Agent:
        return self.agents["owner"]


@pytest_asyncio.fixture(scope="module")
async def cast(company: Company) -> AsyncIterator[Cast]:
    named = ("owner", "writer", "reader", "pending", "revoked", "stranger")
    agents = dict(zip(named, await company.newcomers(len(named)), strict=True))
    requests = {role: await _signing_request(agent) for role, agent in agents.items()}
    agents["anonymous"] = Agent(company.founder.http)
    yield Cast(agents, {**requests, "anonymous": ABSENT}, await company.newcomer())


async def _signing_request(agent: Agent) -> str:
    return str(expect(await agent.post("/crypto/signing-requests", {"message": "a word"}), 201)["id"])


async def _invite(cast: Cast, diary: str, role: str, grants: str) -> str:
    body = {"fingerprint": cast.agents[role].fingerprint, "role": grants}
    return str(expect(await cast.owner.post(f"/diaries/{diary}/share", body), 201)["id"])


@dataclass
class Prepared:
    """A diary with a share for every role, and the invitation that the pending role has not answered."""

    diary: str
    invitation: str


async def _prepared_diary(cast: Cast, visibility: str) -> Prepared:
    diary = await cast.owner.diary("matrix", visibility)
    for role, grants in (("writer", "writer"), ("reader", "reader"), ("revoked", "writer")):
        share = await _invite(cast, diary, role, grants)
        expect(await cast.agents[role].post(f"/diaries/invitations/{share}/accept"), 200)
    invitation = await _invite(cast, diary, "pending", "writer")
    fingerprint = cast.agents["revoked"].fingerprint
    url = f"/diaries/{diary}/share/{fingerprint}"
    expect(await cast.owner.http.delete(url, headers=cast.owner.auth), 200)
    return Prepared(diary, invitation)


@pytest_asyncio.fixture(scope="module")
async def diaries(cast: Cast) -> dict[str, Prepared]:
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
    cast: Cast, diaries: dict[str, Prepared], rule: Rule, visibility: str, role: str
) -> None:
    expected = rule.expected(visibility, role)
    diary, invitation = diaries[visibility].diary, diaries[visibility].invitation
    uses_up = expected == 200 and (rule.name == "delete the diary" or "{invitation}" in rule.path)
    if uses_up:
        diary = await cast.owner.diary("to be used up", visibility)
        invitation = await _invite(cast, diary, "pending", "writer")
    entry = (await cast.owner.write(diary, "a word"))["id"]
    names = {"diary": diary, "entry": entry, "invitation": invitation, "request": cast.requests[role]}
    response = await _call(cast.agents[role], rule, names)
    assert response.status_code == expected, response.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rule", RULES_OF_NO_DIARY, ids=lambda rule: rule.name)
async def test_a_route_of_no_diary_answers_as_the_table_says(cast: Cast, rule: Rule, role: str) -> None:
    response = await _call(cast.agents[role], rule, {})
    assert response.status_code == rule.expected("private", role), response.text


async def test_every_documented_diary_route_is_in_the_table(http: httpx.AsyncClient) -> None:
    paths = expect(await http.get("/openapi.json"), 200)["paths"]
    documented = {
        (method.upper(), PARAMETER.sub("{}", path))
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/diaries")
    }
    listed = {
        (rule.method, PARAMETER.sub("{}", rule.path.split("?")[0])) for rule in (*RULES, *RULES_OF_NO_DIARY)
    }
    assert documented | {("POST", "/diary/search")} == listed


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("visibility", VISIBILITIES)
async def test_only_the_owner_invites_and_revokes(
    cast: Cast, diaries: dict[str, Prepared], visibility: str, role: str
) -> None:
    names = {"diary": diaries[visibility].diary, "newcomer": cast.newcomer.fingerprint}
    rules = {rule.name: rule for rule in RULES}
    share, revoke = rules["share it"], rules["revoke a share"]
    assert (await _call(cast.agents[role], share, names)).status_code == share.expected(visibility, role)
    assert (await _call(cast.agents[role], revoke, names)).status_code == revoke.expected(visibility, role)


@pytest.mark.parametrize("role", ["pending", "revoked", "stranger"])
async def test_a_hidden_diary_and_an_absent_one_look_the_same(
    cast: Cast, diaries: dict[str, Prepared], role: str
) -> None:
    agent = cast.agents[role]
    hidden = (await agent.get(f"/diaries/{diaries['private'].diary}")).json()
    missing = (await agent.get(f"/diaries/{ABSENT}")).json()
    assert {**hidden, "instance": ""} == {**missing, "instance": ""}
