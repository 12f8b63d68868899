"""Authors of public entries: asked for seldom, and known while the identity service is away."""

from uuid import UUID, uuid4

import pytest

from services.diary import authors
from services.diary.authors import Authors
from shared.contracts.identity import Agent
from shared.problems import ServiceUnavailable, unavailable


class Identities:
    """The identity service in memory. Counts what it is asked."""

    def __init__(self) -> None:
        self.agents: dict[UUID, Agent] = {}
        self.asked: list[UUID] = []
        self.away = False

    def add(self, fingerprint: str = "AAAA-BBBB-CCCC-DDDD") -> UUID:
        identity_id = uuid4()
        self.agents[identity_id] = Agent(
            identity_id=identity_id, public_key="ed25519:x", fingerprint=fingerprint
        )
        return identity_id

    async def ask(self, identity_ids: list[UUID]) -> list[Agent]:
        if self.away:
            raise unavailable("identity service")
        self.asked += identity_ids
        return [self.agents[one] for one in identity_ids if one in self.agents]


@pytest.fixture
def identities() -> Identities:
    return Identities()


@pytest.fixture
def known(identities: Identities) -> Authors:
    return Authors(identities.ask)


async def test_an_author_is_asked_for_once_in_a_while(identities: Identities, known: Authors) -> None:
    one = identities.add()
    assert await known.of([one, one]) == await known.of([one])
    assert identities.asked == [one]


async def test_a_new_key_is_seen_after_a_while(
    identities: Identities, known: Authors, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = identities.add()
    await known.of([one])
    identities.agents[one] = identities.agents[one].model_copy(update={"fingerprint": "NEW"})
    monkeypatch.setattr(authors, "FRESH_SECONDS", -1.0)
    assert (await known.of([one]))[one].fingerprint == "NEW"


async def test_a_known_author_is_known_while_the_identity_service_is_away(
    identities: Identities, known: Authors, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = identities.add(), identities.add()
    await known.of([one])
    monkeypatch.setattr(authors, "FRESH_SECONDS", -1.0)
    identities.away = True
    assert set(await known.of([one])) == {one}
    with pytest.raises(ServiceUnavailable):
        await known.of([one, other])


async def test_whoever_is_no_agent_or_no_longer_is_left_out(
    identities: Identities, known: Authors, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, nobody = identities.add(), uuid4()
    assert set(await known.of([one, nobody])) == {one}
    del identities.agents[one]
    monkeypatch.setattr(authors, "FRESH_SECONDS", -1.0)
    assert await known.of([one]) == {}


async def test_no_more_than_so_many_are_remembered(
    identities: Identities, known: Authors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authors, "REMEMBERED", 2)
    first, *rest = [identities.add() for _ in range(3)]
    for one in (first, *rest):
        await known.of([one])
    await known.of([first])
    assert identities.asked.count(first) == 2
