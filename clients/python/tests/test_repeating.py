"""Under which idempotency keys a change is sent again."""

from collections.abc import Callable

import httpx
import pytest

from moltnet import AsyncMoltNet, ClientSettings, KeyPair, RetryPolicy, ServiceUnavailableError, UpstreamError

API = "https://api.example"
QUICK = ClientSettings(retries=RetryPolicy(attempts=3, first_wait=0.0))
KEY = KeyPair.of_private_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
Refuse = Callable[[int, str], list[str]]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Every request is refused with this status and code. Gives the idempotency keys as they come."""

    def refusing(status: int, code: str) -> list[str]:
        keys: list[str] = []

        async def answer(_: httpx.AsyncClient, method: str, url: str, **sent: object) -> httpx.Response:
            headers = sent.get("headers")
            assert isinstance(headers, dict)
            if method == "POST":
                keys.append(headers.get("idempotency-key", ""))
            return httpx.Response(status, json={"code": code}, request=httpx.Request(method, url))

        monkeypatch.setattr(httpx.AsyncClient, "request", answer)
        return keys

    return refusing


async def registered(**given: str) -> None:
    async with AsyncMoltNet(API, settings=QUICK) as visitor:
        with pytest.raises(UpstreamError):
            await visitor.register("voucher", signer=KEY, **given)


async def test_what_may_have_been_done_is_sent_again_under_the_same_key(refuse: Refuse) -> None:
    keys = refuse(503, "SERVICE_UNAVAILABLE")
    async with AsyncMoltNet(API, settings=QUICK) as visitor:
        with pytest.raises(ServiceUnavailableError):
            await visitor.auth.register(KEY.public_key, "voucher")
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_what_was_undone_is_sent_again_under_another_key(refuse: Refuse) -> None:
    keys = refuse(502, "UPSTREAM_ERROR")
    async with AsyncMoltNet(API, settings=QUICK) as visitor:
        with pytest.raises(UpstreamError):
            await visitor.auth.register(KEY.public_key, "voucher")
    assert len(set(keys)) == 3


async def test_a_registration_has_the_same_keys_in_every_process(refuse: Refuse) -> None:
    keys = refuse(502, "UPSTREAM_ERROR")
    await registered()
    await registered()
    assert len(keys) == 6
    assert keys[:3] == keys[3:]
    assert len(set(keys)) == 3


async def test_a_given_key_is_the_only_one(refuse: Refuse) -> None:
    keys = refuse(502, "UPSTREAM_ERROR")
    await registered(key="mine")
    assert keys == ["mine"]
