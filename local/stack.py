"""The whole stack on one machine: started in order, watched, stopped in order.

async with Stack(StackConfig(data_dir=directory, ports=Ports.free())) as stack:
    await client.get(f"{stack.base_url}/health")
"""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from types import TracebackType

from local import data_dir, run_state
from local.blueprint import STOP_ORDER, Blueprint, kind_of
from local.environment import Environment
from local.errors import StackError
from local.health import Health, watch
from local.processes import Child, Part
from local.reporting import Reporter, Silent
from local.run_state import RunState
from local.settings import StackConfig
from local.vouchers import fresh_voucher


class Stack:
    """One stack. Its parts are named postgres, nats, ory, embedder, identity, signing, diary, gateway and mcp;
    a service with several replicas goes by `diary-0`, `diary-1`, and so on.
    """

    def __init__(
        self,
        config: StackConfig,
        reporter: Reporter | None = None,
        environment: type[Environment] = Environment,
    ) -> None:
        self.config = config
        self._environment = environment
        self._reporter = reporter or Silent()
        self._children: dict[str, Child] = {}
        self._hurry = asyncio.Event()
        self._held = ExitStack()

    async def __aenter__(self) -> "Stack":
        try:
            async with asyncio.timeout(self.config.start_timeout):
                await self._start()
        except TimeoutError:
            await self.stop()
            limit, logs = self.config.start_timeout, self.config.data_dir / "log"
            raise StackError(f"The stack was not up within {limit:.0f} s: see {logs}.") from None
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        return self.environment.base_url

    @property
    def environment(self) -> Environment:
        """What each part is told, to start one more of them or to log in as one of them."""
        return self._blueprint.environment

    @property
    def exports(self) -> dict[str, str]:
        """The addresses of the parts, under the names that `make env` prints."""
        return self.environment.exports()

    def pid(self, name: str) -> int | None:
        """The process id of a part; None while it is down."""
        return self._child(name).pid

    async def kill(self, name: str) -> int:
        """SIGKILL a part, which is then restarted. Returns the process id that was killed, for `replaced`."""
        return self._child(name).kill()

    async def replaced(self, name: str, pid: int) -> int:
        """Wait until the part runs as another process than `pid`; returns that process's id."""
        return await self._child(name).replaced(pid)

    async def stop_part(self, name: str) -> None:
        """Stop a part; it stays down until `start_part`."""
        await self._stop_child(name)

    async def start_part(self, name: str) -> None:
        """Start a part that was stopped; returns once it answers for itself (see `ready` for the whole)."""
        try:
            async with asyncio.timeout(self.config.start_timeout):
                await self._child(name).start()
        except TimeoutError:
            raise StackError(f"{name} did not answer within {self.config.start_timeout:.0f} s.") from None

    async def ready(self) -> None:
        """Wait until the gateway says that every component is well. `StackError` after the start timeout."""
        health = Health()
        try:
            async with asyncio.timeout(self.config.start_timeout):
                async for health in watch(self.base_url):
                    if health.ready:
                        return
        except TimeoutError:
            raise StackError(f"Not ready in time: {', '.join(health.lacking) or 'gateway'}.") from None

    async def voucher(self) -> str:
        """A fresh genesis voucher code."""
        environment = self.environment.complete(self._blueprint.voucher_environment())
        return await fresh_voucher(self.config.command("voucher"), environment, self.config.data_dir)

    def hurry(self) -> None:
        """Cut the grace of every stop short, the one under way included."""
        self._hurry.set()

    async def stop(self) -> None:
        """Stop everything in order. Nothing is left running afterwards, and `run.json` is gone."""
        for group in STOP_ORDER:
            names = [name for name in self._children if kind_of(name) in group]
            await asyncio.gather(*map(self._stop_child, names))
        self._children.clear()
        self._held.close()

    async def _start(self) -> None:
        await self._take_data_dir()
        self._blueprint = Blueprint(self.config, self._reporter, self._environment)
        self._state = self._describe()
        self._state.write(self.config.data_dir)
        await self._start_infrastructure()
        await self._start_services()
        self._state.ready = True
        self._write_state()

    async def _take_data_dir(self) -> None:
        directory = self.config.data_dir
        data_dir.prepare(directory)
        self._held.enter_context(run_state.acquire(directory))
        for name in await asyncio.to_thread(run_state.stop_leftovers, directory):
            self._reporter.notice(f"{name} was left over from an earlier run and has been stopped")
        self.config.ports.require_free(gateways=self.config.count("gateway"))
        self._held.callback((directory / "run.json").unlink, missing_ok=True)
        for log in (directory / "log").glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def _describe(self) -> RunState:
        return RunState(
            base_url=self.base_url,
            exports=self.exports,
            voucher_command=list(self.config.command("voucher")),
            voucher_environment=self._blueprint.voucher_environment(),
        )

    async def _start_infrastructure(self) -> None:
        ports = self.config.ports
        await self._step(self._blueprint.postgres(), f"127.0.0.1:{ports.postgres}")
        self._reporter.began("migrations")
        await self._blueprint.migrate()
        self._reporter.ended("migrations", "done")
        await self._step(self._blueprint.nats(), f"127.0.0.1:{ports.nats}, streams declared")
        await self._step(self._blueprint.ory(), f"127.0.0.1:{ports.ory}, a stand-in")

    async def _step(self, part: Part, detail: str) -> None:
        self._reporter.began(part.name)
        await self._add(part).start()
        self._reporter.ended(part.name, "ready", detail)

    async def _start_services(self) -> None:
        """Start them all, then follow the gateway's account of who is ready. The MCP server is, once all are."""
        children = [self._add(part) for part in self._blueprint.services()]
        for child in children:
            self._reporter.began(child.part.name)
        await _all_or_first_failure(self._follow(children), *(child.start() for child in children))

    async def _follow(self, children: list[Child]) -> None:
        waiting = {child.part.name: child for child in children}
        async for health in watch(self.base_url):
            for name, child in list(waiting.items()):
                if child.answers and health.is_ok(kind_of(name)):
                    del waiting[name]
                    self._reporter.ended(name, "ready")
            if not waiting:
                return
            for child in waiting.values():
                if hopeless := child.hopeless:
                    raise hopeless

    def _add(self, part: Part) -> Child:
        child = Child(part, self._blueprint.log(part.name), self._reporter, self._write_state)
        self._children[part.name] = child
        return child

    def _child(self, name: str) -> Child:
        try:
            return self._children[name]
        except KeyError:
            raise StackError(f"There is no part {name!r}; there are {', '.join(self._children)}.") from None

    async def _stop_child(self, name: str) -> None:
        child = self._child(name)
        runs = child.pid is not None
        if runs:
            self._reporter.began(name)
        await child.stop(self.config.stop_grace, self._hurry)
        if runs:
            self._reporter.ended(name, "stopped")

    def _write_state(self) -> None:
        pids = {name: child.pid for name, child in self._children.items()}
        self._state.processes = run_state.identified(pids)
        with suppress(OSError):  # a full disk must not end the supervision
            self._state.write(self.config.data_dir)


async def _all_or_first_failure(*work: Coroutine[None, None, None]) -> None:
    """Do all of it at once; at the first failure drop the rest and raise that failure."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
