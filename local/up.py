"""`make up`: the stack in the foreground, until it is told to stop."""

import asyncio
import signal

from local.console import Console
from local.errors import StackError
from local.settings import StackConfig
from local.stack import Stack

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ONE_KEYPRESS = 0.5
"""Seconds. Some programs (timeout(1) is one) signal a process and its group: that is one wish, not two."""


async def up(config: StackConfig) -> None:
    """Run the stack until a signal; a second one hurries the stop. `StackError` when it cannot start."""
    console = Console()
    console.welcome(config.data_dir)
    stack = Stack(config, console)
    work = asyncio.create_task(_run(stack, console))
    _stop_on_signals(work, stack, console)
    try:
        await work
    except asyncio.CancelledError:
        console.farewell()


async def _run(stack: Stack, console: Console) -> None:
    async with stack:
        console.introduce(stack.environment, await _first_voucher(stack, console), stack.config.data_dir)
        await asyncio.Event().wait()


async def _first_voucher(stack: Stack, console: Console) -> str:
    try:
        return await stack.voucher()
    except StackError as error:
        console.notice(str(error))
        return "none yet: try make voucher"


def _stop_on_signals(work: "asyncio.Task[None]", stack: Stack, console: Console) -> None:
    """The first signal ends the work, and so stops the stack; those after it cut that short."""
    loop = asyncio.get_running_loop()
    stopping_since: float | None = None

    def stop() -> None:
        nonlocal stopping_since
        if stopping_since is None:
            stopping_since = loop.time()
            console.goodbye()
            work.cancel()
        elif loop.time() - stopping_since > ONE_KEYPRESS:
            stack.hurry()

    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup(1) ignores it
            loop.add_signal_handler(number, stop)
