"""Failures as the servers put them on the wire.

Hydra answers flat OAuth 2.0 errors (RFC 6749, section 5.2); Kratos and Keto nest theirs under ``error``.
The path of a request tells which of the two its failure takes.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

HYDRA_PATHS = ("/oauth2/", "/admin/clients", "/admin/oauth2", "/admin/keys", "/.well-known/")

_MESSAGES = {
    HTTPStatus.BAD_REQUEST: "The request was malformed or contained invalid parameters",
    HTTPStatus.UNAUTHORIZED: "The request could not be authorized",
    HTTPStatus.NOT_FOUND: "The requested resource could not be found",
    HTTPStatus.CONFLICT: "The resource could not be created due to a conflict",
    HTTPStatus.SERVICE_UNAVAILABLE: "The service is currently unavailable",
}


class NestedError(Exception):
    """A Kratos or Keto failure: ``{"error": {"code", "status", "reason", "message", ...}}``."""

    def __init__(
        self,
        status: int,
        reason: str = "",
        *,
        message: str | None = None,
        members: Mapping[str, object] | None = None,
        siblings: Mapping[str, object] | None = None,
    ) -> None:
        """``members`` join the ``error`` object, ``siblings`` stand beside it."""
        super().__init__(reason)
        self.status = HTTPStatus(status)
        self.reason = reason
        self.message = message or _MESSAGES.get(self.status, self.status.phrase)
        self.members = dict(members or {})
        self.siblings = dict(siblings or {})

    def body(self) -> dict[str, Any]:
        """The JSON document of this failure."""
        error: dict[str, Any] = {"code": int(self.status), "status": self.status.phrase}
        if self.reason:
            error["reason"] = self.reason
        return {"error": error | {"message": self.message} | self.members} | self.siblings


class FlatError(Exception):
    """A Hydra failure: ``{"error", "error_description"}`` and nothing else."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status = HTTPStatus(status)
        self.error = error
        self.description = description

    def body(self) -> dict[str, Any]:
        """The JSON document of this failure."""
        return {"error": self.error, "error_description": self.description}


class StoreUnavailableError(Exception):
    """Postgres cannot be reached at the moment; it is answered with 503."""


def not_located() -> NestedError:
    """Kratos' answer for a row that is not there."""
    return NestedError(404, message="Unable to locate the resource")


def failure(request: Request, status: int, reason: str) -> JSONResponse:
    """A failure of no particular server, in the envelope that fits the path."""
    error: NestedError | FlatError = NestedError(status, reason)
    if request.url.path.startswith(HYDRA_PATHS):
        error = FlatError(status, _flat_code(status), reason)
    return JSONResponse(error.body(), status)


def _flat_code(status: int) -> str:
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "temporarily_unavailable"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
