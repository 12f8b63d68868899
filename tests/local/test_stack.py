"""The one-machine stack: real Postgres and NATS, and small programs in the place of the services."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import dedent

import asyncpg
import httpx
import nats
import psutil  # type: ignore[import-untyped]
import pytest

from local.errors import StackError
from local.ports import LOOPBACK, Ports
from local.settings import ROOT, SERVICES, StackConfig
from local.stack import Stack

PROGRAMS = {
    # Each tells what it was given, and when it stopped, in the directory named by NOTES.
    "service": """
        import json, os, pathlib, signal, sys
        notes, name = pathlib.Path(os.environ["NOTES"]), sys.argv[1]
        executor = os.environ.get("EXECUTOR_ID", name)
        (notes / f"{executor}.json").write_text(json.dumps(dict(os.environ)))
        def stop(*_):
            with (notes / "stopped").open("a") as file:
                print(name, file=file)
            os._exit(0)
        signal.signal(signal.SIGTERM, stop)
        def stay():
            while True:
                signal.pause()
    """,
    "web": """
        import json
        from datetime import UTC, datetime
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                components = {n: {"status": "ok", "latencyMs": 1} for n in ("diary", "identity", "embedder")}
                now = datetime.now(UTC).isoformat()
                body = json.dumps({"status": "ok", "timestamp": now, "components": components}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *_): pass
        def serve(port):
            ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
    """,
    "migrations": """
        import asyncio, asyncpg, os
        async def main():
            connection = await asyncpg.connect(os.environ["MIGRATIONS_DATABASE_URL"])
            await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            await connection.execute("CREATE TABLE IF NOT EXISTS starts (n serial)")
            await connection.execute("INSERT INTO starts DEFAULT VALUES")
        asyncio.run(main())
    """,
    "streams": """
        import asyncio, nats, os
        async def main():
            user, password = os.environ["NATS_USER"], os.environ["NATS_PASSWORD"]
            bus = await nats.connect(
                os.environ["NATS_URL"], user=user, password=password, inbox_prefix=f"_INBOX_{user}".encode()
            )
            await bus.jetstream().add_stream(name="CMD_DIARY", subjects=["cmd.diary.>"])
            await bus.close()
        asyncio.run(main())
    """,
    "voucher": "import secrets; print(secrets.token_hex(32))",
}
LAUNCHERS = {
    **dict.fromkeys(SERVICES, "import service; service.stay()"),
    **dict.fromkeys(("gateway", "mcp"), "import os, service, web; web.serve(os.environ['PORT'])"),
    "ory": "import os, service, web; web.serve(os.environ['ORY_STANDIN_PORT'])",
}


class Listener:
    """A reporter that remembers, and lets a test wait for a sentence."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.notices: asyncio.Queue[str] = asyncio.Queue()

    def began(self, step: str) -> None: ...

    def ended(self, step: str, word: str, detail: str = "") -> None:
        self.steps.append((step, word))

    def notice(self, sentence: str) -> None:
        self.notices.put_nowait(sentence)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory outside pytest's own, which keeps other accounts out, and so root's Postgres."""
    directory = Path(tempfile.mkdtemp(prefix="moltnet-stack-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def config(place: Path) -> StackConfig:
    for name, text in PROGRAMS.items():
        (place / f"{name}.py").write_text(dedent(text))
    launch = {name: (sys.executable, "-c", code, name) for name, code in LAUNCHERS.items()}
    scripts = {
        name: (sys.executable, str(place / f"{name}.py")) for name in ("migrations", "streams", "voucher")
    }
    return StackConfig(
        data_dir=place / "data",
        ports=Ports.free(gateways=2),
        extra_env={"NOTES": str(place), "PYTHONPATH": str(place), "LOG_LEVEL": "warning"},
        commands={**launch, **scripts},
    )


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def stack(config: StackConfig, listener: Listener) -> AsyncIterator[Stack]:
    async with Stack(config, listener) as running:
        yield running


def given_to(config: StackConfig, executor: str) -> dict[str, str]:
    """The environment that a service found when it last started."""
    text = (Path(config.extra_env["NOTES"]) / f"{executor}.json").read_text()
    return {str(name): str(value) for name, value in json.loads(text).items()}


async def starts_recorded(stack: Stack) -> int:
    connection = await asyncpg.connect(stack.exports["DATABASE_URL"])
    try:
        return int(await connection.fetchval("SELECT count(*) FROM starts"))
    finally:
        await connection.close()


async def stream_messages(stack: Stack) -> int:
    login = stack.exports
    bus = await nats.connect(
        login["NATS_URL"], user="operator", password=login["NATS_PASSWORD"], inbox_prefix=b"_INBOX_operator"
    )
    try:
        return (await bus.jetstream().stream_info("CMD_DIARY")).state.messages
    finally:
        await bus.close()


def processes_using(place: Path) -> list[psutil.Process]:
    """Every process that has to do with the test's directory, the backends of Postgres included."""
    found = psutil.process_iter(["cmdline", "cwd"])
    words = ((each, [*(each.info["cmdline"] or []), each.info["cwd"] or ""]) for each in found)
    return [
        each for each, said in words if each.pid != os.getpid() and any(str(place) in word for word in said)
    ]


async def test_all_parts_run_and_a_voucher_is_issued(stack: Stack, listener: Listener) -> None:
    await stack.ready()
    async with httpx.AsyncClient(base_url=stack.base_url) as client:
        assert (await client.get("/health")).status_code == 200
    assert re.fullmatch(r"[0-9a-f]{64}", await stack.voucher())
    assert await starts_recorded(stack) == 1
    assert await stream_messages(stack) == 0
    assert listener.steps[:4] == [
        ("postgres", "ready"),
        ("migrations", "done"),
        ("nats", "ready"),
        ("ory", "ready"),
    ]
    assert sorted(listener.steps[4:]) == sorted((service, "ready") for service in SERVICES)


async def test_the_mcp_server_speaks_for_this_stack_and_is_made_known(
    stack: Stack, config: StackConfig
) -> None:
    endpoint = f"http://{LOOPBACK}:{config.ports.mcp}/mcp"
    mcp = given_to(config, "mcp-0")
    assert mcp["REST_API_URL"] == stack.base_url
    assert mcp["MCP_RESOURCE_URI"] == endpoint
    assert not {"NATS_URL", "NATS_PASSWORD", "DATABASE_URL", "OPERATION_SECRET_KEY"} & mcp.keys()
    assert given_to(config, "gateway-0")["MCP_URL"] == stack.exports["MOLTNET_MCP_URL"] == endpoint


async def test_each_service_gets_its_own_logins_and_no_more(stack: Stack, config: StackConfig) -> None:
    diary, embedder = given_to(config, "diary-0"), given_to(config, "embedder-0")
    assert diary["DATABASE_URL"].startswith("postgresql://moltnet_diary:")
    assert diary["NATS_USER"] == "diary"
    assert diary["LOG_LEVEL"] == "warning"
    assert "RECOVERY_CHALLENGE_SECRET" not in diary
    assert (
        not {"DATABASE_URL", "OPERATION_SECRET_KEY", "ORY_ACTION_API_KEY", "NATS_DIARY_PASSWORD"}
        & embedder.keys()
    )
    secrets = config.data_dir / "secrets.json"
    assert secrets.stat().st_mode & 0o077 == 0
    assert (config.data_dir / "run.json").stat().st_mode & 0o077 == 0


async def test_the_callers_variables_win_but_not_over_a_service_s_login(config: StackConfig) -> None:
    caller = {
        **config.extra_env,
        "DATABASE_URL": "postgresql://elsewhere/x",
        "RECOVERY_CHALLENGE_SECRET": "c" * 32,
    }
    async with Stack(replace(config, extra_env=caller)):
        identity = given_to(config, "identity-0")
    assert identity["RECOVERY_CHALLENGE_SECRET"] == "c" * 32
    assert "elsewhere" not in identity["DATABASE_URL"]
    assert "DATABASE_URL" not in given_to(config, "embedder-0")


async def test_a_crashed_service_is_restarted_and_said_so(stack: Stack, listener: Listener) -> None:
    killed = await stack.kill("diary")
    assert await stack.replaced("diary", killed) != killed
    assert await listener.notices.get() == "diary stopped (signal 9), restarting"


@pytest.mark.parametrize("part", ["postgres", "nats", "ory", "gateway", "mcp"])
async def test_a_killed_part_comes_back(stack: Stack, part: str) -> None:
    await stack.replaced(part, await stack.kill(part))
    await stack.stop_part(part)
    assert stack.pid(part) is None
    await stack.start_part(part)
    await stack.ready()
    assert await starts_recorded(stack) == 1
    assert await stream_messages(stack) == 0


async def test_streams_are_declared_again_when_nats_lost_its_files(stack: Stack, config: StackConfig) -> None:
    await stack.stop_part("nats")
    shutil.rmtree(config.data_dir / "nats")
    await stack.start_part("nats")
    assert await stream_messages(stack) == 0


async def test_replicas_have_names_ports_and_executors_of_their_own(config: StackConfig) -> None:
    async with Stack(replace(config, services={"diary": 2, "gateway": 2})) as stack:
        assert (
            len({stack.pid(name) for name in ("diary-0", "diary-1", "gateway-0", "gateway-1")} - {None}) == 4
        )
        async with httpx.AsyncClient() as client:
            second = f"http://{LOOPBACK}:{config.ports.gateway + 1}/health"
            assert (await client.get(second)).status_code == 200
    assert given_to(config, "diary-1")["EXECUTOR_ID"] == "diary-1"


async def test_data_and_secrets_survive_and_nothing_else_does(config: StackConfig, place: Path) -> None:
    async with Stack(config) as first:
        secrets = (config.data_dir / "secrets.json").read_text()
        assert await starts_recorded(first) == 1
    assert processes_using(place) == []
    assert not (config.data_dir / "run.json").exists()
    order = (place / "stopped").read_text().split()
    assert [*order[:2], *sorted(order[2:5]), *order[5:]] == [
        "mcp",
        "gateway",
        "diary",
        "identity",
        "signing",
        "embedder",
        "ory",
    ]
    async with Stack(config) as second:
        assert (config.data_dir / "secrets.json").read_text() == secrets
        assert await starts_recorded(second) == 2


@pytest.mark.parametrize("part", ["nats", "mcp"])
async def test_a_taken_port_is_one_sentence(config: StackConfig, part: str) -> None:
    port: int = getattr(config.ports, part)
    sentence = rf"Port {port}, wanted for {part}, is taken: .*MOLTNET_{part.upper()}_PORT"
    with socket.socket() as other:
        other.bind((LOOPBACK, port))
        other.listen()
        with pytest.raises(StackError, match=sentence):
            await Stack(config).__aenter__()


async def test_one_directory_serves_one_stack(stack: Stack, config: StackConfig) -> None:
    with pytest.raises(StackError, match="already running"):
        await Stack(config).__aenter__()
    await stack.ready()


async def test_a_failed_migration_says_why_and_leaves_nothing(config: StackConfig, place: Path) -> None:
    failing = (sys.executable, "-c", "raise SystemExit('no such revision')")
    broken = replace(config, commands={**config.commands, "migrations": failing})
    with pytest.raises(StackError, match=r"(?s)migration .* failed \(exit 1\).*no such revision"):
        await Stack(broken).__aenter__()
    assert processes_using(place) == []


async def test_a_service_that_never_stays_up_ends_the_start(config: StackConfig, place: Path) -> None:
    failing = (sys.executable, "-c", "raise SystemExit('a setting is missing')")
    commands = {**config.commands, "signing": failing, "gateway": config.commands["signing"]}
    broken = replace(config, commands=commands)
    with pytest.raises(StackError, match=r"(?s)signing does not stay up.*a setting is missing"):
        await Stack(broken).__aenter__()
    assert processes_using(place) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda data: data.write_text("a file"), "is not a directory"),
        (lambda data: (data / "postgres").mkdir(parents=True), "holds no Postgres data"),
        (lambda data: _made_by(data, "16"), "was made by PostgreSQL 16"),
    ],
)
async def test_a_broken_data_directory_is_one_sentence(
    config: StackConfig, spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(config.data_dir)
    with pytest.raises(StackError, match=sentence) as told:
        await Stack(config).__aenter__()
    assert "\n" not in str(told.value)


def _made_by(data_dir: Path, version: str) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text(f"{version}\n")


DRIVER = """
    import asyncio, json, pathlib, sys
    from local.ports import Ports
    from local.settings import StackConfig
    from local.up import up
    given = json.loads(sys.argv[1])
    given |= {"ports": Ports(**given["ports"]), "data_dir": pathlib.Path(given["data_dir"])}
    asyncio.run(up(StackConfig(**given)))
"""


async def make_up(config: StackConfig) -> tuple[Process, str]:
    """`make up` in a process of its own, and what it printed until it was up."""
    given = {name: value for name, value in asdict(config).items() if name != "nats_config"}
    arguments = [sys.executable, "-c", dedent(DRIVER), json.dumps(given, default=str)]
    process = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=PIPE)
    assert process.stdout
    return process, (await process.stdout.readuntil(b"the data stay.\n")).decode()


async def ask(config: StackConfig, command: str) -> tuple[int | None, str, str]:
    """Exit code, standard output and standard error of `python -m local <command>`."""
    environment = {**os.environ, "MOLTNET_DATA_DIR": str(config.data_dir)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "local", command, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_make_up_shows_the_way_in_and_stops_on_ctrl_c(config: StackConfig, place: Path) -> None:
    process, printed = await make_up(config)
    base_url = f"http://{LOOPBACK}:{config.ports.gateway}"
    assert f"{base_url}/docs" in printed
    assert f"MCP       http://{LOOPBACK}:{config.ports.mcp}/mcp\n" in printed
    assert re.search(r"Voucher +[0-9a-f]{64}\n", printed)

    code, voucher, _ = await ask(config, "voucher")
    assert code == 0
    assert re.fullmatch(r"[0-9a-f]{64}\n", voucher)
    _, exports, _ = await ask(config, "env")
    assert f"export MOLTNET_API_URL={base_url}\n" in exports
    assert all(line.startswith("export ") for line in exports.splitlines())
    code, _, complaint = await ask(config, "clean")
    assert (code, "is running" in complaint) == (1, True)

    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode == 0
    assert processes_using(place) == []
    for command in ("voucher", "env"):
        code, out, complaint = await ask(config, command)
        assert (code, out) == (1, "")
        assert re.fullmatch(r"No stack is running in .*\n", complaint)


async def test_a_second_ctrl_c_hurries(config: StackConfig, place: Path) -> None:
    deaf = "import signal, service; signal.signal(signal.SIGTERM, signal.SIG_IGN); service.stay()"
    commands = {**config.commands, "diary": (sys.executable, "-c", deaf, "diary")}
    process, _ = await make_up(replace(config, stop_grace=3600, commands=commands))
    rest = asyncio.create_task(process.communicate())
    while not rest.done():
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await asyncio.wait({rest}, timeout=0.2)
    assert b"diary was killed" in (await rest)[0]
    assert processes_using(place) == []


async def test_after_kill_9_of_the_supervisor_nothing_is_in_the_way(config: StackConfig) -> None:
    process, _ = await make_up(config)
    process.kill()
    await process.communicate()
    assert (config.data_dir / "run.json").exists()
    async with Stack(config) as stack:
        assert await starts_recorded(stack) == 2


async def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(config: StackConfig) -> None:
    async with Stack(config):
        pid_file = (config.data_dir / "postgres" / "postmaster.pid").read_text()
    stranger = pid_file.split("\n", 1)[1]
    (config.data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{stranger}")
    async with Stack(config) as stack:
        assert await starts_recorded(stack) == 2
