"""Search on a real database with the real model: what is found, what is not, and in which order."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from bench.search_database import SearchDatabase, search_database
from bench.search_engine import ModelEmbedding, model_embedding
from services.diary.content import EntryText
from services.diary.query_text import QueryText
from services.diary.search import Search, candidates
from services.diary.search.candidates import Candidates, find_by_index, find_exactly
from services.diary.search.question import analyse
from services.diary.search.searched import SearchedSet
from shared.contracts.diary import SearchCriteria, SearchType
from tests.integration.search_library import Library

NOW = datetime.now(UTC)


class NoEmbedding:
    """As search finds it while the embedder is away."""

    async def query(self, _text: str) -> None:
        return None


@pytest_asyncio.fixture(scope="module")
async def place() -> AsyncIterator[SearchDatabase]:
    async with search_database() as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def embedding() -> AsyncIterator[ModelEmbedding]:
    async with model_embedding() as loaded:
        yield loaded


@pytest.fixture
def library(place: SearchDatabase, embedding: ModelEmbedding) -> Library:
    return Library(place, embedding)


@pytest_asyncio.fixture(scope="module")
async def shelf(place: SearchDatabase, embedding: ModelEmbedding) -> Library:
    """A few entries that many tests search."""
    shelf = Library(place, embedding)
    await shelf.write("bread", "Sourdough bread needs a long, cool rise overnight.", tags=["home", "kitchen"])
    await shelf.write("soup", "Tomato soup tastes better with fresh basil.", tags=["home"], type="episodic")
    await shelf.write("crash", "OPS-4711: the checkout pods were OOMKilled after release 3.2.1.", age_days=30)
    await shelf.write("reset", "The upload ended with ECONNRESET, connection reset by peer.", age_days=40)
    await shelf.write(
        "calm", "By resetting a switch of our peer the connection between the offices became stable."
    )
    await shelf.write("panne", "Der Drucker im zweiten Stock zieht das Papier schief ein.")
    await shelf.write("setsuzoku", "朝九時からデータベースに接続できなくなった。")
    await shelf.write("baza", "Ночью база данных перестала принимать соединения.")
    return shelf


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("How do I bake a loaf?", "bread"),
        ("why were the containers of the checkout killed?", "crash"),
        ("OPS-4711", "crash"),
        ("what about ops-4711?", "crash"),
        ("3.2.1", "crash"),
        ("ECONNRESET", "reset"),
        ("Papier im Drucker", "panne"),
        ("データベースの接続", "setsuzoku"),
        ("базы данных", "baza"),
    ],
)
async def test_the_entry_that_is_meant_comes_first(shelf: Library, query: str, key: str) -> None:
    assert (await shelf.found(query))[0] == key


@pytest.mark.parametrize(
    "query", ["flurbgen quonk zwitterblatt", "ERR_FLUX_CAPACITOR_OVERRUN", '"purple elephants"', "!?", "🔑🔑"]
)
async def test_nonsense_finds_nothing(shelf: Library, query: str) -> None:
    assert await shelf.found(query) == []


async def test_a_phrase_is_found_in_its_order_only(shelf: Library) -> None:
    assert await shelf.found('"connection reset by peer"') == ["reset"]


async def test_either_of_two_phrases_will_do(shelf: Library) -> None:
    assert set(await shelf.found('"fresh basil" or "cool rise"')) == {"soup", "bread"}


async def test_each_of_two_phrases_is_needed(shelf: Library) -> None:
    assert await shelf.found('"fresh basil" "cool rise"') == []


async def test_an_excluded_word_never_appears(shelf: Library) -> None:
    found = await shelf.found("home cooking -tomato")
    assert "bread" in found
    assert "soup" not in found


async def test_an_excluded_phrase_never_appears(shelf: Library) -> None:
    assert "reset" not in await shelf.found('connection -"reset by peer"')
    assert "calm" in await shelf.found('connection -"reset by peer"')


async def test_a_query_that_only_excludes_wants_all_the_rest(shelf: Library) -> None:
    assert set(await shelf.found("-tomato -OPS-4711")) == set(shelf.keys.values()) - {"soup", "crash"}


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({"tags": ["home"]}, {"bread", "soup"}),
        ({"tags": ["home"], "exclude_tags": ["kitchen"]}, {"soup"}),
        ({"entry_types": ["episodic"]}, {"soup"}),
        ({"created_before": NOW - timedelta(days=20)}, {"crash", "reset"}),
        ({"created_after": NOW - timedelta(days=35), "created_before": NOW - timedelta(days=20)}, {"crash"}),
    ],
)
async def test_filters_narrow_searches_and_lists_alike(
    shelf: Library, criteria: dict[str, Any], left: set[str]
) -> None:
    assert set(await shelf.found(None, **criteria)) == left
    assert set(await shelf.found("bread or soup or OPS-4711 or ECONNRESET", **criteria)) == left


async def test_flagged_and_superseded_entries_can_be_left_out(library: Library) -> None:
    plain = await library.write("plain", "The lighthouse keeper wrote a letter.")
    for key, change in {"flagged": "injection_risk = true", "old": f"superseded_by = '{plain}'"}.items():
        entry = await library.write(key, f"The lighthouse keeper wrote a letter, {key}.")
        await library.place.operator.execute(f"UPDATE diary_entries SET {change} WHERE id = $1", entry)  # noqa: S608
    assert set(await library.found("lighthouse")) == {"plain", "flagged", "old"}
    assert set(await library.found("lighthouse", include_flagged=False)) == {"plain", "old"}
    assert set(await library.found("lighthouse", exclude_superseded=True)) == {"plain", "flagged"}


async def test_pages_hold_every_answer_once(library: Library) -> None:
    for number in range(7):
        await library.write(f"comet {number}", f"Observation of the comet, night {number}.")
    pages = [await library.found("comet observation", limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({key for page in pages for key in page}) == 7


async def test_twins_are_ordered_by_their_age(library: Library) -> None:
    for days in (3.0, 1.0, 2.0):
        await library.write(f"{days}", "The tide tables of Brest.", title="tides", age_days=days)
    assert await library.found("tide tables") == ["1.0", "2.0", "3.0"]


async def test_weights_bring_up_the_fresh_and_the_important(library: Library) -> None:
    await library.write("apt", "Sluice gate maintenance schedule for the canal.", age_days=90, importance=1)
    await library.write("fresh", "The canal was busy, and somebody asked about the sluice.", age_days=0)
    await library.write("grave", "Canal: sluice trouble.", age_days=90, importance=10, title="note")
    query = "sluice gate maintenance schedule for the canal"
    assert (await library.found(query))[0] == "apt"
    assert (await library.found(query, w_recency=1.0))[0] == "fresh"
    assert (await library.found(query, w_importance=1.0))[0] == "grave"


async def test_results_end_before_the_budget_of_tokens(library: Library) -> None:
    for number in range(3):
        await library.write(f"{number}", "Glacier survey. " + "ice " * 100, title="survey")
    assert len(await library.found("glacier survey", max_tokens=250)) == 2
    assert len(await library.found(None, max_tokens=250)) == 2
    assert await library.found("glacier survey", max_tokens=10) == []


def _long(needle: str, size: int = 9_900) -> str:
    """A work log of so many characters with the needle in its middle."""
    lines = [
        f"{hour:02d}:{minute:02d} Looked at the dashboards of site {minute}, all as ever."
        for hour in range(24)
        for minute in range(0, 60, 9)
    ]
    text = "\n".join(lines)[:size]
    return f"{text[: size // 2]}\n{needle}\n{text[size // 2 :]}"


async def test_one_sentence_of_a_long_entry_is_found_by_its_meaning(library: Library) -> None:
    await library.write(
        "log", _long("The spare key of the cage is with the porter in a red envelope."), title="Log"
    )
    for number in range(5):
        await library.write(f"other {number}", _long("Nothing happened.", 3_000 + number), title="Log")
    assert (await library.found("who keeps the second key for the enclosure"))[0] == "log"


async def test_a_rewritten_entry_is_found_by_what_it_says_now(library: Library) -> None:
    entry = await library.write("note", "Penguins huddle in the Antarctic winter.")
    [now] = await library.embedding.passages([EntryText(None, "The violinist tuned her instrument.", None)])
    await library.place.operator.execute(
        "UPDATE diary_entries SET content = $2, title = NULL, embedding = $3 WHERE id = $1",
        entry,
        "The violinist tuned her instrument.",
        now.values,
    )
    assert await library.found("a musician before the concert") == ["note"]
    assert await library.found("penguins") == []


async def test_without_the_embedder_words_find(shelf: Library) -> None:
    wanted = SearchCriteria(query="sourdough bread")
    found = await Search(shelf.place.database, NoEmbedding()).find(shelf.diaries, wanted)
    assert found.search_type is SearchType.FULLTEXT
    assert shelf.names(entry.id for entry in found.results) == ["bread"]


async def test_vectors_of_another_model_are_not_compared(library: Library) -> None:
    entry = await library.write("note", "Penguins huddle in the Antarctic winter.")
    await library.place.operator.execute(
        "UPDATE diary_entries SET embedding_model = 'another' WHERE id = $1", entry
    )
    assert await library.found("birds that stand close together in the cold") == []
    assert await library.found("penguins in winter") == ["note"]


async def test_no_diaries_are_an_empty_set(library: Library) -> None:
    found = await library.search("bread")
    assert (found.results, found.search_type) == ([], SearchType.HYBRID)


async def test_the_public_search_sees_public_diaries_only(library: Library) -> None:
    await library.write("secret", "The walrus sleeps on the ice floe.")
    await library.write("open", "A walrus was seen near the harbour.")
    await library.place.operator.execute(
        "UPDATE diaries SET visibility = 'public' WHERE id = $1", library.diaries[1]
    )
    found = await Search(library.place.database, library.embedding).find_public(
        SearchCriteria(query="walrus")
    )
    assert library.names(entry.id for entry in found.results) == ["open"]


async def _candidates(shelf: Library, query: str) -> tuple[Candidates, Candidates]:
    """By comparing all, and by the index."""
    vector = await shelf.embedding.query(query)
    async with shelf.place.database.connection() as connection, connection.transaction():
        question = await analyse(connection, QueryText.parse(query), vector)
        searched = SearchedSet(shelf.diaries, SearchCriteria(query=query))
        exact = await find_exactly(connection, searched, question, len(shelf.keys), 50)
        return exact, await find_by_index(connection, searched, question, 50)


@pytest.mark.parametrize("query", ["application ran out of memory", "OPS-4711", "connection reset", "the"])
async def test_the_index_finds_what_comparing_all_finds(shelf: Library, query: str) -> None:
    exact, indexed = await _candidates(shelf, query)
    assert shelf.names(exact.near) == shelf.names(indexed.near)


@pytest.mark.parametrize("query", ["OPS-4711 zwitterblatt", "basil zwitterblatt", "connection reset"])
async def test_a_telling_word_leads_to_the_same_entries_by_the_index(shelf: Library, query: str) -> None:
    exact, indexed = await _candidates(shelf, query)
    assert set(exact.worded) == set(indexed.worded) != set()


async def test_pages_of_a_weighted_search_show_every_entry_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "STEPS", (4, 8, 100))
    for number in range(12):
        await library.write(
            f"bread {number}", f"Sourdough bread number {number}.", importance=1 + number * 7 % 10
        )
    shown = [
        key
        for offset in range(0, 12, 2)
        for key in await library.found("sourdough bread", limit=2, offset=offset, w_importance=1.0)
    ]
    assert sorted(shown) == sorted(f"bread {number}" for number in range(12))


async def test_a_large_search_does_not_tell_which_words_others_use(
    place: SearchDatabase, library: Library
) -> None:
    others = Library(place, library.embedding)
    await library.write("mine", "The harbour was quiet.")
    await others.write("theirs", "A falcon nests at the harbour.")
    async with place.database.connection() as connection, connection.transaction(readonly=True):
        text = QueryText.parse("harbour falcon")
        question = await analyse(connection, text, None)
        searched = SearchedSet(library.diaries, SearchCriteria(query=text.wanted))
        found = await find_by_index(connection, searched, question, 50)
    assert library.names(found.worded) == ["mine"]
    assert sorted(found.frequencies.holders.values()) == [0, 1]
