"""The preflight finds what an installation lacks or tells its parts differently, and never shows a secret."""

import base64
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from deploy.fill_env import filled
from local.settings import ROOT
from operations.preflight.__main__ import main
from operations.preflight.requirements import SETTINGS
from tests.compose import document, environment
from tests.deployment.test_kubernetes import overlay
from tests.deployment.variables import ENTRY_POINTS, settings_of

Change = Callable[[dict[str, dict[str, str]]], object]


@cache
def _dotenv() -> dict[str, str]:
    lines = filled((ROOT / "env.example").read_text()).splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def _composed(change: Change = lambda _: None) -> str:
    """What Compose prints of a filled example, changed."""
    told = {name: environment(name, _dotenv()) for name in document()["services"]}
    change(told)
    doubled = {
        service: {name: value.replace("$", "$$") for name, value in variables.items()}
        for service, variables in told.items()
    }
    return json.dumps({"services": {name: {"environment": each} for name, each in doubled.items()}})


@pytest.fixture
def judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[str]]]:
    """Runs the preflight on texts. Gives its exit code and the lines that say what is wrong."""

    def judge(*texts: str) -> tuple[int, list[str]]:
        files = [tmp_path / f"{number}.json" for number, _ in enumerate(texts)]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        code = main([*map(str, files), "--offline"])
        captured = capsys.readouterr()
        lines = [line.removeprefix("wrong").strip() for line in captured.out.splitlines()]
        wrong = [
            line for line in lines if not line.startswith(("ok", "all is well")) and "things" not in line
        ]
        return code, wrong + captured.err.splitlines()

    return judge


def test_a_filled_example_is_fit(judged: Callable[..., tuple[int, list[str]]]) -> None:
    assert judged(_composed()) == (0, [])


@pytest.mark.parametrize("service", ENTRY_POINTS)
def test_the_preflight_knows_what_each_service_reads(service: str) -> None:
    assert SETTINGS[service] == settings_of(service)


def _set(service: str, name: str, value: str) -> Change:
    return lambda told: told[service].__setitem__(name, value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_set("gateway", "ORY_ACTION_API_KEY", ""), "gateway: ORY_ACTION_API_KEY: Field required"),
        (
            lambda told: told["identity"].pop("RECOVERY_CHALLENGE_SECRET"),
            "identity: RECOVERY_CHALLENGE_SECRET: Field required",
        ),
        (lambda told: told.pop("signing"), "signing: is not declared"),
        (_set("diary", "DATABSE_URL", "x"), "diary: DATABSE_URL: is read by nobody"),
        (
            _set("gateway", "PORT", "http"),
            "gateway: PORT: Input should be a valid integer, unable to parse string as an integer",
        ),
        (
            _set("gateway", "OPERATION_SECRET_KEY", "k" * 44),
            "gateway: OPERATION_SECRET_KEY: is no Fernet key: 32 random bytes in URL-safe base64",
        ),
        (
            _set("gateway", "OPERATION_SECRET_KEY", base64.urlsafe_b64encode(b"k" * 32).decode()),
            "gateway: OPERATION_SECRET_KEY differs from OPERATION_SECRET_KEY of identity",
        ),
        (
            _set("gateway", "ORY_ACTION_API_KEY", "CHANGE_ME"),
            "gateway: ORY_ACTION_API_KEY: still holds the placeholder CHANGE_ME",
        ),
        (
            _set("gateway", "ORY_ACTION_API_KEY", "another key that is long"),
            "gateway: ORY_ACTION_API_KEY differs from OAUTH2_TOKEN_HOOK_AUTH_CONFIG_VALUE of hydra",
        ),
        (
            _set("identity", "RECOVERY_CHALLENGE_SECRET", "sixteen letters "),
            "identity: RECOVERY_CHALLENGE_SECRET: begins or ends with white space",
        ),
        (
            _set("identity", "RECOVERY_CHALLENGE_SECRET", "$" * 8),  # of which Compose prints sixteen
            "identity: RECOVERY_CHALLENGE_SECRET: is shorter than 16 characters",
        ),
        (
            _set("gateway", "TRUSTED_PROXIES", "10.0.0.0/8,the-proxy"),
            "gateway: TRUSTED_PROXIES: the-proxy is no address or network",
        ),
        (
            _set("diary", "ORY_KETO_PUBLIC_URL", "keto:4466"),
            "diary: ORY_KETO_PUBLIC_URL: is no address of the form http or https://host",
        ),
        (
            _set("diary", "NATS_PASSWORD", "a#comment_for_the_bus"),
            "diary: NATS_PASSWORD: NATS would misread it: use letters and digits, and begin with a letter",
        ),
        (
            _set("diary", "NATS_PASSWORD", "another_one_than_the_bus_has"),
            "diary: NATS_PASSWORD differs from NATS_DIARY_PASSWORD of nats",
        ),
        (_set("diary", "NATS_USER", "gateway"), "diary: NATS_USER: must be diary"),
        (
            _set("signing", "DATABASE_URL", "postgresql://moltnet_signing:mistyped@postgres:5432/moltnet"),
            "signing: DATABASE_URL: the password is not the SIGNING_DB_PASSWORD of migrate",
        ),
        (
            _set("migrate", "MIGRATIONS_DATABASE_URL", "postgresql://postgres:x@postgres:5432/other"),
            "diary: DATABASE_URL: names another database than MIGRATIONS_DATABASE_URL of migrate",
        ),
        (
            _set("gateway", "MCP_URL", "https://api.test/mcp"),
            "gateway: MCP_URL differs from MCP_RESOURCE_URI of mcp",
        ),
        (
            _set("embedder", "EMBEDDING_MODEL", "intfloat/e5-small-v2"),
            "gateway: EMBEDDING_MODEL differs from EMBEDDING_MODEL of embedder",
        ),
    ],
)
def test_what_is_wrong_stops_the_deployment(
    judged: Callable[..., tuple[int, list[str]]], change: Change, line: str
) -> None:
    code, wrong = judged(_composed(change))
    assert code == 1
    assert line in wrong


def test_one_secret_for_two_purposes_is_told(judged: Callable[..., tuple[int, list[str]]]) -> None:
    def share(told: dict[str, dict[str, str]]) -> None:
        told["identity"]["RECOVERY_CHALLENGE_SECRET"] = told["gateway"]["ORY_ACTION_API_KEY"]

    code, wrong = judged(_composed(share))
    assert (code, wrong) == (
        1,
        [
            "gateway and identity: ORY_ACTION_API_KEY and RECOVERY_CHALLENGE_SECRET are the same:"
            " make one for each"
        ],
    )


def test_no_secret_is_shown(judged: Callable[..., tuple[int, list[str]]]) -> None:
    def spoil(told: dict[str, dict[str, str]]) -> None:
        for variables in told.values():
            for name in variables:
                if re.search("PASSWORD|SECRET|KEY|URL|DSN", name):
                    variables[name] = "hunter2 "

    code, wrong = judged(_composed(spoil))
    assert code == 1
    assert not any("hunter2" in line for line in wrong)


def test_files_that_are_none_are_refused(judged: Callable[..., tuple[int, list[str]]]) -> None:
    assert judged("services: {}")[0] == 2
    assert judged("{}")[0] == 2
    assert judged(_composed(), json.dumps({"kind": "List", "items": overlay("production")}))[0] == 2


def _secrets() -> dict[tuple[str, str], str]:
    """What the guide says is to be made for a cluster."""
    dotenv = _dotenv()
    services = ("diary", "identity", "signing")
    users = ("gateway", *services, "embedder")
    urls = {
        name: f"postgresql://moltnet_{name}:{dotenv[f'{name.upper()}_DB_PASSWORD']}@db:5432/moltnet"
        for name in services
    }
    return {
        ("moltnet-migrations", "MIGRATIONS_DATABASE_URL"): "postgresql://admin:x@db:5432/moltnet",
        **{
            ("moltnet-migrations", f"{name.upper()}_DB_PASSWORD"): dotenv[f"{name.upper()}_DB_PASSWORD"]
            for name in services
        },
        **{(f"moltnet-{name}", "DATABASE_URL"): url for name, url in urls.items()},
        **{(f"moltnet-{user}", "NATS_PASSWORD"): dotenv[f"NATS_{user.upper()}_PASSWORD"] for user in users},
        **{("moltnet-nats", name): value for name, value in dotenv.items() if name.startswith("NATS_")},
        **{
            (f"moltnet-{service}", name): dotenv[name]
            for service, name in (
                ("gateway", "ORY_ACTION_API_KEY"),
                ("gateway", "OPERATION_SECRET_KEY"),
                ("identity", "OPERATION_SECRET_KEY"),
                ("identity", "RECOVERY_CHALLENGE_SECRET"),
            )
        },
    }


def _secret_list(secrets: dict[tuple[str, str], str]) -> str:
    """As the cluster prints them."""
    data: dict[str, dict[str, str]] = {}
    for (name, key), value in secrets.items():
        data.setdefault(name, {})[key] = base64.b64encode(value.encode()).decode()
    items = [
        {"kind": "Secret", "metadata": {"name": name}, "data": content} for name, content in data.items()
    ]
    return json.dumps({"kind": "List", "items": items})


def _manifests() -> str:
    text = json.dumps({"kind": "List", "items": overlay("production")})
    return text.replace("example.org", "moltnet.test")


def test_a_cluster_with_every_secret_of_the_guide_is_fit(
    judged: Callable[..., tuple[int, list[str]]],
) -> None:
    assert judged(_manifests(), _secret_list(_secrets())) == (0, [])


def test_a_secret_that_is_not_there_is_named(judged: Callable[..., tuple[int, list[str]]]) -> None:
    secrets = _secrets()
    del secrets["moltnet-diary", "DATABASE_URL"]
    code, wrong = judged(_manifests(), _secret_list(secrets))
    assert code == 1
    assert "diary: the Secret moltnet-diary with the key DATABASE_URL is not there" in wrong


def test_limits_are_shared_by_the_gateways_that_are_declared(
    judged: Callable[..., tuple[int, list[str]]],
) -> None:
    manifests = _manifests().replace('"GATEWAY_REPLICAS": "3"', '"GATEWAY_REPLICAS": "2"')
    code, wrong = judged(manifests, _secret_list(_secrets()))
    assert (code, wrong) == (1, ["gateway: GATEWAY_REPLICAS: is 2, and 3 are declared"])


def test_the_example_overlay_still_has_addresses_to_be_replaced(
    judged: Callable[..., tuple[int, list[str]]],
) -> None:
    manifests = json.dumps({"kind": "List", "items": overlay("production")})
    code, wrong = judged(manifests, _secret_list(_secrets()))
    assert code == 1
    assert "gateway: API_BASE_URL: still holds the placeholder example.org" in wrong
