"""Dashboard and alerts ask for what the services report, in queries that are well formed.

That the services do report what docs/operating.md lists is shown by tests/integration/test_metrics.py.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from fastapi.routing import APIRoute

from local.settings import ROOT, SERVICES
from services.gateway.app import ROUTERS
from tests.compose import declared, document
from tests.deployment.test_kubernetes import base
from tests.metric_table import in_prometheus

DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "operating.md").read_text()
SERIES = in_prometheus()
FUNCTIONS = {
    *("sum", "topk", "rate", "increase", "histogram_quantile", "absent_over_time", "by", "or", "and", "on"),
}
STRING = re.compile(r'"[^"]*"')
SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
MATCHER = re.compile(r'([a-z_]+)(?:=~|!~|!=|=)"[^"]*"(?:,\s*|$)')
GROUPED = re.compile(r"\bby \(([^)]*)\)")
RANGE = re.compile(r"\[(?:\d+[smhd]|\$__rate_interval)\]")
WORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
CLOSING = {")": "(", "}": "{", "]": "["}
REDACTED = {
    *("authorization", "cookie", "x-api-key", "x-ory-api-key"),
    *("x-access-token", "x-refresh-token", "x-client-id", "x-client-secret"),
}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    board = json.loads((DEPLOY / "grafana" / "moltnet.json").read_text())
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def _targets() -> list[Any]:
    return [
        pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
        for panel in panels()
        for target in panel["targets"]
    ]


QUERIES = [*_targets(), *(pytest.param(rule["expr"], id=rule["alert"]) for rule in rules())]


def _series(query: str) -> set[str]:
    """The series that a query names: its words that are no function, no label and no string."""
    bare = GROUPED.sub("", RANGE.sub("", re.sub(r"\{[^}]*\}", "", STRING.sub("", query))))
    return {word for word in WORD.findall(bare) if word not in FUNCTIONS}


def _labels(query: str) -> Iterator[tuple[str, str]]:
    """Each label that a query selects by, with its series."""
    for name, matchers in SELECTOR.findall(query):
        assert MATCHER.sub("", matchers.strip()) == "", f"not understood: {matchers}"
        for label in MATCHER.findall(matchers):
            yield name, label


@pytest.mark.parametrize("query", QUERIES)
def test_every_series_is_one_that_is_reported(query: str) -> None:
    assert _series(query)
    assert _series(query) <= set(SERIES)


@pytest.mark.parametrize("query", QUERIES)
def test_every_label_is_one_of_its_series(query: str) -> None:
    for series, label in _labels(query):
        assert label in SERIES[series]
    known = set().union(*(SERIES[series] for series in _series(query)))
    for grouping in GROUPED.findall(query):
        assert {label.strip() for label in grouping.split(",")} <= known


@pytest.mark.parametrize("query", QUERIES)
def test_every_bracket_is_closed(query: str) -> None:
    opened: list[str] = []
    for sign in STRING.sub("", query):
        if sign in CLOSING.values():
            opened.append(sign)
        elif sign in CLOSING:
            assert opened, query
            assert opened.pop() == CLOSING[sign]
    assert opened == []


@pytest.mark.parametrize("query", QUERIES)
def test_counters_are_never_read_as_they_stand(query: str) -> None:
    for series in _series(query):
        if series.endswith(("_total", "_bucket", "_count")) and series != "db_client_connection_count":
            assert re.search(rf"(rate|increase)\(\s*{series}(\{{[^}}]*\}})?{RANGE.pattern}\)", query), series


def test_only_event_streams_are_left_out_of_how_long_answers_take() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    streams = {route.path for route in routes if str(route.operation_id).startswith("stream")}
    assert streams
    left_out = {
        match for query in QUERIES for match in re.findall(r'http_route!~"([^"]*)"', str(query.values[0]))
    }
    (pattern,) = left_out
    assert {route.path for route in routes if re.fullmatch(pattern, route.path)} == streams


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_and_the_guide_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert f"`{rule['alert']}`" in GUIDE
    named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    grouped = {label.strip() for each in GROUPED.findall(rule["expr"]) for label in each.split(",")}
    of_series = set().union(*(SERIES[series] for series in _series(rule["expr"])))
    assert named <= (grouped if grouped else of_series)


def test_memory_alerts_know_the_limits_of_the_cluster() -> None:
    (rule,) = [rule for rule in rules() if rule["alert"] == "MoltnetMemoryNearLimit"]
    told = dict(re.findall(r'"moltnet-(\w+)"\} / 1048576 > 0\.9 \* (\d+)', rule["expr"]))
    assert told == {name: str(_limit_mib(name)) for name in SERVICES}


def _limit_mib(name: str) -> int:
    (workload,) = [
        each
        for each in base()
        if each["kind"] in {"Deployment", "StatefulSet"} and each["metadata"]["name"] == name
    ]
    limit = workload["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    return int(limit[:-2]) * {"Mi": 1, "Gi": 1024}[limit[-2:]]


def test_a_service_that_falls_silent_is_noticed() -> None:
    (rule,) = [rule for rule in rules() if rule["alert"] == "MoltnetServiceSilent"]
    assert set(re.findall(r'"moltnet-(\w+)"', rule["expr"])) == set(SERVICES)


@pytest.mark.parametrize("name", ["console", "prometheus", "axiom"])
def test_a_collector_is_put_together_from_parts_that_it_has(name: str) -> None:
    read = yaml.safe_load((DEPLOY / "otel" / f"{name}.yml").read_text())
    for pipeline in read["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= set(read[kind])
    assert set(read["service"]["extensions"]) <= set(read["extensions"])
    used = {part for pipeline in read["service"]["pipelines"].values() for part in pipeline["exporters"]}
    assert used == set(read["exporters"])


@pytest.mark.parametrize("name", ["console", "prometheus", "axiom"])
def test_a_collector_takes_secrets_out_of_traces(name: str) -> None:
    read = yaml.safe_load((DEPLOY / "otel" / f"{name}.yml").read_text())
    assert "attributes/redact" in read["service"]["pipelines"]["traces"]["processors"]
    actions = read["processors"]["attributes/redact"]["actions"]
    keys = {action.get("key") for action in actions}
    assert {f"http.request.header.{header}" for header in REDACTED} <= keys
    assert "http.response.header.set-cookie" in keys
    patterns = [
        re.compile(action["pattern"].replace("\\z", r"\Z")) for action in actions if "pattern" in action
    ]
    for secret in ("password", "request.body.access_token", "body.privateKey", "voucher_code", "hmac"):
        assert any(pattern.search(secret) for pattern in patterns), secret
    assert not any(pattern.search("http.route") for pattern in patterns)


def test_each_dataset_is_named_by_a_variable_that_compose_sets() -> None:
    asked = set(re.findall(r"\$\{env:(\w+)\}", (DEPLOY / "otel" / "axiom.yml").read_text()))
    assert asked == set(declared("collector")["environment"])


def test_the_dashboard_is_the_one_that_compose_shows() -> None:
    mounted = [volume.split(":")[0] for volume in declared("grafana")["volumes"]]
    assert all((ROOT / path).exists() for path in mounted)
    targets = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    (host, port) = targets[0]["static_configs"][0]["targets"][0].split(":")
    exporter = yaml.safe_load((DEPLOY / "otel" / "prometheus.yml").read_text())["exporters"]["prometheus"]
    assert host in document()["services"]
    assert exporter["endpoint"].endswith(f":{port}")
