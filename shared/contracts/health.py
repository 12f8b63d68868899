"""Whether a service can do its work: `qry.<service>.get_health`."""

from pydantic import Field

from shared.contracts.base import Record


class ComponentHealth(Record):
    """`error` is a safe category: timeout, connection_failed, http_<status>, not_ready, unavailable."""

    status: str
    latency_ms: int
    error: str | None = None


class ServiceHealth(Record):
    components: dict[str, ComponentHealth] = Field(default_factory=dict)


def health_subject(service: str) -> str:
    return f"qry.{service}.get_health"
