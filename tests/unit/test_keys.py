"""Public keys as text: exactly one form, and only keys that prove something."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from shared.crypto.keys import InvalidPublicKey, fingerprint_of, parse_public_key
from tests.unit.vectors import KEYS, A, Key

RAW = base64.b64decode(A.public_key.removeprefix("ed25519:"))


def _text(raw: bytes) -> str:
    return "ed25519:" + base64.b64encode(raw).decode()


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_public_key_follows_from_its_seed(key: Key) -> None:
    assert _text(bytes(SigningKey(bytes.fromhex(key.seed)).verify_key)) == key.public_key


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_fingerprint_follows_from_the_raw_key(key: Key) -> None:
    assert fingerprint_of(parse_public_key(key.public_key)) == key.fingerprint


MALFORMED = {
    "empty": "",
    "no prefix": A.public_key.removeprefix("ed25519:"),
    "another prefix": A.public_key.replace("ed25519", "ed448"),
    "prefix in capitals": A.public_key.replace("ed25519", "Ed25519"),
    "space before": " " + A.public_key,
    "space after the prefix": A.public_key.replace(":", ": "),
    "line break at the end": A.public_key + "\n",
    "no padding": A.public_key.rstrip("="),
    "too much padding": A.public_key + "=",
    "padding in the middle": A.public_key[:20] + "=" + A.public_key[21:],
    "url-safe alphabet": A.public_key.replace("/", "_"),
    "letters that are not ASCII": A.public_key[:-2] + "\uff21=",
    "not canonical": A.public_key[:-2] + "h=",
    "no key": "ed25519:",
    "31 bytes": _text(RAW[:31]),
    "33 bytes": _text(RAW + b"\0"),
    "private and public key": _text(RAW * 2),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_any_other_spelling_of_a_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidPublicKey, match="ed25519"):
        parse_public_key(text)


SMALL_ORDER = {
    "neutral element": "0100000000000000000000000000000000000000000000000000000000000000",
    "order 2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order 4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order 4, other sign": "0000000000000000000000000000000000000000000000000000000000000080",
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, other sign": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 8, inverse": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order 8, inverse, other sign": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}


@pytest.mark.parametrize("point", SMALL_ORDER.values(), ids=SMALL_ORDER.keys())
def test_a_point_of_small_order_is_refused(point: str) -> None:
    with pytest.raises(InvalidPublicKey, match="ed25519"):
        parse_public_key(_text(bytes.fromhex(point)))


NOT_REDUCED = {
    "p": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "p + 1": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "all ones": "ff" * 32,
}


@pytest.mark.parametrize("point", NOT_REDUCED.values(), ids=NOT_REDUCED.keys())
def test_a_coordinate_that_is_not_reduced_is_refused(point: str) -> None:
    with pytest.raises(InvalidPublicKey):
        parse_public_key(_text(bytes.fromhex(point)))


def test_what_is_no_point_of_the_curve_is_refused() -> None:
    with pytest.raises(InvalidPublicKey):
        parse_public_key(_text(b"\x02" + bytes(31)))


@given(st.text())
def test_garbage_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(InvalidPublicKey):
        parse_public_key("ed25519:" + text)


@given(st.binary(min_size=32, max_size=32))
def test_what_is_accepted_is_the_one_spelling_of_its_bytes(raw: bytes) -> None:
    try:
        parsed = parse_public_key(_text(raw))
    except InvalidPublicKey:
        return
    assert parsed == raw
