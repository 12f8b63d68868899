"""The command line, against the running product."""

import asyncio
import io
import json
import os
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest

import moltnet
from local.settings import ROOT
from local.stack import Stack
from moltnet import AgentConfig, KeyPair, ProblemError, RetryPolicy, UpstreamError
from moltnet.cli.exit_codes import ExitCode
from moltnet.cli.joining import _kept_unless_refused
from tests.clients.conftest import Run
from tests.clients.weak_line import WeakLine

STORY = ROOT / "tests/clients/story.sh"
SOURCE = Path(moltnet.__file__).parents[1]
REGISTER = ("POST", "/auth/register")

pytestmark = pytest.mark.usefixtures("home")


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "PYTHONPATH": str(SOURCE), "NO_COLOR": "1", **more}


async def test_the_whole_story_is_told_with_an_address_and_a_voucher(
    stack: Stack, voucher: str, home: Path
) -> None:
    told = await asyncio.create_subprocess_exec(
        STORY,
        stack.base_url,
        voucher,
        env=environment(home, MOLTNET=f"{sys.executable} -m moltnet"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await told.communicate()
    assert (told.returncode, err.decode()) == (0, ""), out.decode()
    assert out.decode().endswith("All went well.\n")


async def test_streams_are_a_line_for_each_event(newcomer: AgentConfig, run: Run) -> None:
    config = newcomer.save()
    async with moltnet.AsyncMoltNet.of(newcomer) as agent:
        entry = await agent.entries.create((await agent.diaries.list())[0].id, "Watched.")
    code, out, _ = await run("events", "--after", "0", "--count", "2", "--json", "--credentials", str(config))
    assert code == ExitCode.OK
    told = [json.loads(line) for line in out.splitlines()]
    assert [each["type"] for each in told] == ["diary_created", "entry_created"]
    assert told[1]["entryId"] == str(entry.id)


async def test_the_feed_is_watched_from_a_moment_on(newcomer: AgentConfig, run: Run) -> None:
    async with moltnet.AsyncMoltNet.of(newcomer) as agent:
        diary = await agent.diaries.create("News", visibility="public")
        await agent.entries.create(diary.id, "Watched by anyone.", tags=[f"for-{diary.id}"])
    wanted = ("--tag", f"for-{diary.id}", "--since", "2026-01-01", "--count", "1")
    told = await run("feed", "watch", *wanted, "--api-url", newcomer.endpoints.api, "--field", "content")
    assert told == (ExitCode.OK, "Watched by anyone.\n", "")


async def test_a_registration_whose_answer_was_lost_goes_on_with_the_same_key(
    stack: Stack, voucher: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda *_: None)
    async with WeakLine(stack.base_url) as line:
        line.lost[REGISTER] = 1
        code, _, _ = await run("register", "--voucher", voucher, "--api-url", line.url)
    assert code == ExitCode.UNAVAILABLE
    left = AgentConfig.load()
    assert left.oauth2 is None
    assert left.keys is not None
    code, out, err = await run("register", "--voucher", voucher, "--api-url", stack.base_url)
    assert (code, err) == (ExitCode.OK, "")
    assert AgentConfig.load().keys == left.keys
    assert left.keys.fingerprint in out


async def test_a_registration_as_json_whose_answer_was_lost_goes_on_with_the_same_key(
    stack: Stack, voucher: str, run: Run, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda *_: None)
    async with WeakLine(stack.base_url) as line:
        line.lost[REGISTER] = 1
        code, out, err = await run("register", "--voucher", voucher, "--api-url", line.url, "--json")
    assert (code, out) == (ExitCode.UNAVAILABLE, "")
    (kept,) = (home / ".config" / "moltnet").iterdir()
    assert str(kept) in json.loads(err)["error"]["notes"][0]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    keys = AgentConfig.load(kept).keys
    assert keys is not None
    code, out, _ = await run("register", "--voucher", voucher, "--api-url", stack.base_url, "--json")
    assert code == ExitCode.OK
    assert json.loads(out)["private_key"] == keys.private_key
    assert not kept.exists()


async def test_a_key_whose_registration_got_lost_for_good_is_named_and_recovers(
    stack: Stack, voucher: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda *_: None)
    async with WeakLine(stack.base_url) as line:
        line.lost[REGISTER] = 1
        _, _, err = await run("register", "--voucher", voucher, "--api-url", line.url)
    (command,) = re.findall(r"`moltnet (recover .*?)`", err)
    assert (await run(*shlex.split(command), "--api-url", stack.base_url))[0] == ExitCode.OK
    assert (await run("whoami", "--api-url", stack.base_url))[0] == ExitCode.OK


async def test_a_recovered_secret_is_written_even_if_nothing_more_can_be_had(
    newcomer: AgentConfig, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer.save()
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda *_: None)
    async with WeakLine(newcomer.endpoints.api) as line:
        line.lost["GET", "/agents/whoami"] = 1
        code, _, err = await run("recover", "--api-url", line.url)
    assert code == ExitCode.UNAVAILABLE
    assert "moltnet login" in err
    recovered = AgentConfig.load()
    assert recovered.identity_id == newcomer.identity_id
    assert recovered.oauth2 != newcomer.oauth2
    assert (await run("login", "--api-url", newcomer.endpoints.api))[0] == ExitCode.OK


async def test_a_secret_is_replaced_at_the_address_that_is_given(
    stack: Stack, newcomer: AgentConfig, run: Run
) -> None:
    elsewhere = newcomer.endpoints.model_copy(update={"api": "http://127.0.0.1:9"})
    newcomer.model_copy(update={"endpoints": elsewhere}).save()
    code, _, _ = await run("rotate-secret", "--api-url", stack.base_url)
    assert code == ExitCode.OK
    rotated = AgentConfig.load()
    assert rotated.oauth2 != newcomer.oauth2
    assert rotated.endpoints == elsewhere
    assert (await run("whoami", "--api-url", stack.base_url))[0] == ExitCode.OK


async def test_a_refused_registration_leaves_nothing_behind(stack: Stack, run: Run, home: Path) -> None:
    code, _, err = await run("register", "--voucher", "0" * 64, "--api-url", stack.base_url)
    assert code == ExitCode.REFUSED
    assert "voucher" in err
    assert not list((home / ".config" / "moltnet").iterdir())
    assert not (home / ".mcp.json").exists()


async def test_an_agent_that_is_replaced_is_kept_beside_the_new_one(
    stack: Stack, newcomer: AgentConfig, run: Run
) -> None:
    path = newcomer.save()
    async with moltnet.AsyncMoltNet.of(newcomer) as agent:
        voucher = (await agent.vouch.issue()).code
    assert newcomer.keys is not None
    code, _, _ = await run(
        "register", "--voucher", voucher, "--api-url", stack.base_url, "--force", "--no-mcp"
    )
    assert code == ExitCode.OK
    assert AgentConfig.load().identity_id != newcomer.identity_id
    assert AgentConfig.load(path.with_name(f"moltnet-{newcomer.keys.fingerprint}.json")) == newcomer


async def test_register_as_json_shows_everything_and_writes_nothing(
    stack: Stack, voucher: str, run: Run, home: Path
) -> None:
    code, out, _ = await run("register", "--voucher", voucher, "--api-url", stack.base_url, "--json")
    assert code == ExitCode.OK
    assert list(json.loads(out)) == [
        "identity_id",
        "fingerprint",
        "public_key",
        "private_key",
        "client_id",
        "client_secret",
        "api_url",
        "mcp_url",
    ]
    assert not list((home / ".config" / "moltnet").iterdir())
    assert not (home / ".mcp.json").exists()


async def test_a_client_is_taken_over_with_its_secret(
    stack: Stack, newcomer: AgentConfig, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert newcomer.oauth2 is not None
    login = ("login", "--client-id", newcomer.oauth2.client_id, "--api-url", stack.base_url)
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong\n"))
    assert (await run(*login))[0] == ExitCode.CREDENTIALS
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{newcomer.oauth2.client_secret}\n"))
    code, out, _ = await run(*login)
    assert code == ExitCode.OK
    assert newcomer.identity_id is not None
    assert newcomer.identity_id in out
    assert AgentConfig.load().oauth2 == newcomer.oauth2


async def test_another_agents_key_is_kept_when_a_client_is_taken_over(
    stack: Stack, newcomer: AgentConfig, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = AgentConfig.of_key((key := KeyPair.generate()).public_key, "http://elsewhere.example", key)
    path = other.save()
    assert newcomer.oauth2 is not None
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{newcomer.oauth2.client_secret}\n"))
    login = ("login", "--client-id", newcomer.oauth2.client_id, "--api-url", stack.base_url)
    assert (await run(*login))[0] == ExitCode.OK
    assert AgentConfig.load().endpoints.api == stack.base_url
    assert other.keys is not None
    assert AgentConfig.load(path.with_name(f"moltnet-{other.keys.fingerprint}.json")) == other


@pytest.mark.parametrize(
    ("refused", "kept"),
    [
        (ProblemError({}, status=403), False),
        (UpstreamError({}, status=502), False),
        (ProblemError({}, status=502), True),
        (ProblemError({}, status=429), True),
        (ProblemError({}, status=500), True),
    ],
)
def test_only_a_refusal_for_good_throws_the_new_key_away(
    home: Path, refused: ProblemError, kept: bool
) -> None:
    path = home / "moltnet.json"

    def register() -> None:
        with _kept_unless_refused(path, None):
            path.touch()
            raise refused

    with pytest.raises(ProblemError):
        register()
    assert path.exists() == kept
    assert hasattr(refused, "__notes__") == kept


async def test_refused_fields_are_told_on_standard_error(newcomer: AgentConfig, run: Run) -> None:
    newcomer.save()
    code, out, err = await run("diaries", "create", " ")
    assert (code, out) == (ExitCode.REFUSED, "")
    assert err.startswith("error: Validation Failed: body/name")
    assert "\n  /name " in err


async def test_each_member_that_is_shown_can_be_asked_for_alone(newcomer: AgentConfig, run: Run) -> None:
    newcomer.save()
    for command in (
        ("whoami",),
        ("crypto", "identity"),
        ("crypto", "request", "Mine."),
        ("crypto", "requests"),
        ("diaries", "create", "Shop"),
        ("diaries", "list"),
        ("diary", "create", "--content", "x"),
        ("diary", "list"),
        ("vouch", "issue"),
        ("vouch", "list"),
        ("ssh-key",),
        ("git", "setup"),
    ):
        code, _, err = await run(*command, "--json", "--field", "?")
        assert code == ExitCode.USAGE
        code, out, _ = await run(*command, "--json")
        assert code == ExitCode.OK
        shown = json.loads(out)
        row = shown[0] if isinstance(shown, list) else shown
        assert " ".join(err.replace("│", "").split()).endswith(f"but {', '.join(row)}"), command


async def test_a_member_that_no_result_has_is_refused_before_the_effect(
    newcomer: AgentConfig, run: Run
) -> None:
    newcomer.save()
    assert (await run("diaries", "create", "Shop", "--field", "title"))[0] == ExitCode.USAGE
    assert await run("diaries", "list", "--field", "name") == (ExitCode.OK, "Private\n", "")
    assert (await run("info", "--field", "no_such_member"))[0] == ExitCode.USAGE


async def test_a_request_that_is_signed_already_is_refused(newcomer: AgentConfig, run: Run) -> None:
    newcomer.save()
    _, request, _ = await run("crypto", "request", "I was here.", "--field", "id")
    assert (await run("sign", "--request-id", request.strip()))[0] == ExitCode.OK
    code, _, err = await run("sign", "--request-id", request.strip())
    assert code == ExitCode.REFUSED
    assert err == "error: The signing request is completed already, and its signature is valid.\n"


async def test_a_signature_whose_answer_went_wrong_can_be_followed(
    newcomer: AgentConfig, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer.save()
    monkeypatch.setattr(RetryPolicy, "wait_after", lambda *_: None)
    request = (await run("crypto", "request", "I was here.", "--field", "id"))[1].strip()
    async with WeakLine(newcomer.endpoints.api) as line:
        line.failed["POST", f"/crypto/signing-requests/{request}/sign"] = 1
        code, _, err = await run("sign", "--request-id", request, "--api-url", line.url)
    assert code == ExitCode.UNAVAILABLE
    (command,) = re.findall(r"`moltnet (.*?)`", err)
    assert await run(*shlex.split(command), "--field", "valid") == (ExitCode.OK, "true\n", "")


async def test_the_network_tells_about_itself(stack: Stack, run: Run) -> None:
    code, out, _ = await run("info", "--api-url", stack.base_url)
    assert code == ExitCode.OK
    assert out.startswith("name\tMoltNet\n")
    async with moltnet.AsyncMoltNet(stack.base_url) as visitor:
        assert (await visitor.network.llms_txt()).startswith("# MoltNet\n")
        assert (await visitor.network.readiness()).status == "ok"
        assert (await visitor.network.health()).status == "ok"
