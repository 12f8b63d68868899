"""What words tell: rare ones most, repetition less and less, length against, names apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.diary.search import wording
from services.diary.search.wording import Frequencies, Wording, is_name

QUERY = Frequencies(1000, {"rare": 2, "common": 400})
SHORT, LONG = 20, 600

WORDS = st.dictionaries(st.text("abcdef_19", min_size=1), st.integers(0, 1000), min_size=1, max_size=8)
PLACES = st.text("ABD", min_size=1, max_size=20)


def judge_wording(
    places: dict[str, str], length: int, frequencies: Frequencies, *alternatives: list[str]
) -> Wording:
    return wording.judge_wording(places, length, frequencies, alternatives or [list(frequencies.holders)])


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    rare, common = judge_wording({"rare": "D"}, SHORT, QUERY), judge_wording({"common": "D"}, SHORT, QUERY)
    assert rare.score > common.score
    assert rare.coverage > common.coverage


def test_all_words_cover_the_query() -> None:
    assert judge_wording({"rare": "D", "common": "D"}, SHORT, QUERY).coverage == pytest.approx(1)


def test_none_of_the_words_is_worth_nothing() -> None:
    assert judge_wording({}, SHORT, QUERY) == Wording(0, 0, 0)


def test_a_query_without_words_is_worth_nothing() -> None:
    assert judge_wording({}, SHORT, Frequencies(1000, {})) == Wording(0, 0, 0)


def test_the_tenth_occurrence_adds_less_than_the_second() -> None:
    one, two, nine, ten = (
        judge_wording({"rare": "D" * count}, SHORT, QUERY).score for count in (1, 2, 9, 10)
    )
    assert two - one > ten - nine > 0


def test_a_short_entry_is_more_about_its_words_than_a_long_one() -> None:
    short, long = (judge_wording({"rare": "D"}, length, QUERY) for length in (SHORT, LONG))
    assert short.score > long.score
    assert short.coverage == long.coverage


@pytest.mark.parametrize("place", ["A", "B"])
def test_a_word_of_title_or_tags_counts_more(place: str) -> None:
    assert (
        judge_wording({"rare": place}, SHORT, QUERY).score > judge_wording({"rare": "D"}, SHORT, QUERY).score
    )


def test_a_word_nobody_holds_keeps_the_others_from_covering() -> None:
    unheard = Frequencies(1000, {"common": 400, "unheard": 0})
    assert judge_wording({"common": "D"}, SHORT, unheard).coverage < 0.2


def test_of_alternatives_the_one_that_is_held_counts() -> None:
    assert judge_wording({"rare": "D"}, SHORT, QUERY, ["rare"], ["common"]).coverage == pytest.approx(1)
    assert judge_wording({"rare": "D"}, SHORT, QUERY, ["rare", "common"]).coverage < 1


@pytest.mark.parametrize("word", ["40p01", "err_conn_reset", "ops-4711", "00772660", "3.2.1", "r28-58k"])
def test_identifiers_are_names(word: str) -> None:
    assert is_name(word)


@pytest.mark.parametrize("word", ["bread", "42", "v2", "and/or", "データ", "schön"])
def test_language_is_no_name(word: str) -> None:
    assert not is_name(word)


def test_names_are_covered_apart_from_language() -> None:
    frequencies = Frequencies(100, {"ops-4711": 1, "4711": 1, "restart": 30})
    assert judge_wording({"ops-4711": "D", "4711": "D"}, SHORT, frequencies).named == pytest.approx(1)
    assert judge_wording({"restart": "D"}, SHORT, frequencies).named == 0


def test_what_many_entries_never_mention_is_strange() -> None:
    assert Frequencies(1000, {"flurbgen": 0, "quonk": 0}).strangeness > 0.9


def test_what_few_entries_never_mention_is_hardly_strange() -> None:
    assert Frequencies(3, {"flurbgen": 0, "quonk": 0}).strangeness < 0.1


def test_what_is_mentioned_is_not_strange() -> None:
    assert Frequencies(1000, {"rare": 1, "common": 400}).strangeness == 0


@given(WORDS, st.integers(0, 2000), st.data())
def test_every_judgement_stays_between_nothing_and_all(
    words: dict[str, int], length: int, data: st.DataObject
) -> None:
    frequencies = Frequencies(500, words)
    held = data.draw(st.dictionaries(st.sampled_from(sorted(words)), PLACES))
    judged = judge_wording(held, length, frequencies)
    for figure in (judged.score, judged.coverage, judged.named, frequencies.strangeness):
        assert -1e-9 <= figure <= 1 + 1e-9
