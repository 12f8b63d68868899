"""`python -m services.identity.genesis`: how the first agents come in, when nobody is there to vouch for them.

    voucher              print a fresh voucher code, alone, on standard output
    agents [--count N]   create agents outright; print the credentials and a first token of each, a line of JSON

For operators: it needs the identity service's environment (contract/auth-and-permissions 8.5).
"""

import argparse
import asyncio
import base64
import contextlib
import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
from nacl.signing import SigningKey

from services.identity.store import IdentityStore
from services.identity.vouchers import new_code
from shared.contracts.identity import Agent
from shared.contracts.scopes import Scope
from shared.crypto.keys import PREFIX, fingerprint_of
from shared.ory.connection import OryServer
from shared.ory.hydra import AgentClient, Clients
from shared.ory.kratos import Identities
from shared.ory.refusal import OryRefused
from shared.permissions import Permissions
from shared.postgres import Database
from shared.problems import Problem, UpstreamError, unavailable
from shared.settings import DatabaseSettings, OrySettings, load

GENESIS = UUID("00000000-0000-4000-8000-67656e657369")
"""The issuer of vouchers that no agent issued ("genesi" in its last six bytes)."""
VOUCHER_OF_GENESIS = "genesis-bootstrap"
IDENTITY_SERVER, PERMISSION_SERVER, TOKEN_SERVER = "identity server", "permission server", "token server"
TOKEN_SECONDS = 15.0
"""The token server asks the gateway for claims, which may be just starting."""


@dataclass(frozen=True)
class KeyPair:
    private_key: str
    public_key: str
    fingerprint: str

    @classmethod
    def generate(cls) -> "KeyPair":
        key = SigningKey.generate()
        public = bytes(key.verify_key)
        return cls(
            base64.b64encode(bytes(key)).decode(),
            PREFIX + base64.b64encode(public).decode(),
            fingerprint_of(public),
        )


async def voucher(database: Database) -> str:
    code = new_code()
    async with database.transaction() as connection:
        await IdentityStore(database).insert_voucher(connection, code, GENESIS)
    return code


class Founding:
    """Creates agents. Raises a problem that names the server which failed or refused."""

    def __init__(self, database: Database, ory: OrySettings, http: httpx.AsyncClient) -> None:
        api_key = ory.api_key.get_secret_value() if ory.api_key else None
        self._database = database
        self._store = IdentityStore(database)
        self._identities = Identities(OryServer(ory.kratos_admin, IDENTITY_SERVER, api_key))
        self._permissions = Permissions.connect(ory)
        self._clients = Clients(OryServer(ory.hydra_admin, TOKEN_SERVER, api_key))
        self._http = http
        self._token_url = f"{ory.hydra_public.rstrip('/')}/oauth2/token"

    async def create(self, name: str, scopes: Sequence[Scope]) -> dict[str, str]:
        """Identity, key, self tuple, OAuth2 client; none of them if one fails. The keys are made here.

        A call without an answer may have had its effect, so what undoes a write is ready before it.
        """
        keys, client_id, secret = KeyPair.generate(), uuid4(), secrets.token_urlsafe(32)
        registration = uuid4()
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(self._remove_identity, registration, keys.public_key)
            with _refusals_of(IDENTITY_SERVER):
                identity_id = await self._identities.create(registration, keys.public_key, VOUCHER_OF_GENESIS)
            undo.push_async_callback(self._forget, identity_id)
            await self._keep(
                Agent(identity_id=identity_id, public_key=keys.public_key, fingerprint=keys.fingerprint)
            )
            undo.push_async_callback(self._permissions.remove_agent, identity_id)
            with _refusals_of(PERMISSION_SERVER):
                await self._permissions.grant_self(identity_id)
            owner = AgentClient(identity_id, keys.public_key, keys.fingerprint)
            undo.push_async_callback(self._remove_client, client_id)
            with _refusals_of(TOKEN_SERVER):
                await self._clients.put(client_id, secret, owner, name=f"Genesis: {name}", scopes=scopes)
            undo.pop_all()
        return {
            "name": name,
            "identity_id": str(identity_id),
            "public_key": keys.public_key,
            "private_key": keys.private_key,
            "fingerprint": keys.fingerprint,
            "client_id": str(client_id),
            "client_secret": secret,
        }

    async def _remove_identity(self, registration: UUID, public_key: str) -> None:
        with _refusals_of(IDENTITY_SERVER):
            identity_id = await self._identities.find(registration, public_key)
            if identity_id is not None:
                await self._identities.delete(identity_id)

    async def _keep(self, agent: Agent) -> None:
        async with self._database.transaction() as connection:
            await self._store.put_agent(connection, agent)

    async def _forget(self, identity_id: UUID) -> None:
        async with self._database.transaction() as connection:
            await self._store.forget_agent(connection, identity_id, VOUCHER_OF_GENESIS)

    async def _remove_client(self, client_id: UUID) -> None:
        with _refusals_of(TOKEN_SERVER):
            await self._clients.delete(client_id)

    async def first_token(self, client_id: str, client_secret: str, scopes: Sequence[Scope]) -> str:
        """An access token: it shows that the credentials work."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": " ".join(scopes),
        }
        try:
            answer = await self._http.post(self._token_url, data=form)
        except httpx.HTTPError as failure:
            raise unavailable(TOKEN_SERVER) from failure
        if answer.status_code != httpx.codes.OK:
            raise UpstreamError(f"The {TOKEN_SERVER} gave no token (status {answer.status_code}).")
        try:
            return str(answer.json()["access_token"])
        except (ValueError, KeyError, TypeError) as failure:
            raise UpstreamError(f"The {TOKEN_SERVER} gave no token that can be read.") from failure


@contextlib.contextmanager
def _refusals_of(server: str) -> Iterator[None]:
    try:
        yield
    except OryRefused as refusal:
        raise UpstreamError(f"The {server} refused what was asked (status {refusal.status}).") from refusal


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.identity.genesis")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("voucher", help="print a fresh voucher code")
    agents = commands.add_parser("agents", help="create agents without a voucher")
    agents.add_argument("--count", type=_count, default=1)
    agents.add_argument("--names", default="", help="comma list; else genesis-1, genesis-2, ...")
    agents.add_argument(
        "--scopes", type=_scopes, default=tuple(Scope), help="of their clients; else all of them"
    )
    agents.add_argument("--dry-run", action="store_true", help="say what would be created")
    return parser.parse_args()


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count


def _scopes(text: str) -> tuple[Scope, ...]:
    try:
        return tuple(Scope(name) for name in text.split())
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected some of: {' '.join(Scope)}") from None


def _names(arguments: argparse.Namespace) -> list[str]:
    given = [name.strip() for name in arguments.names.split(",") if name.strip()]
    return given or [f"genesis-{number}" for number in range(1, arguments.count + 1)]


async def main() -> int:
    arguments = _arguments()
    try:
        if arguments.command == "voucher":
            async with await Database.open(load(DatabaseSettings)) as database:
                _print(await voucher(database))
        elif arguments.dry_run:
            _print(json.dumps({"would_create": _names(arguments), "scopes": arguments.scopes}))
        else:
            await _found(arguments)
    except Problem as problem:
        sys.stderr.write(f"{problem.detail}\n")
        return 1
    return 0


async def _found(arguments: argparse.Namespace) -> None:
    """Each agent is told as soon as there is one: a later failure takes nothing from it."""
    ory = load(OrySettings)
    async with (
        await Database.open(load(DatabaseSettings)) as database,
        httpx.AsyncClient(timeout=TOKEN_SECONDS) as http,
    ):
        founding = Founding(database, ory, http)
        for name in _names(arguments):
            made = await founding.create(name, arguments.scopes)
            try:
                made["access_token"] = await founding.first_token(
                    made["client_id"], made["client_secret"], arguments.scopes
                )
            finally:
                _print(json.dumps(made))


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what it is called for


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
