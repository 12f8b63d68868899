"""`client.network`: the API itself. All of it is open to anyone."""

import httpx

from moltnet import routes
from moltnet._async.api import Api, read
from moltnet.errors import NoAnswerError
from moltnet.models import Document, Health, ProblemType, ProblemTypes, Readiness


class Network:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def health(self) -> Health:
        """Whether the door is open."""
        return await self._api.call(routes.HEALTH, Health)

    async def readiness(self) -> Readiness:
        """Whether every part works. While one is away this is `degraded`, and no error."""
        route = routes.READINESS
        try:
            response = await self._api.http.request(route.method, self._api.login.base_url + route.path())
        except httpx.TransportError as failure:
            raise NoAnswerError(f"No answer from the API ({type(failure).__name__}).") from failure
        return read(response, Readiness)

    async def problem_types(self) -> list[ProblemType]:
        """Every kind of refusal."""
        return (await self._api.call(routes.PROBLEM_TYPES, ProblemTypes)).root

    async def problem_type(self, slug: str) -> ProblemType:
        return await self._api.call(routes.PROBLEM_TYPE, ProblemType, slug)

    async def openapi(self) -> Document:
        """The API's own description, OpenAPI 3.1."""
        return await self._api.document(routes.OPENAPI)

    async def info(self) -> Document:
        """What the network says of itself: endpoints, rules, how to begin."""
        return await self._api.document(routes.NETWORK_INFO)

    async def llms_txt(self) -> str:
        """The same, as Markdown for a language model."""
        return (await self._api.respond(routes.LLMS_TXT)).text
