"""Settings: everything that is wrong is told at once, and never a value."""

import pytest

from services.embedder.settings import EmbedderSettings
from services.gateway.settings import GatewaySettings, RateLimitSettings
from shared.settings import DatabaseSettings, NatsSettings, OrySettings, RuntimeSettings, inbox_prefix, load

ORY = {
    "ORY_KRATOS_PUBLIC_URL": "kratos_public",
    "ORY_KRATOS_ADMIN_URL": "kratos_admin",
    "ORY_HYDRA_PUBLIC_URL": "hydra_public",
    "ORY_HYDRA_ADMIN_URL": "hydra_admin",
    "ORY_KETO_PUBLIC_URL": "keto_read",
    "ORY_KETO_ADMIN_URL": "keto_write",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of MoltNet."""
    names = ["DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL", "DATABASE_POOL_SIZE", "NATS_URL", "NATS_USER"]
    names += ["NATS_PASSWORD", "MOLTNET_ENV", "LOG_LEVEL", "PORT", "ORY_ACTION_API_KEY", "ORY_PROJECT_URL"]
    for name in [*names, *ORY]:
        monkeypatch.delenv(name, raising=False)


def test_every_missing_setting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        load(DatabaseSettings)
    told = capsys.readouterr().err
    assert stop.value.code == 78
    assert "DATABASE_URL" in told
    assert "DBOS_SYSTEM_DATABASE_URL" in told


def test_what_is_wrong_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hunter2@host/db")
    monkeypatch.setenv("DATABASE_POOL_SIZE", "hunter3")
    with pytest.raises(SystemExit):
        load(DatabaseSettings)
    told = capsys.readouterr().err
    assert "DATABASE_POOL_SIZE" in told
    assert "hunter" not in told


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLTNET_ENV", "")
    assert load(RuntimeSettings).environment == "development"


@pytest.mark.parametrize("environment", ["Production", "staging", "prod"])
def test_an_unknown_environment_stops_the_start(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    monkeypatch.setenv("MOLTNET_ENV", environment)
    with pytest.raises(SystemExit):
        load(RuntimeSettings)


def test_a_secret_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_USER", "diary")
    monkeypatch.setenv("NATS_PASSWORD", "hunter2")
    settings = load(NatsSettings)
    assert "hunter2" not in repr(settings)
    assert settings.password.get_secret_value() == "hunter2"


def test_every_user_has_an_inbox_of_its_own() -> None:
    assert inbox_prefix("diary") != inbox_prefix("gateway")


def test_one_project_address_stands_in_for_all_six(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORY_PROJECT_URL", "https://project")
    settings = load(OrySettings)
    assert {getattr(settings, field) for field in ORY.values()} == {"https://project"}


@pytest.mark.parametrize(("variable", "field"), ORY.items())
def test_an_address_of_its_own_wins_over_the_projects(
    monkeypatch: pytest.MonkeyPatch, variable: str, field: str
) -> None:
    monkeypatch.setenv("ORY_PROJECT_URL", "https://project")
    monkeypatch.setenv(variable, "https://own")
    assert getattr(load(OrySettings), field) == "https://own"


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("ORY_ACTION_API_KEY", "k" * 16)
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit):
        load(GatewaySettings)


def test_rate_limits_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    for bucket in ("GLOBAL_AUTH", "GLOBAL_ANON", "EMBEDDING", "VOUCH", "SIGNING", "RECOVERY"):
        monkeypatch.delenv(f"RATE_LIMIT_{bucket}", raising=False)
    for bucket in ("PUBLIC_VERIFY", "PUBLIC_SEARCH"):
        monkeypatch.delenv(f"RATE_LIMIT_{bucket}", raising=False)
    limits = load(RateLimitSettings)
    assert (limits.authenticated, limits.anonymous) == (100, 30)
    assert (limits.embedding, limits.vouch, limits.signing, limits.recovery) == (20, 10, 5, 5)
    assert (limits.public_verify, limits.public_search) == (10, 15)


@pytest.mark.parametrize("gate", ["1", "-1.01"])
def test_a_similarity_that_leaves_no_room_above_is_refused(
    gate: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMBEDDING_CACHE_DIR", "models")
    monkeypatch.setenv("EMBEDDING_MIN_SIMILARITY", gate)
    with pytest.raises(SystemExit):
        load(EmbedderSettings)
    assert "EMBEDDING_MIN_SIMILARITY" in capsys.readouterr().err
