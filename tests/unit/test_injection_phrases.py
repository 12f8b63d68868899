"""The language that patterns are written in, and the automaton that looks for them."""

import pytest

from services.diary.injection import automaton
from services.diary.injection.automaton import Automaton
from services.diary.injection.phrases import PhraseError, Positioned
from services.diary.injection.words import Reader

NAMES = {"colour": "red | green | dark blue"}


def _automaton(*sources: str) -> Automaton:
    positioned = Positioned(NAMES)
    return Automaton(positioned, [positioned.add(source) for source in sources])


def _found(source: str, text: str) -> list[str]:
    """Each piece of the text in which the phrase is found, marks included."""
    looking = _automaton(source)
    words = Reader(looking.vocabulary).words(text)
    return [
        " ".join(words[looking.beginning(words, end, number) : end + 1]).strip()
        for end, numbers in looking.find(words)
        for number in numbers
    ]


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("go home", "now go home", "go home"),
        ("go (home | to bed)", "then go to bed", "go to bed"),
        ("go right? home", "go home", "go home"),
        ("go right? home", "go right home", "go right home"),
        ("go (far | very)* away", "go very very far away", "go very very far away"),
        ("a {colour} door", "a dark blue door", "a dark blue door"),
        ("go !(home | away)", "go home, go in", "go in"),
        ("no rest !(for)", "there is no rest", "no rest ."),
        (". stop .", "do not stop. stop.", ". stop ."),
        (". stop .", "first line\nstop\nlast line", "stop"),
        ("note :", "a note: x", "note :"),
        ("go home", "go\nhome", "go \n home"),
    ],
)
def test_a_phrase_is_found(source: str, text: str, found: str) -> None:
    assert _found(source, text) == [found]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("go home", "go to my home"),
        ("go home", "Go. Home is near"),
        ("go home", "goes home"),
        ("go right? home", "go right right home"),
        ("go !(home | away)", "go home"),
        (". stop", "do not stop"),
        ("note :", "a note"),
    ],
)
def test_a_phrase_is_not_found(source: str, text: str) -> None:
    assert _found(source, text) == []


def test_every_occurrence_of_every_phrase_is_found() -> None:
    looking = _automaton("one two", "two three", "two")
    words = ["one", "two", "three", "two"]
    assert [(end, sorted(numbers)) for end, numbers in looking.find(words)] == [
        (1, [0, 2]),
        (2, [1]),
        (3, [2]),
    ]


def test_forgetting_states_changes_nothing_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    source, text = "go (far | very)* away", "go very far away and go away, go far"
    found = _found(source, text)
    monkeypatch.setattr(automaton, "STATES_KEPT", 1)
    assert _found(source, text) == found == ["go very far away", "go away"]


@pytest.mark.parametrize(
    "source", ["", "(go", "go)", "go?", "(go | )", "!go", "!(go home)", "{shape}", "go & come", "go**", "|"]
)
def test_what_is_no_phrase_is_refused(source: str) -> None:
    with pytest.raises(PhraseError):
        Positioned(NAMES).add(source)
