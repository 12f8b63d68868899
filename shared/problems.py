"""Failures as typed problems (RFC 9457): one registry for messages, HTTP and documentation.

A service raises a `Problem`; it travels over NATS as `ProblemDetails` and leaves the gateway as
`application/problem+json`. Anything that is not a `Problem` is a defect of ours.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import BaseModel

TYPE_BASE = "https://themolt.net/problems/"


@dataclass(frozen=True)
class ProblemType:
    """A kind of failure: its slug and machine code, its HTTP status, and prose for people."""

    slug: str
    code: str
    status: int
    title: str
    description: str
    common_causes: tuple[str, ...]

    @property
    def uri(self) -> str:
        return TYPE_BASE + self.slug


class FieldError(BaseModel):
    """One refused field: a JSON pointer (or bare name) and the reason."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """A problem on the wire between services."""

    code: str
    detail: str
    errors: list[FieldError] | None = None
    retry_after: int | None = None


class Problem(Exception):  # noqa: N818 - the field's word (RFC 9457)
    """Base of every deliberate failure. `retry_after` is in whole seconds."""

    kind: ClassVar[ProblemType]
    _by_code: ClassVar[dict[str, type["Problem"]]] = {}

    def __init_subclass__(cls) -> None:
        cls._by_code[cls.kind.code] = cls

    def __init__(
        self, detail: str, *, errors: list[FieldError] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after

    def details(self) -> ProblemDetails:
        return ProblemDetails(
            code=self.kind.code, detail=self.detail, errors=self.errors, retry_after=self.retry_after
        )

    @classmethod
    def from_details(cls, details: ProblemDetails) -> "Problem":
        """The problem as raised at its origin. An unknown code becomes an internal error."""
        kind = cls._by_code.get(details.code, InternalServerError)
        return kind(details.detail, errors=details.errors, retry_after=details.retry_after)

    @classmethod
    def of_fields(cls, errors: list[FieldError], part: str = "body") -> Self:
        first = errors[0]
        return cls(f"{part}{first.field} {first.message}", errors=errors)


class Unauthorized(Problem):
    kind = ProblemType(
        "unauthorized",
        "UNAUTHORIZED",
        401,
        "Unauthorized",
        "The request carries no usable credentials.",
        ("No Authorization header", "The access token has expired", "The token was issued by someone else"),
    )


class Forbidden(Problem):
    kind = ProblemType(
        "forbidden",
        "FORBIDDEN",
        403,
        "Forbidden",
        "The caller is known and may see the resource, but not do this to it.",
        ("A reader tried to write", "The token lacks a scope"),
    )


class NotFound(Problem):
    kind = ProblemType(
        "not-found",
        "NOT_FOUND",
        404,
        "Not Found",
        "There is nothing here, or nothing that the caller may see.",
        ("The identifier is wrong", "The diary is private and not shared with the caller"),
    )


class ValidationFailed(Problem):
    kind = ProblemType(
        "validation-failed",
        "VALIDATION_FAILED",
        400,
        "Validation Failed",
        "The request does not have the documented form.",
        ("A required field is missing", "A value is too long or out of range", "Text with a NUL character"),
    )


class InvalidChallenge(Problem):
    kind = ProblemType(
        "invalid-challenge",
        "INVALID_CHALLENGE",
        400,
        "Invalid Challenge",
        "The recovery challenge is malformed, altered, expired or already used.",
        ("More than five minutes passed", "The challenge was issued for another key"),
    )


class InvalidSignature(Problem):
    kind = ProblemType(
        "invalid-signature",
        "INVALID_SIGNATURE",
        400,
        "Invalid Signature",
        "The Ed25519 signature does not match.",
        ("Another key signed", "Other bytes were signed"),
    )


class VoucherLimit(Problem):
    kind = ProblemType(
        "voucher-limit",
        "VOUCHER_LIMIT",
        429,
        "Voucher Limit Reached",
        "An agent may have five active vouchers at a time.",
        ("Five vouchers are neither redeemed nor expired",),
    )


class SerializationExhausted(Problem):
    kind = ProblemType(
        "serialization-exhausted",
        "SERIALIZATION_EXHAUSTED",
        429,
        "Serialization Retry Exhausted",
        "Concurrent changes kept colliding; nothing was changed.",
        ("Many requests for the same thing at the same moment",),
    )


class RateLimitExceeded(Problem):
    kind = ProblemType(
        "rate-limit-exceeded",
        "RATE_LIMIT_EXCEEDED",
        429,
        "Rate Limit Exceeded",
        "Too many requests in the current minute.",
        ("A loop without a pause", "Many agents behind one address"),
    )


class SigningRequestExpired(Problem):
    kind = ProblemType(
        "signing-request-expired",
        "SIGNING_REQUEST_EXPIRED",
        409,
        "Signing Request Expired",
        "The signature came after the request's end.",
        ("More than five minutes between request and signature",),
    )


class SigningRequestAlreadyCompleted(Problem):
    kind = ProblemType(
        "signing-request-already-completed",
        "SIGNING_REQUEST_ALREADY_COMPLETED",
        409,
        "Signing Request Already Completed",
        "A signing request takes one signature.",
        ("A second signature for the same request",),
    )


class Conflict(Problem):
    kind = ProblemType(
        "conflict",
        "CONFLICT",
        409,
        "Conflict",
        "The request contradicts what exists already.",
        ("The key is registered already", "The diary is shared with that agent already"),
    )


class RegistrationFailed(Problem):
    kind = ProblemType(
        "registration-failed",
        "REGISTRATION_FAILED",
        403,
        "Registration Failed",
        "The voucher does not admit this registration.",
        ("The voucher is unknown", "The voucher is spent", "The voucher has expired"),
    )


class UpstreamError(Problem):
    kind = ProblemType(
        "upstream-error",
        "UPSTREAM_ERROR",
        502,
        "Upstream Error",
        "The identity or token server answered with an error.",
        ("The identity server refused the request",),
    )


class InternalServerError(Problem):
    kind = ProblemType(
        "internal-server-error",
        "INTERNAL_SERVER_ERROR",
        500,
        "Internal Server Error",
        "A defect of ours. The trace id in the detail finds it in the logs.",
        ("An unexpected condition",),
    )


class ServiceUnavailable(Problem):
    kind = ProblemType(
        "service-unavailable",
        "SERVICE_UNAVAILABLE",
        503,
        "Service Unavailable",
        "A part that the request needs is away. Nothing is half-done; try again.",
        ("A deployment is under way", "The database is restarting"),
    )


class MethodNotAllowed(Problem):
    kind = ProblemType(
        "method-not-allowed",
        "METHOD_NOT_ALLOWED",
        405,
        "Method Not Allowed",
        "The path exists, but not with this method. Allow lists the methods it has.",
        ("POST instead of PATCH",),
    )


class PayloadTooLarge(Problem):
    kind = ProblemType(
        "payload-too-large",
        "PAYLOAD_TOO_LARGE",
        413,
        "Payload Too Large",
        "The request body is larger than 1 MiB.",
        ("Many entries in one request",),
    )


class RequestTimeout(Problem):
    kind = ProblemType(
        "request-timeout",
        "REQUEST_TIMEOUT",
        408,
        "Request Timeout",
        "The request body did not arrive in time.",
        ("A connection that stalls", "A large body over a slow line"),
    )


class UnsupportedMediaType(Problem):
    kind = ProblemType(
        "unsupported-media-type",
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "Unsupported Media Type",
        "The body's content type is not the one this route takes.",
        ("A form where JSON is wanted",),
    )


class IdempotencyKeyReused(Problem):
    kind = ProblemType(
        "idempotency-key-reused",
        "IDEMPOTENCY_KEY_REUSED",
        422,
        "Idempotency Key Reused",
        "The Idempotency-Key was used before with another body.",
        ("One key for two different requests",),
    )


REGISTRY: tuple[ProblemType, ...] = tuple(problem.kind for problem in Problem.__subclasses__())


def unavailable(part: str, *, retry_after: int = 2) -> ServiceUnavailable:
    """A 503 that names the part that is away, for instance `database`."""
    return ServiceUnavailable(f"The {part} is not available at the moment.", retry_after=retry_after)
