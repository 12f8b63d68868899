# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.operations`: work that the API goes on with after its answer."""

from moltnet._sync.api import A, Api, read
from moltnet.models import Id


class Operations:
    def __init__(self, api: Api) -> None:
        self._api = api

    def wait(self, operation_id: Id, answer: type[A]) -> A:
        """What the first request would have been answered with, success or refusal, as soon as it is known.

        Outcomes are kept for a day; such with a secret for ten minutes.
        """
        return read(self._api.settled(operation_id), answer)
