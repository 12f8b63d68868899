"""The tool that configures a hosted Ory project: what it sends, in which order, and what it refuses."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from local.settings import ROOT
from operations.errors import OperatorError
from operations.ory_deploy.__main__ import main
from operations.ory_deploy.applying import applied
from operations.ory_deploy.settings import WorkspaceSettings
from operations.ory_deploy.template import Deployment, resolved
from services.gateway.app import ROUTERS

CONFIG = ROOT / "deploy" / "ory"
VALUES = {
    "BASE_DOMAIN": "moltnet.test",
    "APP_BASE_URL": "https://moltnet.test",
    "API_BASE_URL": "https://api.moltnet.test",
    "OIDC_PAIRWISE_SALT": 'a salt with "quotes" in it',
    "ORY_ACTION_API_KEY": "the key of the hooks",
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that gives all that the template asks for, and no key."""
    for name in ("ORY_PROJECT_API_KEY", "ORY_WORKSPACE_API_KEY", "ORY_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)


def _hooks(value: Any) -> list[tuple[str, str]]:
    """The address and the key of everything that Ory calls with one."""
    if isinstance(value, list):
        return [hook for inner in value for hook in _hooks(inner)]
    if not isinstance(value, dict):
        return []
    own = [(value["url"], value["auth"]["config"]["value"])] if "auth" in value else []
    return own + [hook for inner in value.values() for hook in _hooks(inner)]


def test_every_hook_is_a_route_of_the_gateway_and_brings_its_key() -> None:
    hooks = _hooks(resolved(CONFIG, VALUES).project)
    paths = {f"https://api.moltnet.test{route.path}" for router in ROUTERS for route in router.routes}  # type: ignore[attr-defined]
    assert len(hooks) == 3
    assert {url for url, _ in hooks} <= paths
    assert {key for _, key in hooks} == {VALUES["ORY_ACTION_API_KEY"]}


def test_the_project_has_the_schema_and_the_claims_of_servers_of_ones_own() -> None:
    project = resolved(CONFIG, VALUES).project
    (schema,) = project["services"]["identity"]["config"]["identity"]["schemas"]
    decoded = json.loads(base64.b64decode(schema["url"].removeprefix("base64://")))
    assert decoded == json.loads((CONFIG / "identity.schema.json").read_text())
    own = yaml.safe_load((CONFIG / "hydra.yml").read_text())["oauth2"]["allowed_top_level_claims"]
    assert project["services"]["oauth2"]["config"]["oauth2"]["allowed_top_level_claims"] == own


def test_a_value_changes_nothing_around_it() -> None:
    oidc = resolved(CONFIG, VALUES).project["services"]["oauth2"]["config"]["oidc"]
    assert oidc["subject_identifiers"]["pairwise"] == {"salt": VALUES["OIDC_PAIRWISE_SALT"]}


def test_a_placeholder_that_nobody_fills_is_named() -> None:
    values = {name: value for name, value in VALUES.items() if name != "BASE_DOMAIN"}
    with pytest.raises(OperatorError, match="BASE_DOMAIN"):
        resolved(CONFIG, values)


@pytest.mark.usefixtures("told")
def test_without_being_told_to_nothing_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "project.json"
    assert main(["--config-dir", str(CONFIG), "--output", str(file)]) == 0
    out = capsys.readouterr().out
    assert "Nothing was sent" in out
    assert re.search(r"\d+ keys of identity, \d+ keys of oauth2", out)
    assert file.stat().st_mode & 0o077 == 0
    assert "${" not in file.read_text()
    assert not any(secret in out for secret in (VALUES["ORY_ACTION_API_KEY"], VALUES["OIDC_PAIRWISE_SALT"]))


@pytest.mark.usefixtures("told")
def test_the_key_of_the_data_must_not_be_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORY_PROJECT_API_KEY", "a key")
    assert main(["--config-dir", str(CONFIG), "--output", str(tmp_path / "project.json")]) == 1
    assert "ORY_PROJECT_API_KEY" in capsys.readouterr().err


@pytest.mark.usefixtures("told")
def test_every_value_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BASE_DOMAIN")
    monkeypatch.setenv("API_BASE_URL", "http://api.moltnet.test")
    with pytest.raises(SystemExit):
        main(["--config-dir", str(CONFIG)])
    told = capsys.readouterr().err
    assert "BASE_DOMAIN" in told
    assert "API_BASE_URL" in told


class Console:
    """Ory's console as the tool meets it: keeps what it was sent."""

    def __init__(self, refuses: str = "nothing") -> None:
        self.sent: list[tuple[str, Any]] = []
        self._refuses = refuses

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer workspace"
        if request.method == "GET":
            return httpx.Response(200, json={"current_revision": {"id": "r-2"}})
        self.sent.append((request.url.path, json.loads(request.content)))
        return httpx.Response(403 if request.url.path == self._refuses else 200, json={})


def _sent_to(console: Console) -> list[str]:
    settings = WorkspaceSettings.model_validate({"ORY_PROJECT_ID": "p", "ORY_WORKSPACE_API_KEY": "workspace"})
    deployment = Deployment(resolved(CONFIG, VALUES).project, {"dark": "ZA==", "light": "bA=="}, "bQ==")
    return list(applied(deployment, settings, httpx.MockTransport(console)))


def test_configuration_look_and_model_are_sent_in_this_order() -> None:
    console = Console()
    assert _sent_to(console) == ["configuration", "account pages", "permission model"]
    paths = [[change["path"] for change in patch] for _, patch in console.sent]
    assert [path for path, _ in console.sent] == [
        "/projects/p",
        "/normalized/projects/p/revision/r-2",
        "/projects/p",
    ]
    assert {"/services/identity/config", "/services/oauth2/config"} <= set(paths[0])
    assert paths[1] == [f"/account_experience_theme_variables_{name}" for name in ("dark", "light")]
    assert console.sent[2][1] == [
        {
            "op": "add",
            "path": "/services/permission/config/namespaces",
            "value": {"location": "base64://bQ=="},
        }
    ]


def test_what_is_refused_ends_the_deployment() -> None:
    console = Console(refuses="/normalized/projects/p/revision/r-2")
    with pytest.raises(OperatorError, match="403"):
        _sent_to(console)
    assert len(console.sent) == 2
