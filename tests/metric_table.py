"""The metrics as docs/operating.md tells them."""

import re
from dataclasses import dataclass

from local.settings import ROOT

_ROW = re.compile(
    r"^\| `(?P<name>[a-z_.]+)` \| (?P<kind>histogram|counter|gauge|sum) \| ?(?P<unit>\w*) \|(?P<attributes>[^|]*)\|",
    re.MULTILINE,
)
_NAMED = re.compile(r"`([a-z_.]+)`")
_ENDINGS = {"ms": "_milliseconds", "s": "_seconds", "bytes": "_bytes", "": ""}
RESOURCE = {"service.name", "service.instance.id", "service.version", "deployment.environment"}


@dataclass(frozen=True)
class Documented:
    """One row of the table."""

    kind: str
    unit: str
    attributes: frozenset[str]


def documented() -> dict[str, Documented]:
    """The rows by name."""
    return {
        row["name"]: Documented(row["kind"], row["unit"], frozenset(_NAMED.findall(row["attributes"])))
        for row in _ROW.finditer((ROOT / "docs" / "operating.md").read_text())
    }


def in_prometheus() -> dict[str, set[str]]:
    """Each series that the collector's Prometheus exporter makes of these metrics, with its labels.

    The rules are OpenTelemetry's for Prometheus (specs/otel/compatibility/prometheus_and_openmetrics).
    """
    return {
        name: {_underscored(attribute) for attribute in {*row.attributes, *RESOURCE}} | extra
        for metric, row in documented().items()
        for name, extra in _series(_underscored(metric) + _ENDINGS[row.unit], row.kind)
    }


def _series(name: str, kind: str) -> list[tuple[str, set[str]]]:
    if kind == "histogram":
        return [(f"{name}_bucket", {"le"}), (f"{name}_count", set()), (f"{name}_sum", set())]
    if kind == "counter":
        return [(f"{name.removesuffix('_total')}_total", set())]
    return [(name, set())]


def _underscored(name: str) -> str:
    return name.replace(".", "_")
