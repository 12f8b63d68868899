"""The registry of problems: its order, its codes, and the way across the bus and back."""

import pytest

from shared.problems import (
    REGISTRY,
    FieldError,
    InternalServerError,
    Problem,
    ProblemDetails,
    RateLimitExceeded,
    ValidationFailed,
    unavailable,
)

FIRST = [
    ("unauthorized", "UNAUTHORIZED", 401, "Unauthorized"),
    ("forbidden", "FORBIDDEN", 403, "Forbidden"),
    ("not-found", "NOT_FOUND", 404, "Not Found"),
    ("validation-failed", "VALIDATION_FAILED", 400, "Validation Failed"),
    ("invalid-challenge", "INVALID_CHALLENGE", 400, "Invalid Challenge"),
    ("invalid-signature", "INVALID_SIGNATURE", 400, "Invalid Signature"),
    ("voucher-limit", "VOUCHER_LIMIT", 429, "Voucher Limit Reached"),
    ("serialization-exhausted", "SERIALIZATION_EXHAUSTED", 429, "Serialization Retry Exhausted"),
    ("rate-limit-exceeded", "RATE_LIMIT_EXCEEDED", 429, "Rate Limit Exceeded"),
    ("signing-request-expired", "SIGNING_REQUEST_EXPIRED", 409, "Signing Request Expired"),
    (
        "signing-request-already-completed",
        "SIGNING_REQUEST_ALREADY_COMPLETED",
        409,
        "Signing Request Already Completed",
    ),
    ("conflict", "CONFLICT", 409, "Conflict"),
    ("registration-failed", "REGISTRATION_FAILED", 403, "Registration Failed"),
    ("upstream-error", "UPSTREAM_ERROR", 502, "Upstream Error"),
    ("internal-server-error", "INTERNAL_SERVER_ERROR", 500, "Internal Server Error"),
]
OURS = {
    "SERVICE_UNAVAILABLE": 503,
    "METHOD_NOT_ALLOWED": 405,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "IDEMPOTENCY_KEY_REUSED": 422,
}
KINDS = [type(problem) for problem in (cls("x") for cls in Problem.__subclasses__())]


def test_the_known_kinds_come_first_and_in_order() -> None:
    listed = [(kind.slug, kind.code, kind.status, kind.title) for kind in REGISTRY]
    assert listed[: len(FIRST)] == FIRST


def test_our_own_kinds_come_after_them() -> None:
    added = {kind.code: kind.status for kind in REGISTRY[len(FIRST) :]}
    assert added | OURS == added


def test_slugs_and_codes_are_unique_and_say_the_same() -> None:
    assert len({kind.slug for kind in REGISTRY}) == len(REGISTRY)
    assert all(kind.slug.upper().replace("-", "_") == kind.code for kind in REGISTRY)


def test_every_kind_explains_itself() -> None:
    assert all(kind.description and kind.common_causes for kind in REGISTRY)
    assert all(kind.uri == f"https://themolt.net/problems/{kind.slug}" for kind in REGISTRY)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_problem_arrives_as_it_was_raised(kind: type[Problem]) -> None:
    raised = kind("why", errors=[FieldError(field="/x", message="is wrong")], retry_after=3)
    sent = raised.details().model_dump_json()
    arrived = Problem.from_details(ProblemDetails.model_validate_json(sent))
    assert type(arrived) is kind
    assert arrived.details() == raised.details()


def test_an_unknown_code_is_a_failure_of_ours() -> None:
    arrived = Problem.from_details(ProblemDetails(code="FROM_THE_FUTURE", detail="why"))
    assert type(arrived) is InternalServerError


def test_the_first_field_makes_the_detail() -> None:
    errors = [FieldError(field="/a", message="is bad"), FieldError(field="/b", message="is worse")]
    assert ValidationFailed.of_fields(errors).detail == "body/a is bad"
    assert ValidationFailed.of_fields(errors, "params").detail == "params/a is bad"


def test_what_is_away_is_named_and_may_be_asked_again() -> None:
    problem = unavailable("database")
    assert "database" in problem.detail
    assert problem.retry_after is not None


def test_a_problem_needs_no_errors_and_no_time() -> None:
    details = RateLimitExceeded("slow down").details()
    assert (details.errors, details.retry_after) == (None, None)
