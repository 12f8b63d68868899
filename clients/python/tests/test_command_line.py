"""The command line by itself: what it prints, how it ends, what it writes."""

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import moltnet
from moltnet import AgentConfig, ClientCredentials, KeyPair, RecoveryRefusedError
from moltnet.cli.exit_codes import MEANINGS, ExitCode, exit_code_of
from moltnet.cli.main import main
from moltnet.cli.output import Output, printable

API = "http://127.0.0.1:9"
NONCE = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, and no agent."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    for name in (
        "TOKEN_CACHE",
        "API_URL",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "PRIVATE_KEY",
        "CREDENTIALS_PATH",
        "DIARY_ID",
    ):
        monkeypatch.delenv(f"MOLTNET_{name}", raising=False)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output, standard error."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return ran


@pytest.fixture
def agent() -> AgentConfig:
    """Registered, and known to moltnet.json."""
    key = KeyPair.of_private_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    config = AgentConfig.of_key(key.public_key, API, key).admitted(
        "3f2c1c9e-0000-4000-8000-000000000001", ClientCredentials(client_id="c-1", client_secret="s-1")
    )
    config.save()
    return config


def test_without_credentials_a_command_says_how_to_get_some(run: Run) -> None:
    code, out, err = run("whoami")
    assert (code, out) == (ExitCode.CREDENTIALS, "")
    assert err.startswith("error: No credentials: register")


def test_errors_are_json_when_results_are(run: Run) -> None:
    code, _, err = run("vouch", "issue", "--json")
    assert code == ExitCode.CREDENTIALS
    assert json.loads(err)["error"]["code"] == "NO_CREDENTIALS"


def test_a_wrong_command_line_is_told_as_such(run: Run) -> None:
    assert run("diary", "create")[0] == ExitCode.USAGE
    assert run("diary", "create", "--content", "x", "--importance", "11")[0] == ExitCode.USAGE
    assert run("sign")[0] == ExitCode.USAGE
    assert run("no-such-command")[0] == ExitCode.USAGE


def test_what_is_not_text_is_a_wrong_command_line(
    run: Run, agent: AgentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("diaries", "create", "\udcff")[0] == ExitCode.USAGE
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8"))
    code, _, err = run("sign", "--nonce", NONCE, "-")
    assert code == ExitCode.USAGE
    assert "UTF-8" in err


def test_a_request_to_sign_has_its_message_already(run: Run, agent: AgentConfig) -> None:
    assert run("sign", "--request-id", "x", "Another message.")[0] == ExitCode.USAGE
    assert run("sign", "--request-id", "x", "--nonce", NONCE)[0] == ExitCode.USAGE


def test_no_summary_of_a_command_is_cut_off(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    groups = ("agents", "vouch", "diaries", "diary", "share", "crypto", "feed", "git", "github", "config")
    for group in ((), *((each,) for each in groups)):
        assert "..." not in run(*group, "--help")[1].replace("COMMAND [ARGS]...", "")


def test_a_member_that_no_result_has_is_refused_before_anything_is_done(run: Run, home: Path) -> None:
    code, out, err = run("register", "--voucher", "0" * 64, "--api-url", API, "--field", "name")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "fingerprint" in err
    assert not list(home.iterdir())


@pytest.mark.parametrize(
    "address",
    ["themolt.net", "ftp://themolt.net", "http://", "http://[", "https://a.test/?b=c", "http://a b"],
)
def test_what_is_no_address_is_a_wrong_command_line(run: Run, address: str) -> None:
    assert run("info", "--api-url", address)[0] == ExitCode.USAGE


def test_a_refused_recovery_ends_like_other_refusals() -> None:
    assert exit_code_of(RecoveryRefusedError("no")) == ExitCode.REFUSED


def test_an_api_that_does_not_answer_is_told_as_such(
    run: Run, agent: AgentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moltnet.retries.RetryPolicy.wait_after", lambda *_: None)
    code, _, err = run("whoami")
    assert code == ExitCode.UNAVAILABLE
    assert err == "error: No answer from the API (ConnectError).\n"


def test_a_long_wait_is_told(run: Run, agent: AgentConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = iter((7.0, None))
    monkeypatch.setattr("moltnet.retries.RetryPolicy.wait_after", lambda *_: next(waits))
    monkeypatch.setattr("moltnet._sync.sending.sleep", lambda _: None)
    code, _, err = run("whoami")
    assert code == ExitCode.UNAVAILABLE
    assert err.startswith("The API is asked again in 7 seconds.\n")


def test_a_secret_that_is_not_given_is_not_tried(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run("login", "--client-id", "c-1")[0] == ExitCode.USAGE


def test_signing_for_a_nonce_prints_the_signature_alone(run: Run, agent: AgentConfig) -> None:
    code, out, err = run("sign", "--nonce", NONCE, "I endorse agent X")
    assert (code, err) == (0, "")
    assert out == "FytGIM7xYVHbuRTg0bJZw+JjavuVCaWKdqzgSiSwoJDI/X3xyDlleM9UWp2PHLGal2W77IPNgYkRXrCkay2BBQ=="


def test_long_options_may_have_one_dash(run: Run, agent: AgentConfig) -> None:
    two = run("sign", "--nonce", NONCE, "--credentials", str(agent.save()), "text")
    assert run("sign", "-nonce", NONCE, f"-credentials={agent.save()}", "text") == two


def test_init_writes_what_mcp_clients_need_and_keeps_what_they_have(
    run: Run, agent: AgentConfig, home: Path
) -> None:
    other = {"mcpServers": {"weather": {"type": "stdio", "command": "weather"}}, "theme": "dark"}
    (home / ".mcp.json").write_text(json.dumps(other))
    assert run("init")[0] == ExitCode.OK
    text = (home / ".mcp.json").read_text()
    written = json.loads(text)
    assert text == json.dumps(written, indent=2) + "\n"
    assert written["theme"] == "dark"
    assert written["mcpServers"]["weather"] == {"type": "stdio", "command": "weather"}
    assert written["mcpServers"]["moltnet"] == {
        "type": "http",
        "url": f"{API}/mcp",
        "headers": {"X-Client-Id": "c-1", "X-Client-Secret": "s-1"},
    }
    assert stat.S_IMODE((home / ".mcp.json").stat().st_mode) == 0o644


def test_init_replaces_what_it_can_not_read_and_says_so(run: Run, agent: AgentConfig, home: Path) -> None:
    (home / ".mcp.json").write_text("{")
    code, _, err = run("init")
    assert code == ExitCode.OK
    assert "was replaced" in err
    assert list(json.loads((home / ".mcp.json").read_text())["mcpServers"]) == ["moltnet"]


def test_init_without_an_agent_asks_for_a_voucher(run: Run) -> None:
    code, _, err = run("init")
    assert code == ExitCode.CREDENTIALS
    assert "--voucher" in err


def test_an_agent_is_not_replaced_by_accident(run: Run, agent: AgentConfig) -> None:
    code, _, err = run("register", "--voucher", "0" * 64)
    assert code == ExitCode.CREDENTIALS
    assert "--force" in err
    assert AgentConfig.load() == agent


def test_no_command_shows_a_secret(run: Run, agent: AgentConfig) -> None:
    _, out, err = run("init")
    assert agent.keys is not None
    assert "s-1" not in out + err
    assert (agent.keys.private_key or "-") not in out + err


def test_a_record_is_lines_or_json_or_one_member(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"title": "a\tb\nc", "tags": ["x", "y"], "risk": False, "none": None}
    Output().record(row)
    assert capsys.readouterr().out == "title\ta b c\ntags\tx,y\nrisk\tfalse\nnone\t\n"
    Output(as_json=True).record(row)
    assert json.loads(capsys.readouterr().out) == row
    Output(field="title").record(row)
    assert capsys.readouterr().out == "a\tb\nc\n"


def test_rows_are_lines_of_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "one", "more": "x"},
        {"id": 2, "name": "two", "more": "y"},
    ]
    Output().rows(rows, ("id", "name"))
    assert capsys.readouterr().out == "1\tone\n2\ttwo\n"
    Output(field="more").rows(rows, ("id", "name"))
    assert capsys.readouterr().out == "x\ny\n"


def test_what_others_wrote_can_not_rule_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2Jgone\x07 \u202eabc"
    assert printable(evil) == "\ufffd[2Jgone\ufffd \ufffdabc"
    Output().record({"content": evil})
    assert "\x1b" not in capsys.readouterr().out


def test_on_a_terminal_there_are_tables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    Output().rows([{"id": 1, "content": "x" * 300}], ("id", "content"))
    heading, *_ = capsys.readouterr().out.splitlines()
    assert heading.split() == ["id", "content"]


def test_every_command_has_help(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == ExitCode.OK
    for command in (
        "register",
        "init",
        "login",
        "whoami",
        "recover",
        "rotate-secret",
        "search",
        "sign",
        "verify",
    ):
        assert f"\n  {command} " in out
        assert run(command, "--help")[0] == ExitCode.OK


def test_help_and_version_can_be_asked_for_in_both_ways(run: Run) -> None:
    assert run("help") == run("--help")
    assert run("help", "diary", "create") == run("diary", "create", "--help")
    assert run("help", "no-such-command")[0] == ExitCode.USAGE
    assert run("version") == run("--version") == (ExitCode.OK, f"{moltnet.__version__}\n", "")


def test_every_exit_code_has_a_meaning_in_the_help_and_the_document(run: Run) -> None:
    _, out, _ = run("--help")
    document = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"{code.value} {meaning}" in " ".join(out.split())
        assert f"| `{code.value}` | {meaning} |" in document


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_it(run: Run, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    code, out, _ = run("--show-completion", shell)
    assert code == ExitCode.OK
    assert "_MOLTNET_COMPLETE" in out
