"""Who answers, and how well: meaning, wording, and both together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.diary.search.relevance import Evidence, judge_relevance, nearness
from services.diary.search.wording import Wording

SHARE = st.floats(0, 1)
EVIDENCE = st.builds(
    Evidence,
    wording=st.builds(Wording, score=SHARE, coverage=SHARE, named=SHARE),
    nearness=st.none() | st.floats(-2, 1),
    strangeness=SHARE,
    literal=st.booleans(),
)
NO_WORDS = Wording()
HALF_THE_WORDS = Wording(score=0.3, coverage=0.5)
SOME_WORDS = Wording(score=0.1, coverage=0.3)


def test_nearness_is_counted_from_the_model_s_own_gate() -> None:
    assert nearness(0.28, 0.28) == 0
    assert nearness(0.78, 0.78) == 0
    assert nearness(1.0, 0.78) == pytest.approx(1)
    assert nearness(0.6, 0.78) < 0


def test_what_is_near_enough_answers_without_a_common_word() -> None:
    assert judge_relevance(Evidence(NO_WORDS, 0.1)) is not None


def test_what_is_beyond_the_gate_is_no_answer() -> None:
    assert judge_relevance(Evidence(NO_WORDS, -0.01)) is None


def test_words_make_up_for_a_little_distance() -> None:
    assert judge_relevance(Evidence(SOME_WORDS, -0.05)) is not None


def test_words_do_not_make_up_for_much_distance() -> None:
    assert judge_relevance(Evidence(SOME_WORDS, -0.2)) is None


def test_what_nothing_mentions_has_to_be_nearer() -> None:
    assert judge_relevance(Evidence(NO_WORDS, 0.1, strangeness=0.2)) is not None
    assert judge_relevance(Evidence(NO_WORDS, 0.1, strangeness=1.0)) is None


def test_enough_of_the_words_answer_whatever_the_meaning() -> None:
    assert judge_relevance(Evidence(HALF_THE_WORDS, -1.0)) is not None


def test_without_vectors_words_decide() -> None:
    assert judge_relevance(Evidence(HALF_THE_WORDS)) is not None
    assert judge_relevance(Evidence(SOME_WORDS)) is None


def test_the_entry_that_has_the_name_answers() -> None:
    assert judge_relevance(Evidence(Wording(score=0.1, coverage=0.2, named=1.0))) is not None


def test_the_entry_that_has_the_phrase_answers() -> None:
    assert judge_relevance(Evidence(SOME_WORDS, literal=True)) is not None


def test_a_name_outweighs_a_nearer_meaning() -> None:
    named = judge_relevance(Evidence(Wording(score=0.2, coverage=0.4, named=1.0), -0.2))
    near = judge_relevance(Evidence(NO_WORDS, 0.2))
    assert named is not None
    assert near is not None
    assert named > near


def test_a_phrase_letter_by_letter_is_better_than_its_words() -> None:
    literal = judge_relevance(Evidence(HALF_THE_WORDS, literal=True))
    stemmed = judge_relevance(Evidence(HALF_THE_WORDS))
    assert literal is not None
    assert stemmed is not None
    assert literal > stemmed


@given(EVIDENCE)
def test_relevance_stays_between_nothing_and_all(evidence: Evidence) -> None:
    relevance = judge_relevance(evidence)
    assert relevance is None or 0 <= relevance <= 1


@given(EVIDENCE, st.floats(0, 1))
def test_coming_nearer_never_hurts(evidence: Evidence, step: float) -> None:
    if evidence.nearness is None:
        return
    nearer = Evidence(evidence.wording, evidence.nearness + step, evidence.strangeness, evidence.literal)
    before, after = judge_relevance(evidence), judge_relevance(nearer)
    assert before is None or (after is not None and after >= before - 1e-9)
