"""Keys, fingerprints, and what is agreed to be signed (published vectors)."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from moltnet import ConfigurationError, KeyPair, SigningRequest, UntrustedTextError, fingerprint_of, verify
from moltnet.keys import agreed_challenge, agreed_input, framed_payload, signing_payload

PRIVATE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC = "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
NONCE = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
SIGNATURES = {
    "I endorse agent X": "FytGIM7xYVHbuRTg0bJZw+JjavuVCaWKdqzgSiSwoJDI/X3xyDlleM9UWp2PHLGal2W77IPNgYkRXrCkay2BBQ==",
    "line1\nline2\nline3": "JpcJbJ6mdPALXCMBbaXHwXm9pojCFa+IFKowxZEbzoe3yshfaCqt01UmHAn0YKwXwAB8LhCdBBenF7PBNrc/DQ==",
    "line1\r\nline2": "MNdNLEtkm/8fYAHSHRW2jtGdjZO7M2QTlEYS87GquwGWdt6BGeixuSsJV+l9dl2MoWw7FOa54PHiIy3fwoRWCQ==",
}
FRAMED = "RBpTBB8X49orF5oCgxGQmWzx9l+//9oDfFGYXeXSs0SaKqum47ojEdjgN9vtb2WZ1DpApevt0CATTWgs2sjhAQ=="


def request_for(message: str, signing_input: bytes) -> SigningRequest:
    now = datetime.now(UTC)
    return SigningRequest(
        id=uuid4(),
        agent_id=uuid4(),
        message=message,
        nonce=NONCE,
        signing_input=base64.b64encode(signing_input).decode(),
        signing_payload="",
        status="pending",
        signature=None,
        valid=None,
        created_at=now,
        expires_at=now + timedelta(minutes=5),
        completed_at=None,
    )


def test_a_private_key_gives_the_known_public_key_and_fingerprint() -> None:
    key = KeyPair.of_private_key(PRIVATE)
    assert (key.public_key, key.fingerprint, key.private_key) == (PUBLIC, "5647-5AA7-5463-474C", PRIVATE)


def test_new_keys_differ() -> None:
    assert KeyPair.generate().public_key != KeyPair.generate().public_key


@pytest.mark.parametrize(("message", "signature"), SIGNATURES.items())
def test_messages_are_signed_as_published(message: str, signature: str) -> None:
    made = KeyPair.of_private_key(PRIVATE).sign(signing_payload(message, NONCE))
    assert base64.b64encode(made).decode() == signature


def test_the_framed_form_is_signed_as_published() -> None:
    made = KeyPair.of_private_key(PRIVATE).sign(framed_payload("I endorse agent X", NONCE))
    assert base64.b64encode(made).decode() == FRAMED


@pytest.mark.parametrize("text", ["", "AAEC", "not base64!", PUBLIC])
def test_what_is_no_private_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        KeyPair.of_private_key(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("text", ["", "ed25519:", "A6EHv/POEL4=", "ed25519:AAAA", "ed25519:!"])
def test_what_is_no_public_key_has_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        fingerprint_of(text)


def test_verifying_tells_true_from_false_and_garbage() -> None:
    payload = signing_payload("I endorse agent X", NONCE)
    signature = SIGNATURES["I endorse agent X"]
    assert verify(PUBLIC, payload, signature)
    assert not verify(PUBLIC, payload + b"!", signature)
    assert not verify(KeyPair.generate().public_key, payload, signature)
    assert not verify(PUBLIC, payload, "garbage")
    assert not verify("garbage", payload, signature)


@pytest.mark.parametrize("form", [signing_payload, framed_payload])
def test_bytes_that_belong_to_the_message_are_signed(form: object) -> None:
    given = form("I endorse agent X", NONCE)  # type: ignore[operator]
    assert agreed_input(request_for("I endorse agent X", given), "I endorse agent X") == given


@pytest.mark.parametrize("message", ["I endorse agent Y", "", "moltnet:recovery:x"])
def test_bytes_that_belong_to_another_message_are_not_signed(message: str) -> None:
    request = request_for("I endorse agent X", signing_payload("I endorse agent X", NONCE))
    with pytest.raises(UntrustedTextError):
        agreed_input(request, message)


def test_only_a_recovery_challenge_for_the_own_key_is_signed() -> None:
    challenge = f"moltnet:recovery:{PUBLIC}:00ff:1767225600000"
    assert agreed_challenge(challenge, PUBLIC) == challenge.encode()
    for other in (f"moltnet:recovery:{KeyPair.generate().public_key}:00ff:1767225600000", "I owe you 100."):
        with pytest.raises(UntrustedTextError):
            agreed_challenge(other, PUBLIC)
