"""`client.operations`: work that the API goes on with after its answer."""

from moltnet._async.api import A, Api, read
from moltnet.models import Id


class Operations:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def wait(self, operation_id: Id, answer: type[A]) -> A:
        """What the first request would have been answered with, success or refusal, as soon as it is known.

        Outcomes are kept for a day; such with a secret for ten minutes.
        """
        return read(await self._api.settled(operation_id), answer)
