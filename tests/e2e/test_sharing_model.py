"""After any sequence of diaries, invitations, answers, revocations and changes, permissions are as a model says."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import hypothesis.strategies as st
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from local.agent import Agent
from tests.e2e.company import Company

AGENTS = 3
VISIBILITIES = st.sampled_from(["private", "moltnet", "public"])
ROLES = st.sampled_from(["reader", "writer"])
AGENT = st.integers(0, AGENTS - 1)
QUERIES = st.sampled_from([{}, {"query": "line"}])


@dataclass
class ModelDiary:
    """What the machine believes of a diary: `shares` maps an agent to its share's id, role and status."""

    id: str
    owner: int
    visibility: str
    shares: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)

    def role(self, agent: int) -> str | None:
        if agent == self.owner:
            return "owner"
        _, role, status = self.shares.get(agent, ("", "", ""))
        return role if status == "accepted" else None

    def readable(self, agent: int) -> bool:
        return self.visibility != "private" or self.role(agent) is not None

    def read_status(self, agent: int) -> int:
        return 200 if self.readable(agent) else 404

    def write_status(self, agent: int, done: int) -> int:
        if self.role(agent) in ("owner", "writer"):
            return done
        return 403 if self.readable(agent) else 404


class Sharing(RuleBasedStateMachine):
    """Each rule does one thing over HTTP and to the model, and compares the status with what the model expects."""

    http: httpx.Client
    agents: list[Agent]
    diaries = Bundle("diaries")

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[ModelDiary] = []

    def call(self, agent: int, method: str, path: str, body: object = None) -> httpx.Response:
        return self.http.request(method, path, json=body, headers=self.agents[agent].auth)

    def written(self) -> list[tuple[ModelDiary, str]]:
        """Every entry there is, with its diary."""
        return [(diary, entry) for diary in self.alive for entry in diary.entries]

    @initialize(target=diaries, visibility=VISIBILITIES, role=ROLES)
    def begin(self, visibility: str, role: str) -> ModelDiary:
        """With a diary, an entry and a guest, so that short sequences have something to be about."""
        diary = self.made(0, visibility)
        self.write(diary, 0)
        self.invite(diary, 1, role)
        self.answer(diary, 1, "accept")
        return diary

    @rule(target=diaries, owner=AGENT, visibility=VISIBILITIES)
    def create_diary(self, owner: int, visibility: str) -> ModelDiary:
        return self.made(owner, visibility)

    def made(self, owner: int, visibility: str) -> ModelDiary:
        made = self.call(owner, "POST", "/diaries", {"name": "model", "visibility": visibility})
        assert made.status_code == 201
        diary = ModelDiary(made.json()["id"], owner, visibility)
        self.alive.append(diary)
        return diary

    @rule(diary=diaries, agent=AGENT, role=ROLES)
    def invite(self, diary: ModelDiary, agent: int, role: str) -> None:
        body = {"fingerprint": self.agents[agent].fingerprint, "role": role}
        answer = self.call(diary.owner, "POST", f"/diaries/{diary.id}/share", body)
        status = diary.shares.get(agent, ("", "", "none"))[2]
        if agent == diary.owner:
            assert answer.status_code == 400
        elif status in ("pending", "accepted"):
            assert answer.status_code == 409
        else:
            assert answer.status_code == 201
            diary.shares[agent] = (answer.json()["id"], role, "pending")

    @rule(diary=diaries, agent=AGENT, verdict=st.sampled_from(["accept", "decline"]))
    def answer(self, diary: ModelDiary, agent: int, verdict: str) -> None:
        if agent not in diary.shares:
            return
        share, role, status = diary.shares[agent]
        answered = self.call(agent, "POST", f"/diaries/invitations/{share}/{verdict}")
        assert answered.status_code == (200 if status == "pending" else 400)
        if status == "pending":
            diary.shares[agent] = (share, role, "accepted" if verdict == "accept" else "declined")

    @rule(diary=diaries, agent=AGENT)
    def revoke(self, diary: ModelDiary, agent: int) -> None:
        fingerprint = self.agents[agent].fingerprint
        answer = self.call(diary.owner, "DELETE", f"/diaries/{diary.id}/share/{fingerprint}")
        assert answer.status_code == (200 if agent in diary.shares else 404)
        if agent in diary.shares:
            share, role, _ = diary.shares[agent]
            diary.shares[agent] = (share, role, "revoked")

    @rule(diary=diaries, agent=AGENT)
    def write(self, diary: ModelDiary, agent: int) -> None:
        answer = self.call(agent, "POST", f"/diaries/{diary.id}/entries", {"content": "a line"})
        assert answer.status_code == diary.write_status(agent, 201)
        if answer.status_code == 201:
            diary.entries.append(answer.json()["id"])

    @precondition(lambda self: self.written())
    @rule(data=st.data(), agent=AGENT)
    def change_entry(self, data: st.DataObject, agent: int) -> None:
        diary, entry = data.draw(st.sampled_from(self.written()))
        answer = self.call(agent, "PATCH", f"/diaries/{diary.id}/entries/{entry}", {"importance": 7})
        assert answer.status_code == diary.write_status(agent, 200)

    @precondition(lambda self: self.written())
    @rule(data=st.data(), agent=AGENT)
    def delete_entry(self, data: st.DataObject, agent: int) -> None:
        diary, entry = data.draw(st.sampled_from(self.written()))
        answer = self.call(agent, "DELETE", f"/diaries/{diary.id}/entries/{entry}")
        assert answer.status_code == diary.write_status(agent, 200)
        if answer.status_code == 200:
            diary.entries.remove(entry)

    @precondition(lambda self: self.written())
    @rule(data=st.data(), agent=AGENT)
    def get_entry(self, data: st.DataObject, agent: int) -> None:
        diary, entry = data.draw(st.sampled_from(self.written()))
        answer = self.call(agent, "GET", f"/diaries/{diary.id}/entries/{entry}")
        assert answer.status_code == diary.read_status(agent)

    @rule(diary=diaries, agent=AGENT, query=QUERIES)
    def search(self, diary: ModelDiary, agent: int, query: dict[str, str]) -> None:
        answer = self.call(agent, "POST", "/diaries/search", {"diaryId": diary.id, "limit": 100, **query})
        assert answer.status_code == diary.read_status(agent)
        if answer.status_code == 200:
            assert sorted(hit["id"] for hit in answer.json()["results"]) == sorted(diary.entries)

    @rule(agent=AGENT, query=QUERIES)
    def search_everywhere(self, agent: int, query: dict[str, str]) -> None:
        """What an agent owns or was let into, and nothing else."""
        answer = self.call(agent, "POST", "/diaries/search", {"limit": 100, **query})
        assert answer.status_code == 200
        found = {hit["id"] for hit in answer.json()["results"]}
        known = {entry for diary, entry in self.written()}
        joined = {entry for diary, entry in self.written() if diary.role(agent)}
        assert found & known == joined

    @rule(diary=diaries, visibility=VISIBILITIES)
    def show_or_hide(self, diary: ModelDiary, visibility: str) -> None:
        body = {"visibility": visibility}
        assert self.call(diary.owner, "PATCH", f"/diaries/{diary.id}", body).status_code == 200
        diary.visibility = visibility

    @rule(diary=consumes(diaries))
    def delete(self, diary: ModelDiary) -> None:
        assert self.call(diary.owner, "DELETE", f"/diaries/{diary.id}").status_code == 200
        self.alive.remove(diary)
        for agent in range(AGENTS):
            assert self.call(agent, "GET", f"/diaries/{diary.id}").status_code == 404

    @invariant()
    def everyone_sees_what_the_model_allows(self) -> None:
        for diary in self.alive[-1:]:
            for agent in range(AGENTS):
                listed = self.call(agent, "GET", f"/diaries/{diary.id}/entries")
                assert listed.status_code == diary.read_status(agent)
                assert listed.status_code == 404 or listed.json()["total"] == len(diary.entries)


@pytest_asyncio.fixture(scope="module")
async def agents(company: Company) -> list[Agent]:
    return await company.newcomers(AGENTS)


@pytest.fixture
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, timeout=30) as client:
        yield client


def test_permissions_agree_with_the_model_after_any_sequence(
    client: httpx.Client, agents: list[Agent]
) -> None:
    machine = type("Machine", (Sharing,), {"http": client, "agents": agents})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            phases=[Phase.generate],
        ),
    )
