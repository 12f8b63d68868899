"""Kratos' account recovery by code, as it works with ``use_continue_with_transitions: true``."""

import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local.ory.database import Connection, Database
from local.ory.errors import NestedError
from local.ory.recovery_flows import CODE_LIFESPAN, WRONG_CODE_MESSAGE, Flow, FlowStore, submit_url
from local.ory.sessions import SESSION_COOKIE, SESSION_LIFESPAN, start_session
from local.ory.wire import Utf8JSONResponse, parse_duration, read_json, rfc3339

MAX_SUBMISSIONS = 5


class RecoveryRoutes:
    """Codes for the admin, flows and their submission for everyone."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._flows = FlowStore(database)
        self._base_url = base_url

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/admin/recovery/code", self._create_code, methods=["POST"]),
            Route("/self-service/recovery/flows", self._get_flow, methods=["GET"]),
            Route("/self-service/recovery", self._submit, methods=["POST"]),
        ]

    async def _create_code(self, request: Request) -> Response:
        body = _mapping(await read_json(request))
        flow_type = body.get("flow_type") or "browser"
        if flow_type not in {"api", "browser"}:
            raise NestedError(400, f"unknown flow_type: {flow_type}")
        no_identity = str(UUID(int=0))
        identity_id = _uuid(
            body.get("identity_id", no_identity), NestedError(400, "could not parse identity_id")
        )
        try:
            flow, code = await self._flows.open_with_code(
                identity_id, flow_type, _lifespan(body), str(request.url)
            )
        except asyncpg.ForeignKeyViolationError as error:
            raise NestedError(404, "could not find identity") from error
        answer = {
            "recovery_link": submit_url(self._base_url, flow.id),
            "recovery_code": code,
            "expires_at": rfc3339(flow.expires_at),
        }
        return Utf8JSONResponse(answer, 201)

    async def _get_flow(self, request: Request) -> Response:
        flow = await self._flows.find(_uuid(request.query_params.get("id"), NestedError(404)))
        if flow is None:
            raise NestedError(404)
        if flow.is_expired:
            raise await self._expired(flow)
        return Utf8JSONResponse(flow.to_json(self._base_url))

    async def _submit(self, request: Request) -> Response:
        no_flow = NestedError(400, "The flow query parameter is missing or malformed.")
        flow_id = _uuid(request.query_params.get("flow"), no_flow)
        body = _mapping(await read_json(request))
        code = body.get("code")
        if body.get("method", "code") != "code" or not isinstance(code, str):
            raise NestedError(400, "Could not find any strategy to recover your account with.")
        async with self._database.transaction() as connection:
            flow = await self._flows.claim_try(connection, flow_id)
            token = await self._session_for(connection, flow, code)
        if flow is None:
            raise NestedError(404)
        if flow.is_expired:
            raise await self._expired(flow)
        if token is not None:
            return self._passed(flow, token)
        if _is_used_up(flow):
            raise await self._used_up(flow)
        return Utf8JSONResponse(flow.to_json(self._base_url, WRONG_CODE_MESSAGE))

    async def _session_for(self, connection: Connection, flow: Flow | None, code: str) -> str | None:
        """A session token when the code is right and the flow still open; both are settled together."""
        if flow is None or flow.is_expired or _is_used_up(flow):
            return None
        given = await self._flows.code_hmac(connection, flow.id, code)
        if (
            flow.code_hmac is None
            or flow.identity_id is None
            or not hmac.compare_digest(given, flow.code_hmac)
        ):
            return None
        await self._flows.pass_challenge(connection, flow.id)
        return await start_session(connection, flow.identity_id)

    def _passed(self, flow: Flow, token: str) -> Response:
        settings_flow = str(uuid4())
        continue_with: list[dict[str, Any]] = [
            {
                "action": "show_settings_ui",
                "flow": {"id": settings_flow, "url": f"{self._base_url}/settings?flow={settings_flow}"},
            }
        ]
        if flow.type == "api":
            continue_with.insert(0, {"action": "set_ory_session_token", "ory_session_token": token})
        passed = flow.to_json(self._base_url) | {
            "state": "passed_challenge",
            "continue_with": continue_with,
        }
        response = Utf8JSONResponse(passed)
        if flow.type == "browser":
            max_age = int(SESSION_LIFESPAN.total_seconds())
            response.set_cookie(SESSION_COOKIE, token, max_age=max_age, httponly=True, samesite="lax")
        return response

    async def _expired(self, flow: Flow) -> NestedError:
        replacement = await self._flows.open_empty(flow.type, flow.request_url)
        return NestedError(
            410,
            "The recovery flow has expired. Redirect the user to the recovery flow init endpoint.",
            message="self-service flow expired",
            members={"id": "self_service_flow_expired"},
            siblings={"expired_at": rfc3339(flow.expires_at), "use_flow_id": str(replacement.id)},
        )

    async def _used_up(self, flow: Flow) -> NestedError:
        replacement = await self._flows.open_empty(flow.type, flow.request_url)
        action = {"action": "show_recovery_ui", "flow": {"id": str(replacement.id)}}
        return NestedError(
            400,
            "The recovery was submitted too often, or has been completed already.",
            members={"details": {"continue_with": [action]}},
        )


def _is_used_up(flow: Flow) -> bool:
    return flow.state != "sent_email" or flow.submissions > MAX_SUBMISSIONS


def _mapping(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise NestedError(400, "expected a JSON object")
    return document


def _uuid(text: object, otherwise: NestedError) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise otherwise from error


def _lifespan(body: dict[str, Any]) -> timedelta:
    text = body.get("expires_in")
    if text is None or text == "":
        return CODE_LIFESPAN
    try:
        return parse_duration(str(text))
    except ValueError as error:
        raise NestedError(400, f"unable to parse 'expires_in': {text!r}") from error
