"""Whether the server lives, and whether the API that it speaks for is ready (contract/operations 1)."""

import time
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PROBE_SECONDS = 5.0
READY = "/health/ready"


def routes(http: httpx.AsyncClient) -> list[Route]:
    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok", "timestamp": _now()})

    async def ready(_: Request) -> Response:
        started = time.monotonic()
        error = await _api_error(http)
        component = {
            "status": "error" if error else "ok",
            "latencyMs": int((time.monotonic() - started) * 1000),
            **({"error": error} if error else {}),
        }
        return JSONResponse(
            {
                "status": "degraded" if error else "ok",
                "timestamp": _now(),
                "components": {"api": component},
            },
            HTTPStatus.SERVICE_UNAVAILABLE if error else HTTPStatus.OK,
        )

    return [Route("/healthz", alive), Route("/healthz/ready", ready)]


async def _api_error(http: httpx.AsyncClient) -> str | None:
    """A safe category; never a text of someone else's."""
    try:
        answer = await http.get(READY, timeout=PROBE_SECONDS)
    except httpx.TimeoutException:
        return "timeout"
    except httpx.HTTPError:
        return "connection_failed"
    return None if answer.is_success else f"http_{answer.status_code}"


def _now() -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
