# ruff: noqa: RUF001 - letters that look like others are the subject
"""What is written in unusual characters is read as what it looks like."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.diary.injection.characters import plain


@given(st.text())
@example("\u0393\u03a9\u0190\u01a6")  # capitals whose small letters look like Latin ones
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(codec="ascii")))
def test_ascii_only_loses_its_capitals(text: str) -> None:
    assert plain(text) == text.lower()


@given(st.text(), st.text())
def test_a_character_is_read_alike_wherever_it_stands(left: str, right: str) -> None:
    assert plain(left + right) == plain(left) + plain(right)


@pytest.mark.parametrize(
    "disguised",
    [
        pytest.param("IGNORE", id="capitals"),
        pytest.param("ｉｇｎｏｒｅ", id="full width"),
        pytest.param("іgnоrе", id="Cyrillic look-alikes"),
        pytest.param("ιgηοrε", id="Greek look-alikes"),
        pytest.param("ΙƓΝΟƦΕ", id="Greek and African capitals"),
        pytest.param("𝓲𝓰𝓷𝓸𝓻𝓮", id="mathematical letters"),
        pytest.param("ⓘⓖⓝⓞⓡⓔ", id="circled letters"),
        pytest.param("🅸🅶🅽🅾🆁🅴", id="squared letters"),
        pytest.param("ɪɢɴᴏʀᴇ", id="small capitals"),
        pytest.param("ìgñöré", id="accents"),
        pytest.param("i̶g̶n̶o̶r̶e̶", id="struck through"),
        pytest.param("ig\u200bno\u200dre", id="zero width"),
        pytest.param("ig\u00adno\u2060re\ufeff", id="soft hyphen and joiner"),
        pytest.param("\u202eig\u202cnore", id="direction marks"),
        pytest.param("ig\u3164nore", id="letters without a shape"),
        pytest.param("".join(chr(0xE0000 + ord(letter)) for letter in "iGnore"), id="invisible tags"),
    ],
)
def test_a_disguised_word_is_the_word(disguised: str) -> None:
    assert plain(disguised) == "ignore"


def test_a_letter_is_what_it_looks_like_rather_than_what_it_derives_from() -> None:
    assert plain("\u03f2\u03f9") == "cc"  # a sigma in the shape of a c


def test_a_character_that_stands_for_a_sentence_does_not_swell_the_text() -> None:
    text = "\ufdfa" * 1_000
    assert len(plain(text)) <= len(text)
