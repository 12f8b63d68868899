"""Logs: one JSON object a line, and no way in for secrets."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared import logs
from shared.settings import RuntimeSettings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is the process's: leave it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, quiet in levels.items():
        logging.getLogger(name).setLevel(quiet)
    structlog.reset_defaults()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def _configure(**settings: str) -> None:
    logs.configure("diary", RuntimeSettings.model_validate({"MOLTNET_ENV": "test", **settings}))


@pytest.mark.parametrize("name", sorted(logs.SECRET))
def test_a_secret_is_replaced_by_its_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _configure()
    structlog.get_logger("x").info("told", **{name: "hunter2"})
    (line,) = _lines(capsys)
    assert line[name] == "[REDACTED]"


@pytest.mark.parametrize(
    "name",
    ["Authorization", "CLIENT-SECRET", "Voucher-Code", "accessToken", "X-Ory-Api-Key", "recoveryCodes"],
)
def test_a_secret_is_known_in_any_spelling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _configure()
    structlog.get_logger("x").info("told", **{name: "hunter2"})
    assert "hunter2" not in capsys.readouterr().err


def test_a_secret_within_a_structure_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    _configure()
    body = {"agent": {"privateKey": "hunter2", "name": "Ada"}, "hooks": [{"apiKey": "hunter2"}]}
    structlog.get_logger("x").info("told", body=body)
    (line,) = _lines(capsys)
    assert line["body"] == {
        "agent": {"privateKey": "[REDACTED]", "name": "Ada"},
        "hooks": [{"apiKey": "[REDACTED]"}],
    }


def test_a_line_tells_who_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    _configure()
    structlog.get_logger("x").warning("told", count=2)
    (line,) = _lines(capsys)
    assert (line["service"], line["environment"]) == ("diary", "test")
    assert (line["event"], line["level"], line["count"]) == ("told", "warning", 2)
    assert line["timestamp"].endswith("Z")


def test_a_library_speaks_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    _configure()
    logging.getLogger("some.library").error("broken %s", "pipe")
    (line,) = _lines(capsys)
    assert (line["event"], line["level"], line["service"]) == ("broken pipe", "error", "diary")


def test_an_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    _configure()
    try:
        raise ValueError("no")
    except ValueError as failure:
        structlog.get_logger("x").error("failed", exc_info=failure)
    (line,) = _lines(capsys)
    assert "ValueError: no" in line["exception"]


@pytest.mark.parametrize(("environment", "told"), [("production", 0), ("development", 1)])
def test_production_tells_no_details(environment: str, told: int, capsys: pytest.CaptureFixture[str]) -> None:
    _configure(MOLTNET_ENV=environment)
    structlog.get_logger("x").debug("detail")
    assert len(_lines(capsys)) == told


def test_the_level_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    _configure(LOG_LEVEL="error")
    structlog.get_logger("x").warning("told")
    assert _lines(capsys) == []
