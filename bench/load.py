"""The HTTP measurements, as a process of their own: `python -m bench.load URL [--quick]`.

Needs `MOLTNET_VOUCHER`: one voucher, from which all the agents it uses descend.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

import httpx
import uvloop

from bench import operations
from bench.measure import Measurement, measure
from bench.operations import Operation
from bench.population import Client, settle
from bench.processor_time import costs
from bench.tables import print_breakdown, print_costs, print_measurements
from bench.vouchers import VoucherStock

CLIENTS = (1, 32)
SECONDS, QUICK_SECONDS = 3.0, 0.3
WARM_UP_SHARE = 0.2
MEASURED: tuple[tuple[str, Operation], ...] = (
    ("null request (GET /health)", operations.health),
    ("token", operations.get_token),
    ("create entry", operations.create_entry),
    ("get entry", operations.get_entry),
    ("list entries", operations.list_entries),
    ("search", operations.search),
    ("sign (request and submit)", operations.sign),
)
LAYERS: tuple[tuple[str, Operation], ...] = (
    ("client, HTTP, gateway's edge", operations.health),
    ("token and rate limit", operations.token_check),
    ("a NATS query with one SELECT", operations.whoami),
    ("permission check", operations.read_diary),
    ("durable command and its commit", operations.request_signature),
    ("create entry, all in all", operations.create_entry),
)


async def run(base_url: str, voucher: str, seconds: float) -> None:
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=60) as http:
        _progress(f"{max(CLIENTS)} agents register and write their first entries")
        clients = await settle(http, voucher, max(CLIENTS))
        rows = []
        for name, operation in MEASURED:
            _progress(name)
            rows.append((name, await _with_each_count(operation, clients, seconds)))
        _progress("register")
        rows.append(("register", await _registrations(clients, seconds)))
        print_measurements(rows)
        print_costs(await costs(MEASURED[1:], clients, seconds))
        print_breakdown([(name, await measure(layer, clients[:1], seconds / 2)) for name, layer in LAYERS])


def _progress(step: str) -> None:
    print(f"  ... {step}", file=sys.stderr, flush=True)


async def _with_each_count(
    operation: Operation, clients: Sequence[Client], seconds: float
) -> list[Measurement]:
    measured = []
    for number in CLIENTS:
        await measure(operation, clients[:number], seconds * WARM_UP_SHARE)
        measured.append(await measure(operation, clients[:number], seconds))
    return measured


async def _registrations(clients: Sequence[Client], seconds: float) -> list[Measurement]:
    """A measurement ends with its time or its vouchers."""
    measured = []
    stock = VoucherStock([client.agent for client in clients])
    for number in CLIENTS:
        await stock.refill()
        register = operations.register_with(stock)
        measured.append(await measure(register, clients[:number], seconds, most=len(stock)))
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("url")
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    arguments = parser.parse_args()
    seconds = QUICK_SECONDS if arguments.quick else SECONDS
    uvloop.run(asyncio.wait_for(run(arguments.url, os.environ["MOLTNET_VOUCHER"], seconds), timeout=600))


if __name__ == "__main__":
    main()
