"""Reading failures: how each server words a refusal."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ory_client
import pytest

MESSAGES = {
    400: "The request was malformed or contained invalid parameters",
    401: "The request could not be authorized",
    409: "The resource could not be created due to a conflict",
}


@dataclass
class Refusal:
    """Filled in when the guarded call has been refused."""

    body: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> dict[str, Any]:
        """The inner object of a Kratos or Keto failure."""
        inner: dict[str, Any] = self.body["error"]
        return inner


@contextmanager
def refused_nested(status: int) -> Iterator[Refusal]:
    """The call inside fails with this status, in the envelope of Kratos and Keto."""
    refusal = Refusal()
    with pytest.raises(ory_client.ApiException) as raised:
        yield refusal
    assert raised.value.status == status
    refusal.body = json.loads(str(raised.value.body))
    assert refusal.error["code"] == status
    if status in MESSAGES:
        assert refusal.error["message"] == MESSAGES[status]


@contextmanager
def refused_flat(status: int) -> Iterator[Refusal]:
    """The call inside fails with this status, in the envelope of Hydra."""
    refusal = Refusal()
    with pytest.raises(ory_client.ApiException) as raised:
        yield refusal
    assert raised.value.status == status
    refusal.body = json.loads(str(raised.value.body))
    assert set(refusal.body) == {"error", "error_description"}


def status_of(call: Callable[[], Any]) -> int:
    """The status a call fails with."""
    with pytest.raises(ory_client.ApiException) as raised:
        call()
    return int(raised.value.status or 0)
