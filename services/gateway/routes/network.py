"""Health, and the catalogue of problem types."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import JSONResponse

from services.gateway.guards import open_to_anyone, rules
from services.gateway.parts import GatewayParts
from services.gateway.rate_limits import Bucket
from services.gateway.readiness import Readiness
from shared.contracts.base import Record
from shared.contracts.fields import iso_timestamp
from shared.problems import REGISTRY, FieldError, ProblemType, ValidationFailed

health = open_to_anyone("health")
problem_types = open_to_anyone("problems")


class Alive(Record):
    status: str
    timestamp: str


class ProblemTypeDescription(Record):
    type: str
    title: str
    status: int
    code: str
    description: str
    common_causes: list[str]


@health.get(
    "/health", operation_id="getHealth", response_model=Alive, openapi_extra=rules(bucket=Bucket.EXEMPT)
)
async def get_health() -> Response:
    """Whether the door is open. Touches nothing."""
    return JSONResponse({"status": "ok", "timestamp": iso_timestamp(datetime.now(UTC))})


@health.get(
    "/health/ready",
    operation_id="getReadiness",
    response_model=Readiness,
    responses={503: {"model": Readiness}},
    openapi_extra=rules(bucket=Bucket.EXEMPT),
)
async def get_readiness(parts: GatewayParts) -> Response:
    """Whether every component works; names those that do not."""
    readiness = await parts.readiness.read()
    status = 200 if readiness.status == "ok" else 503
    return JSONResponse(
        readiness.model_dump(mode="json", by_alias=True, exclude_none=True), status_code=status
    )


def _describe(kind: ProblemType) -> ProblemTypeDescription:
    return ProblemTypeDescription(
        type=kind.uri,
        title=kind.title,
        status=kind.status,
        code=kind.code,
        description=kind.description,
        common_causes=list(kind.common_causes),
    )


@problem_types.get("/problems", operation_id="listProblemTypes", openapi_extra=rules(bucket=Bucket.EXEMPT))
async def list_problem_types() -> list[ProblemTypeDescription]:
    """Every kind of failure, in registry order."""
    return [_describe(kind) for kind in REGISTRY]


@problem_types.get("/problems/{type}", operation_id="getProblemType")
async def get_problem_type(type: Annotated[str, Path()]) -> ProblemTypeDescription:  # noqa: A002
    """One kind of failure."""
    for kind in REGISTRY:
        if kind.slug == type:
            return _describe(kind)
    error = FieldError(field="/type", message="must be equal to one of the allowed values")
    raise ValidationFailed.of_fields([error], "params")
