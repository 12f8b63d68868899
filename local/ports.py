"""Which loopback ports the stack listens on, and whether they are free."""

import errno
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from local.errors import StackError

LOOPBACK = "127.0.0.1"
VARIABLES = {
    "gateway": "PORT",
    "mcp": "MOLTNET_MCP_PORT",
    "postgres": "MOLTNET_POSTGRES_PORT",
    "nats": "MOLTNET_NATS_PORT",
    "ory": "MOLTNET_ORY_PORT",
}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One TCP port per part that listens. Further gateway replicas take the ports after `gateway`."""

    gateway: int = 8000
    mcp: int = 8001
    postgres: int = 5433
    nats: int = 4222
    ory: int = 4455

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Ports":
        """The ports the caller named in `VARIABLES`; an empty variable counts as unset."""
        named = ((part, name) for part, name in VARIABLES.items() if environment.get(name))
        chosen = {part: _port(name, environment[name]) for part, name in named}
        return cls(**chosen)

    @classmethod
    def free(cls, gateways: int = 1) -> "Ports":
        """Ports nobody listens on at this moment, with room for `gateways` in a row."""
        with ExitStack() as held:
            first = _first_of_free_row(gateways, held)
            mcp, postgres, nats, ory = (_hold(0, held) for _ in range(4))
            return cls(gateway=first, mcp=mcp, postgres=postgres, nats=nats, ory=ory)

    def of_gateway(self, replica: int) -> int:
        return self.gateway + replica

    def require_free(self, gateways: int = 1) -> None:
        """Raise `StackError` naming the first port that another program holds."""
        wanted = [("postgres", self.postgres), ("nats", self.nats), ("ory", self.ory)]
        wanted += [("gateway", self.of_gateway(replica)) for replica in range(gateways)]
        wanted += [("mcp", self.mcp)]
        with ExitStack() as held:
            for part, port in wanted:
                _require_free(part, port, held)


def _port(variable: str, text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise StackError(f"{variable} must be a port number from 1 to 65535, and {text!r} is none.")


def _require_free(part: str, port: int, held: ExitStack) -> None:
    try:
        _hold(port, held)
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise StackError(
            f"Port {port}, wanted for {part}, {why}: free it, or choose another with {VARIABLES[part]}=..."
        ) from error


def _hold(port: int, held: ExitStack) -> int:
    """Listen until `held` is closed. Only a listening socket keeps a second one off a reusable address."""
    listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen(1)
    bound: int = listener.getsockname()[1]
    return bound


def _first_of_free_row(length: int, held: ExitStack) -> int:
    for _ in range(100):
        with ExitStack() as row:
            first = _hold(0, row)
            try:
                for offset in range(1, length):
                    _hold(first + offset, row)
            except (OSError, OverflowError):
                continue
            held.push(row.pop_all())
            return first
    raise StackError(f"No {length} free ports in a row were found.")
