"""Which variables each part is given, and which ones `make env` prints."""

import shlex
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from local import secret_store
from local.ports import LOOPBACK
from local.secret_store import OWNERS, SUPERUSER_PASSWORD, database_password, nats_password
from local.settings import ON_THE_BUS, StackConfig

ORY_URLS = (
    "ORY_KRATOS_PUBLIC_URL",
    "ORY_KRATOS_ADMIN_URL",
    "ORY_HYDRA_PUBLIC_URL",
    "ORY_HYDRA_ADMIN_URL",
    "ORY_KETO_PUBLIC_URL",
    "ORY_KETO_ADMIN_URL",
)
LOGINS = ("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL", "NATS_URL", "NATS_USER", "NATS_PASSWORD", "EXECUTOR_ID")
"""What tells one service from another. The caller's own (say, from `make env`) are kept from the services."""

SECRETS_OF = {
    "gateway": ("ORY_ACTION_API_KEY", "OPERATION_SECRET_KEY"),
    "diary": (),
    "identity": ("RECOVERY_CHALLENGE_SECRET", "OPERATION_SECRET_KEY"),
    "signing": (),
    "embedder": (),
    "mcp": (),
}
USES_ORY = ("gateway", "diary", "identity")


class Environment:
    """The variables of every part of one stack.

    The caller's variables reach each part and win over the stack's defaults, except `LOGINS` and the secrets:
    these go only to the parts that need them.
    """

    def __init__(self, config: StackConfig, secrets: Mapping[str, str]) -> None:
        self._config = config
        self._ports = config.ports
        self._secrets = secrets
        self._caller = config.caller

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports.gateway}"

    @property
    def mcp_url(self) -> str:
        """The endpoint of the MCP server."""
        return f"http://{LOOPBACK}:{self._ports.mcp}/mcp"

    @property
    def ory_url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports.ory}"

    @property
    def nats_url(self) -> str:
        return f"nats://{LOOPBACK}:{self._ports.nats}"

    @property
    def superuser_password(self) -> str:
        return self._secrets[SUPERUSER_PASSWORD]

    @property
    def stand_in_password(self) -> str:
        return self._secrets[secret_store.STAND_IN_PASSWORD]

    def superuser_url(self, database: str = "moltnet") -> str:
        return self._database_url("postgres", self.superuser_password, database)

    def complete(self, own: Mapping[str, str]) -> dict[str, str]:
        """A part's whole environment: what passes through from the caller, and its own."""
        withheld = {*LOGINS, *self._secrets}
        passed = {name: value for name, value in self._caller.items() if name not in withheld}
        return {"PYTHONUNBUFFERED": "1", **passed, **own}

    def nats(self) -> dict[str, str]:
        return self._pick(map(nats_password, secret_store.NATS_USERS))

    def migrations(self) -> dict[str, str]:
        return {"MIGRATIONS_DATABASE_URL": self.superuser_url(), **self._pick(map(database_password, OWNERS))}

    def streams(self) -> dict[str, str]:
        return self._nats_login("operator")

    def ory(self) -> dict[str, str]:
        return {
            "ORY_STANDIN_DATABASE_URL": self._database_url("ory", self.stand_in_password, "ory"),
            "ORY_STANDIN_PORT": str(self._ports.ory),
            "ORY_STANDIN_PUBLIC_URL": self.ory_url,
            "ORY_STANDIN_TOKEN_HOOK_URL": f"{self.base_url}/hooks/hydra/token-exchange",
            **self._pick(["ORY_ACTION_API_KEY"]),
        }

    def service(self, name: str, replica: int = 0) -> dict[str, str]:
        """What replica number `replica` of a service is told, beside what passes through."""
        return {
            "EXECUTOR_ID": f"{name}-{replica}",
            **(self._nats_login(name) if name in ON_THE_BUS else {}),
            **self._database_login(name),
            **self._pick(SECRETS_OF[name]),
            **self._unless_the_caller_says(self._defaults(name)),
            **self._place(name, replica),
        }

    def exports(self) -> dict[str, str]:
        """The addresses of the running parts. Database and NATS with the operator's login, to look inside."""
        return {
            "MOLTNET_API_URL": self.base_url,
            "MOLTNET_MCP_URL": self.mcp_url,
            "REST_API_URL": self.base_url,
            "DATABASE_URL": self.superuser_url(),
            "DBOS_SYSTEM_DATABASE_URL": self.superuser_url(),
            **self._nats_login("operator"),
            **dict.fromkeys(ORY_URLS, self.ory_url),
        }

    def _defaults(self, name: str) -> dict[str, str]:
        defaults = {"MOLTNET_ENV": "development"}
        if name in USES_ORY:
            defaults |= dict.fromkeys(ORY_URLS, self.ory_url)
        if name == "gateway":
            defaults |= {"HOST": LOOPBACK, "API_BASE_URL": self.base_url, "MCP_URL": self.mcp_url}
        if name == "mcp":
            address = self._caller.get("MCP_URL", self.mcp_url)
            defaults |= {"HOST": LOOPBACK, "MCP_RESOURCE_URI": address, "ORY_HYDRA_PUBLIC_URL": self.ory_url}
        if name == "embedder":
            defaults |= {"EMBEDDING_CACHE_DIR": str(self._config.data_dir / "models")}
        return defaults

    def _place(self, name: str, replica: int) -> dict[str, str]:
        """Where a service listens, and whom it speaks for: within one stack nobody else decides that."""
        if name == "gateway":
            return {"PORT": str(self._ports.of_gateway(replica))}
        if name == "mcp":
            return {"PORT": str(self._ports.mcp), "REST_API_URL": self.base_url}
        return {}

    def _unless_the_caller_says(self, defaults: Mapping[str, str]) -> dict[str, str]:
        return {name: self._caller.get(name, value) for name, value in defaults.items()}

    def _nats_login(self, user: str) -> dict[str, str]:
        return {
            "NATS_URL": self.nats_url,
            "NATS_USER": user,
            "NATS_PASSWORD": self._secrets[nats_password(user)],
        }

    def _database_login(self, name: str) -> dict[str, str]:
        if name not in OWNERS:
            return {}
        url = self._database_url(f"moltnet_{name}", self._secrets[database_password(name)], "moltnet")
        return {"DATABASE_URL": url, "DBOS_SYSTEM_DATABASE_URL": url}

    def _database_url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{quote(password, safe='')}@{LOOPBACK}:{self._ports.postgres}/{database}"

    def _pick(self, names: Iterable[str]) -> dict[str, str]:
        return {name: self._secrets[name] for name in names}


def shell_exports(variables: Mapping[str, str]) -> str:
    """Lines for `eval "$(make env)"` in any POSIX shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
