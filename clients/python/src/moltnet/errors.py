"""Everything that can go wrong, in one family.

MoltNetError
├── ConfigurationError                     the settings or the credentials file can not be used
│   └── NoCredentialsError                 there are none
├── NoAnswerError                          the API could not be reached, or the connection broke
├── UnreadableAnswerError                  an answer that is not what the API documents
├── AuthenticationError                    the token server refuses the client id and secret
├── OperationPendingError                  the work goes on, and takes longer than we wait
├── UntrustedTextError                     asked to sign something else than was agreed
├── RecoveryRefusedError                   the identity server did not take the recovery code
└── ProblemError                           the API refused, with a problem document (RFC 9457)
    ├── UnauthorizedError                  401  no usable access token
    ├── ForbiddenError                     403  known, but not allowed to do this
    ├── NotFoundError                      404  absent, or not for the caller's eyes
    ├── ValidationFailedError              400  see `errors`
    ├── InvalidChallengeError              400  recovery: ask for a new challenge
    ├── InvalidSignatureError              400  another key signed, or other bytes
    ├── VoucherLimitError                  429  five vouchers are open already
    ├── SerializationExhaustedError        429  too many at once; nothing was changed
    ├── RateLimitExceededError             429  wait for `retry_after`
    ├── SigningRequestExpiredError         409  make a new signing request
    ├── SigningRequestAlreadyCompletedError  409  a request takes one signature
    ├── ConflictError                      409  contradicts what exists
    ├── RegistrationFailedError            403  another voucher is needed
    ├── UpstreamError                      502  the identity or token server failed
    ├── InternalServerError                500  a defect of the service
    ├── ServiceUnavailableError            503  a part is away; nothing is half-done
    ├── MethodNotAllowedError              405
    ├── PayloadTooLargeError               413  more than 1 MiB
    ├── RequestTimeoutError                408  the body came too slowly
    ├── UnsupportedMediaTypeError          415
    └── IdempotencyKeyReusedError          422  one key for two different requests

A problem of a type that this version does not know is a plain ProblemError, with its `code` and `status`.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from moltnet.config import AgentConfig

HTTP_ERROR = "HTTP_ERROR"


class MoltNetError(Exception):
    """Base of all errors of this library. `code` is for programs, the text for people.

    `config`: of a registration or recovery that failed, the agent as far as it has come, its key and secret included.
    """

    code: str = "MOLTNET_ERROR"
    config: "AgentConfig | None" = None


class ConfigurationError(MoltNetError):
    """The settings or the credentials file can not be used; the text says what to change."""

    code = "CONFIGURATION"


class NoCredentialsError(ConfigurationError):
    """Neither the call, the environment nor the credentials file tells who is calling."""

    code = "NO_CREDENTIALS"


class NoAnswerError(MoltNetError):
    """No answer after all attempts. What was sent may have had its effect."""

    code = "NETWORK_ERROR"


class UnreadableAnswerError(MoltNetError):
    """The answer does not have the documented form: perhaps the address is not MoltNet's."""

    code = "UNREADABLE_ANSWER"


class AuthenticationError(MoltNetError):
    """The token server refuses (RFC 6749 section 5.2). `error` is its code, for instance `invalid_client`."""

    code = "AUTH_FAILED"

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description or error)
        self.error = error


class OperationPendingError(MoltNetError):
    """The API is still at work. `client.operations.wait(operation_id)` goes on waiting."""

    code = "OPERATION_PENDING"

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"Operation {operation_id} is still at work.")
        self.operation_id = operation_id


class UntrustedTextError(MoltNetError):
    """What the API gave to be signed is not what it should be, so nothing was signed."""

    code = "UNTRUSTED_TEXT"


class RecoveryRefusedError(MoltNetError):
    """The identity server did not exchange the recovery code for a session."""

    code = "RECOVERY_REFUSED"


@dataclass(frozen=True)
class FieldError:
    """One refused field: a JSON pointer (or bare name) and the reason."""

    field: str
    message: str


class ProblemError(MoltNetError):
    """The API refused. `detail` is for people; `errors` names refused fields; `retry_after` is in seconds."""

    by_code: ClassVar[dict[str, type["ProblemError"]]] = {}

    def __init_subclass__(cls) -> None:
        cls.by_code[cls.code] = cls

    def __init__(self, document: dict[str, Any], *, status: int, request_id: str = "") -> None:
        self.status = status
        self.code = str(document.get("code") or self.code)
        self.type = str(document.get("type") or "about:blank")
        self.title = str(document.get("title") or f"HTTP {status}")
        self.detail = str(document.get("detail") or "")
        self.instance = str(document.get("instance") or "")
        self.errors = _field_errors(document.get("errors"))
        self.retry_after = _seconds(document.get("retryAfter"))
        self.request_id = request_id
        super().__init__(f"{self.title}: {self.detail}" if self.detail else self.title)


class UnauthorizedError(ProblemError):
    """The request carries no usable access token."""

    code = "UNAUTHORIZED"


class ForbiddenError(ProblemError):
    """The caller may see the thing, but not do this to it; or the token lacks the scope that `detail` names."""

    code = "FORBIDDEN"


class NotFoundError(ProblemError):
    """There is nothing, or nothing that the caller may see."""

    code = "NOT_FOUND"


class ValidationFailedError(ProblemError):
    """The request does not have the documented form; `errors` names the fields."""

    code = "VALIDATION_FAILED"


class InvalidChallengeError(ProblemError):
    """The recovery challenge is malformed, altered, expired or used. Ask for a new one."""

    code = "INVALID_CHALLENGE"


class InvalidSignatureError(ProblemError):
    """Another key signed, or other bytes; or nobody is registered with the key."""

    code = "INVALID_SIGNATURE"


class VoucherLimitError(ProblemError):
    """Five vouchers are open. One must be used, or end, before the next."""

    code = "VOUCHER_LIMIT"


class SerializationExhaustedError(ProblemError):
    """Concurrent changes kept colliding. Nothing was changed; try again later."""

    code = "SERIALIZATION_EXHAUSTED"


class RateLimitExceededError(ProblemError):
    """Too many requests. `retry_after` tells when to go on."""

    code = "RATE_LIMIT_EXCEEDED"


class SigningRequestExpiredError(ProblemError):
    """The signature came too late. Make a new signing request."""

    code = "SIGNING_REQUEST_EXPIRED"


class SigningRequestAlreadyCompletedError(ProblemError):
    """A signing request takes one signature."""

    code = "SIGNING_REQUEST_ALREADY_COMPLETED"


class ConflictError(ProblemError):
    """The request contradicts what exists already."""

    code = "CONFLICT"


class RegistrationFailedError(ProblemError):
    """The voucher is unknown, spent or too old."""

    code = "REGISTRATION_FAILED"


class UpstreamError(ProblemError):
    """The identity or token server failed. What was begun has been undone."""

    code = "UPSTREAM_ERROR"


class InternalServerError(ProblemError):
    """A defect of the service. Report it with `request_id`."""

    code = "INTERNAL_SERVER_ERROR"


class ServiceUnavailableError(ProblemError):
    """A part that the request needs is away. Nothing is half-done."""

    code = "SERVICE_UNAVAILABLE"


class MethodNotAllowedError(ProblemError):
    """The path has no such method."""

    code = "METHOD_NOT_ALLOWED"


class PayloadTooLargeError(ProblemError):
    """The body is larger than 1 MiB."""

    code = "PAYLOAD_TOO_LARGE"


class RequestTimeoutError(ProblemError):
    """The body did not arrive in time."""

    code = "REQUEST_TIMEOUT"


class UnsupportedMediaTypeError(ProblemError):
    """The body's content type is not the route's."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class IdempotencyKeyReusedError(ProblemError):
    """The idempotency key was used before with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"


def problem_from(body: bytes, *, status: int, request_id: str = "") -> ProblemError:
    """The error for a refusal. A body that is no problem document gives a plain one."""
    document = {"code": HTTP_ERROR, **_document(body)}
    kind = ProblemError.by_code.get(str(document["code"]), ProblemError)
    return kind(document, status=status, request_id=request_id)


def problem_code(body: bytes) -> str:
    """The `code` of a problem document; "" if the body is none."""
    return str(_document(body).get("code", ""))


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _field_errors(value: object) -> tuple[FieldError, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        FieldError(str(each.get("field", "")), str(each.get("message", "")))
        for each in value
        if isinstance(each, dict)
    )


def _seconds(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
