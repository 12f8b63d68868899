"""What stands between a request and its route, as plain ASGI: size limit, HEAD, defects."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import MAX_BODY_BYTES, respond, too_large, unexpected
from shared.problems import PayloadTooLarge


class TooLargeError(HTTPException):
    """The body passed its limit while it was read. FastAPI lets this kind pass and no other."""

    def __init__(self) -> None:
        super().__init__(PayloadTooLarge.kind.status)


class BodyLimit:
    """413 for a body over 1 MiB, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            return await respond(too_large(), Request(scope))(scope, receive, send)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise TooLargeError
            return message

        return await self._app(scope, counted, send)


class HeadAsGet:
    """HEAD is answered on every GET route: the same headers, no body, and no waiting for one that never ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)

        ended = False

        async def without_body(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.body":
                if ended:
                    return
                message, ended = {"type": "http.response.body"}, True
            await send(message)

        return await self._app({**scope, "method": "GET"}, receive, without_body)


class Defects:
    """Tells what nobody expected as a problem; what fails in the middle of an answer breaks it off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as failure:
            problem = unexpected(failure)
            if begun:
                raise
            await respond(problem, Request(scope))(scope, receive, send)
