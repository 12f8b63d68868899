"""What the tool reads. The key of a project's data must not be near while that of the workspace is used."""

from typing import Annotated

from pydantic import Field, SecretStr

from operations.errors import OperatorError
from shared.settings import Settings

ADDRESS = r"^https://[^\s/]+(/[^\s]*[^\s/])?$"
HOST = r"^[a-z0-9.-]+$"


class ProjectValues(Settings):
    """What the template asks for, under the variables' own names."""

    base_domain: Annotated[str, Field(alias="BASE_DOMAIN", pattern=HOST)]
    app_url: Annotated[str, Field(alias="APP_BASE_URL", pattern=ADDRESS)]
    api_url: Annotated[str, Field(alias="API_BASE_URL", pattern=ADDRESS)]
    salt: Annotated[SecretStr, Field(alias="OIDC_PAIRWISE_SALT", min_length=16)]
    hook_key: Annotated[SecretStr, Field(alias="ORY_ACTION_API_KEY", min_length=16)]

    def by_variable(self) -> dict[str, str]:
        return {
            "BASE_DOMAIN": self.base_domain,
            "APP_BASE_URL": self.app_url,
            "API_BASE_URL": self.api_url,
            "OIDC_PAIRWISE_SALT": self.salt.get_secret_value(),
            "ORY_ACTION_API_KEY": self.hook_key.get_secret_value(),
        }


class WorkspaceSettings(Settings):
    """The project that is changed, and the key of its workspace."""

    project_id: Annotated[str, Field(alias="ORY_PROJECT_ID", min_length=1)]
    key: Annotated[SecretStr, Field(alias="ORY_WORKSPACE_API_KEY")]
    console_url: Annotated[str, Field(alias="ORY_CONSOLE_API_URL")] = "https://api.console.ory.sh"


class OtherKeySettings(Settings):
    """The key of the project's data, which this tool must not have."""

    project_key: Annotated[SecretStr | None, Field(alias="ORY_PROJECT_API_KEY")] = None


def refuse_the_other_key(settings: OtherKeySettings) -> None:
    if settings.project_key is not None:
        raise OperatorError("ORY_PROJECT_API_KEY is set: unset it, only the workspace's key is used here.")
