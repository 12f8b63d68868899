"""Signatures: the vectors hold, in both forms and in no other, and garbage is simply not valid."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from shared.crypto.signatures import SignedForm, framed_input, matching_form, signing_payload, verify
from tests.unit.vectors import (
    DOTTED_BYTES,
    FRAMED_BYTES,
    NONCE,
    PROOF_MESSAGE,
    PROOF_SIGNATURE,
    SIGNED,
    A,
    B,
    C,
    Signed,
)

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
V1 = SIGNED["V1"]
every_vector = pytest.mark.parametrize("vector", SIGNED.values(), ids=SIGNED.keys())


def _sign(signed: bytes) -> str:
    return base64.b64encode(SigningKey(bytes.fromhex(A.seed)).sign(signed).signature).decode()


@every_vector
def test_the_dotted_form_has_the_known_signature(vector: Signed) -> None:
    assert _sign(signing_payload(vector.message, NONCE).encode()) == vector.dotted


@every_vector
def test_the_framed_form_has_the_known_signature(vector: Signed) -> None:
    assert _sign(framed_input(vector.message, NONCE)) == vector.framed


@pytest.mark.parametrize("name", DOTTED_BYTES)
def test_the_dotted_form_has_the_known_bytes(name: str) -> None:
    assert signing_payload(SIGNED[name].message, NONCE).encode() == DOTTED_BYTES[name]


@pytest.mark.parametrize("name", FRAMED_BYTES)
def test_the_framed_form_has_the_known_bytes(name: str) -> None:
    assert framed_input(SIGNED[name].message, NONCE) == FRAMED_BYTES[name]


@every_vector
def test_each_form_is_recognised(vector: Signed) -> None:
    assert matching_form(vector.message, NONCE, vector.dotted, A.public_key) is SignedForm.DOT
    assert matching_form(vector.message, NONCE, vector.framed, A.public_key) is SignedForm.FRAMED


@every_vector
def test_the_bare_message_is_not_enough(vector: Signed) -> None:
    assert matching_form(vector.message, NONCE, _sign(vector.message.encode()), A.public_key) is None


def test_a_line_break_of_another_kind_is_another_message() -> None:
    signature = SIGNED["V4"].dotted
    assert matching_form("line1\nline2", NONCE, signature, A.public_key) is None


def test_another_key_signed_nothing() -> None:
    assert matching_form(V1.message, NONCE, V1.dotted, B.public_key) is None


def test_a_plain_signature_is_over_the_utf8_of_the_text() -> None:
    assert verify(PROOF_MESSAGE.encode(), PROOF_SIGNATURE, C.public_key)
    assert not verify(PROOF_MESSAGE.encode() + b"\n", PROOF_SIGNATURE, C.public_key)


SIGNATURE = base64.b64decode(V1.dotted)


def _with_scalar_plus_group_order() -> bytes:
    scalar = int.from_bytes(SIGNATURE[32:], "little") + GROUP_ORDER
    return SIGNATURE[:32] + scalar.to_bytes(32, "little")


ALTERED = {
    "empty": "",
    "no base64": "!" * 88,
    "no padding": V1.dotted.rstrip("="),
    "white space": V1.dotted + "\n",
    "url-safe alphabet": V1.dotted.replace("+", "-").replace("/", "_"),
    "63 bytes": base64.b64encode(SIGNATURE[:63]).decode(),
    "65 bytes": base64.b64encode(SIGNATURE + b"\0").decode(),
    "not canonical base64": V1.dotted[:-3] + "R==",
    "a changed bit": base64.b64encode(bytes([SIGNATURE[0] ^ 1]) + SIGNATURE[1:]).decode(),
    "a scalar that is not reduced": base64.b64encode(_with_scalar_plus_group_order()).decode(),
    "a commitment of small order": base64.b64encode(b"\x01" + bytes(31) + SIGNATURE[32:]).decode(),
    "not ASCII": "\uff21" * 88,
    "a lone surrogate": "\ud800",
}


@pytest.mark.parametrize("signature", ALTERED.values(), ids=ALTERED.keys())
def test_a_signature_has_one_spelling(signature: str) -> None:
    assert matching_form(V1.message, NONCE, signature, A.public_key) is None


@given(message=st.text(st.characters(codec="utf-8")), signature=st.text(), public_key=st.text())
def test_garbage_is_not_valid_and_never_raises(message: str, signature: str, public_key: str) -> None:
    assert matching_form(message, NONCE, signature, public_key) is None
    assert matching_form(message, NONCE, signature, A.public_key) is None


@given(st.text(st.characters(codec="utf-8")))
def test_the_message_can_be_read_back_from_what_was_signed(message: str) -> None:
    signed = signing_payload(message, NONCE).encode()
    assert signed[:-37].decode() == message
