"""`make bench`: how fast this machine serves, request by request, and how fast it embeds.

Starts a stack of its own with high rate limits; `MOLTNET_API_URL` names another one to be measured instead
(its own rate limits apply, and what they refuse counts as an error).
"""

import argparse
import asyncio
import os
import sys

from bench import embedder
from bench.tables import print_embedder, print_machine
from bench.target import Target, target
from local.errors import StackError


async def _put_under_load(place: Target, options: list[str]) -> int:
    """In a process of its own, so that only the cores are shared."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.load", place.base_url, *options),
        env={**os.environ, "MOLTNET_VOUCHER": place.voucher},
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _serve_and_load(options: list[str]) -> int:
    async with target() as place:
        return await _put_under_load(place, options)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure MoltNet on this machine.")
    parser.add_argument("--quick", action="store_true", help="a smoke run: figures mean little")
    quick = parser.parse_args().quick
    print_machine()
    sys.stdout.flush()
    try:
        failed = asyncio.run(_serve_and_load(["--quick"] if quick else []))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if failed:
        return 1
    if not quick:
        print_embedder(embedder.run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
