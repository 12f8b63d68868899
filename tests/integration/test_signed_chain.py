"""The chain of signed entries as the database keeps and walks it: what is missing, moved or altered shows."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from local.agent import Agent, expect
from services.diary.chain import GENESIS, Statement
from services.diary.permitted import ReadableDiaryId
from services.diary.store import ChainStore
from shared.postgres import Database

Tampering = Callable[[list[Statement]], list[Statement]]


@pytest.fixture
def store(diary_database: Database) -> ChainStore:
    return ChainStore(diary_database)


class Chains:
    """Writes signed entries past the service, as only the database's operator can."""

    def __init__(self, superuser: asyncpg.Connection) -> None:
        self._superuser = superuser

    async def write(self, length: int, tampered: Tampering | None = None) -> ReadableDiaryId:
        diary_id = await self._superuser.fetchval(
            "INSERT INTO diaries (owner_id, name, visibility) VALUES ($1, 'chained', 'public') RETURNING id",
            uuid4(),
        )
        statements = [Statement(diary_id, uuid4(), "bafk1", 1, GENESIS)]
        while len(statements) < length:
            last = statements[-1]
            statements.append(
                Statement(diary_id, uuid4(), f"bafk{last.position + 1}", last.position + 1, last.link)
            )
        for kept in tampered(statements) if tampered else statements:
            await self._superuser.execute(
                "INSERT INTO diary_entries (id, diary_id, content, content_hash, chain_position, chain_previous,"
                " content_signature, content_nonce, signed_by, signed_at)"
                " VALUES ($1, $2, 'word', $3, $4, $5, 'signature', gen_random_uuid(), gen_random_uuid(), now())",
                kept.entry_id,
                diary_id,
                kept.content_hash,
                kept.position,
                kept.previous,
            )
        return ReadableDiaryId(diary_id)


@pytest.fixture
def chains(superuser: asyncpg.Connection) -> Chains:
    return Chains(superuser)


def without_the_second(links: list[Statement]) -> list[Statement]:
    return [*links[:1], *links[2:]]


def without_the_first(links: list[Statement]) -> list[Statement]:
    return links[1:]


def second_and_third_swapped(links: list[Statement]) -> list[Statement]:
    return [links[0], replace(links[1], position=3), replace(links[2], position=2), *links[3:]]


def second_altered(links: list[Statement]) -> list[Statement]:
    return [links[0], replace(links[1], content_hash="bafkforged"), *links[2:]]


async def test_a_whole_chain_holds(store: ChainStore, chains: Chains) -> None:
    diary = await chains.write(4)
    stretch = await store.stretch(diary, 0, 100)
    assert [link.position for link in stretch.links] == [1, 2, 3, 4]
    assert stretch.broken_at is None
    assert await store.holds_up_to(diary, 4)


@pytest.mark.parametrize(
    ("tampered", "broken_at"),
    [(without_the_first, 1), (without_the_second, 2), (second_and_third_swapped, 2), (second_altered, 3)],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_tampering_shows_where_it_was_and_behind_it(
    store: ChainStore, chains: Chains, tampered: Tampering, broken_at: int
) -> None:
    diary = await chains.write(4, tampered)
    assert (await store.stretch(diary, 0, 100)).broken_at == broken_at
    assert not await store.holds_up_to(diary, 4)
    assert await store.holds_up_to(diary, broken_at - 1)


async def test_links_come_by_the_stretch_and_each_joins_the_one_before(
    store: ChainStore, chains: Chains
) -> None:
    diary = await chains.write(5)
    stretches = [await store.stretch(diary, after, 2) for after in (0, 2, 4, 5)]
    assert [[link.position for link in one.links] for one in stretches] == [[1, 2], [3, 4], [5], []]
    assert {one.broken_at for one in stretches} == {None}


async def test_what_is_missing_before_a_stretch_shows_at_its_beginning(
    store: ChainStore, chains: Chains
) -> None:
    diary = await chains.write(4, without_the_second)
    assert [(await store.stretch(diary, after, 2)).broken_at for after in (1, 2, 3)] == [2, 2, None]


async def test_a_chain_of_another_diary_does_not_fit(store: ChainStore, chains: Chains) -> None:
    foreign = Statement(uuid4(), uuid4(), "bafk1", 1, GENESIS)

    def of_another(links: list[Statement]) -> list[Statement]:
        return [links[0], replace(links[1], previous=foreign.link)]

    assert (await store.stretch(await chains.write(2, of_another), 0, 100)).broken_at == 2


async def test_a_chain_of_many_signers_who_are_gone_is_answered_in_one(
    citizen: Agent, chains: Chains
) -> None:
    diary = await chains.write(101)
    chain = expect(await citizen.get(f"/diaries/{diary}/chain"), 200)
    assert (len(chain["links"]), chain["signers"], chain["intact"]) == (101, [], True)
