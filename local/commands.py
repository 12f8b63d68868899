"""The commands of `python -m local`."""

import argparse
import asyncio
import importlib
import os
import shutil
import sys
from collections.abc import Callable

from local.environment import shell_exports
from local.errors import StackError
from local.run_state import is_running, read_running
from local.settings import StackConfig, data_dir_of
from local.up import up
from local.vouchers import fresh_voucher


def main() -> int:
    """Run the command named on the command line; a `StackError` becomes its sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m local", description="MoltNet on one machine.")
    parser.add_argument("command", choices=COMMANDS, help="what to do")
    try:
        return COMMANDS[parser.parse_args().command]() or 0
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run_up() -> None:
    asyncio.run(up(StackConfig.from_environment()))


def print_voucher() -> None:
    data_dir = data_dir_of(os.environ)
    running = read_running(data_dir)
    environment = {**os.environ, **running.voucher_environment}
    print(asyncio.run(fresh_voucher(running.voucher_command, environment, data_dir)))


def print_environment() -> None:
    print(shell_exports(read_running(data_dir_of(os.environ)).exports))


def run_demo() -> int | None:
    outcome: int | None = importlib.import_module("local.demo").main()
    return outcome


def remove_data() -> None:
    data_dir = data_dir_of(os.environ)
    if is_running(data_dir):
        raise StackError(f"A stack is running in {data_dir}: stop it before its data are removed.")
    if not data_dir.exists():
        return
    if not (data_dir / "secrets.json").exists():
        raise StackError(f"{data_dir} does not look like a stack's data: remove it by hand if it is.")
    shutil.rmtree(data_dir)


COMMANDS: dict[str, Callable[[], int | None]] = {
    "up": run_up,
    "voucher": print_voucher,
    "env": print_environment,
    "demo": run_demo,
    "clean": remove_data,
}
