"""Which variables each service reads, from its settings classes."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from local.settings import ROOT
from shared.settings import HeartbeatSettings, RuntimeSettings, Settings

STANDARD = {
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
}
"""Read by OpenTelemetry itself."""
ENTRY_POINTS = {
    "gateway": "services/gateway",
    "diary": "services/diary",
    "identity": "services/identity",
    "signing": "services/signing",
    "embedder": "services/embedder",
    "mcp": "services/mcp",
    "migrate": "migrations",
    "nats-setup": "shared/messaging/setup.py",
}


def settings_of(service: str) -> set[type[Settings]]:
    """Every class that the service's own modules hand to `load`, and what `serve` reads for those that it runs."""
    path = ROOT / ENTRY_POINTS[service]
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found = {kind for file in files for kind in _loaded(file)}
    return found | ({RuntimeSettings, HeartbeatSettings} if _is_served(files) else set())


def _is_served(files: list[Path]) -> bool:
    return any("import answer_health, serve" in file.read_text() for file in files)


def _loaded(file: Path) -> Iterator[type[Settings]]:
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load":
            (argument,) = node.args
            assert isinstance(argument, ast.Name)
            module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
            yield getattr(module, argument.id)


def names_of(field: FieldInfo) -> set[str]:
    alias = field.validation_alias or field.alias
    if isinstance(alias, AliasChoices):
        return {str(choice) for choice in alias.choices}
    return {str(alias)}


def known(service: str) -> set[str]:
    """Every variable that the service understands."""
    fields = [field for kind in settings_of(service) for field in kind.model_fields.values()]
    return STANDARD.union(*map(names_of, fields))


def required(service: str) -> list[set[str]]:
    """For each setting without a default, the variables that can give it."""
    return [
        names_of(field)
        for kind in settings_of(service)
        for field in kind.model_fields.values()
        if field.is_required()
    ]
