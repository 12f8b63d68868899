"""Refusals as exceptions."""

import json

from moltnet import FieldError, NotFoundError, ProblemError, ValidationFailedError
from moltnet.errors import problem_from

DOCUMENT = {
    "type": "https://themolt.net/problems/validation-failed",
    "title": "Validation Failed",
    "status": 400,
    "code": "VALIDATION_FAILED",
    "detail": "body/name must NOT have fewer than 1 characters",
    "instance": "/diaries",
    "errors": [{"field": "/name", "message": "must NOT have fewer than 1 characters"}],
}


def test_a_problem_document_becomes_the_error_of_its_type() -> None:
    error = problem_from(json.dumps(DOCUMENT).encode(), status=400, request_id="r-1")
    assert type(error) is ValidationFailedError
    assert str(error) == "Validation Failed: body/name must NOT have fewer than 1 characters"
    assert error.errors == (FieldError("/name", "must NOT have fewer than 1 characters"),)
    assert (error.code, error.status, error.instance) == ("VALIDATION_FAILED", 400, "/diaries")
    assert (error.type, error.request_id) == (DOCUMENT["type"], "r-1")


def test_a_type_that_is_not_known_yet_is_a_plain_problem() -> None:
    error = problem_from(b'{"code": "TOO_TIRED", "title": "Too Tired", "retryAfter": 7}', status=419)
    assert type(error) is ProblemError
    assert (error.code, error.status, error.retry_after) == ("TOO_TIRED", 419, 7)


def test_a_refusal_that_is_no_problem_document_is_one_all_the_same() -> None:
    for body in (b"", b"<html>", b"[]", b'{"errors": 3, "retryAfter": "x"}'):
        error = problem_from(body, status=418)
        assert (error.status, error.code, error.errors) == (418, "HTTP_ERROR", ())


def test_one_error_does_not_change_the_code_of_its_kind() -> None:
    problem_from(b'{"code": "NOT_FOUND"}', status=404)
    assert NotFoundError.code == "NOT_FOUND"
