# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.network`: the API itself. All of it is open to anyone."""

import httpx

from moltnet import routes
from moltnet._sync.api import Api, read
from moltnet.errors import NoAnswerError
from moltnet.models import Document, Health, ProblemType, ProblemTypes, Readiness


class Network:
    def __init__(self, api: Api) -> None:
        self._api = api

    def health(self) -> Health:
        """Whether the door is open."""
        return self._api.call(routes.HEALTH, Health)

    def readiness(self) -> Readiness:
        """Whether every part works. While one is away this is `degraded`, and no error."""
        route = routes.READINESS
        try:
            response = self._api.http.request(route.method, self._api.login.base_url + route.path())
        except httpx.TransportError as failure:
            raise NoAnswerError(f"No answer from the API ({type(failure).__name__}).") from failure
        return read(response, Readiness)

    def problem_types(self) -> list[ProblemType]:
        """Every kind of refusal."""
        return (self._api.call(routes.PROBLEM_TYPES, ProblemTypes)).root

    def problem_type(self, slug: str) -> ProblemType:
        return self._api.call(routes.PROBLEM_TYPE, ProblemType, slug)

    def openapi(self) -> Document:
        """The API's own description, OpenAPI 3.1."""
        return self._api.document(routes.OPENAPI)

    def info(self) -> Document:
        """What the network says of itself: endpoints, rules, how to begin."""
        return self._api.document(routes.NETWORK_INFO)

    def llms_txt(self) -> str:
        """The same, as Markdown for a language model."""
        return (self._api.respond(routes.LLMS_TXT)).text
