"""To the project, in three steps, each a JSON Patch (RFC 6902).

Themes go through the console's normalised API, which alone takes them.
"""

from collections.abc import Iterator
from typing import Any

import httpx

from operations.errors import OperatorError
from operations.ory_deploy.settings import WorkspaceSettings
from operations.ory_deploy.template import Deployment
from operations.servers import Server

Patch = list[dict[str, Any]]


def applied(
    deployment: Deployment, settings: WorkspaceSettings, transport: httpx.BaseTransport | None = None
) -> Iterator[str]:
    """Send all, and name each step that is done. OperatorError at the first that is refused."""
    project = f"/projects/{settings.project_id}"
    with Server(settings.console_url, settings.key.get_secret_value(), transport) as console:
        _patch(console, project, _configuration(deployment.project))
        yield "configuration"
        revision = console.get(f"/normalized{project}").get("current_revision", {}).get("id")
        if not revision:
            raise OperatorError("The console names no current revision of the project.")
        _patch(console, f"/normalized{project}/revision/{revision}", _look(deployment.themes))
        yield "account pages"
        _patch(console, project, [_set("/services/permission/config/namespaces", _model(deployment.model))])
        yield "permission model"


def _patch(console: Server, path: str, patch: Patch) -> None:
    if console.send("PATCH", path, patch) is None:
        raise OperatorError("The project was changed by somebody else at the same time: try again.")


def _configuration(project: dict[str, Any]) -> Patch:
    services = project["services"]
    return [
        *(_set(f"/{name}", value) for name, value in project.items() if name != "services"),
        *(_set(f"/services/{name}/config", service["config"]) for name, service in services.items()),
    ]


def _look(themes: dict[str, str]) -> Patch:
    return [_set(f"/account_experience_theme_variables_{name}", value) for name, value in themes.items()]


def _model(source: str) -> dict[str, str]:
    return {"location": f"base64://{source}"}


def _set(path: str, value: Any) -> dict[str, Any]:
    """`add` takes the place of what is there, and needs nothing to be there."""
    return {"op": "add", "path": path, "value": value}
