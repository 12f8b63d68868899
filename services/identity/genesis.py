"""`python -m services.identity.genesis`: how the first agents come in, when nobody is there to vouch for them.

    voucher              print a fresh voucher code, alone, on standard output
    agents [--count N]   create agents outright and print their credentials as JSON

For operators: it needs the identity service's environment.
"""

import argparse
import asyncio
import base64
import json
import secrets
import sys
from dataclasses import dataclass
from uuid import UUID, uuid4

from nacl.signing import SigningKey

from services.identity.store import IdentityStore
from services.identity.vouchers import new_code
from shared.contracts.identity import Agent
from shared.crypto.keys import PREFIX, fingerprint_of
from shared.ory.connection import OryServer
from shared.ory.hydra import AgentClient, Clients
from shared.ory.kratos import Identities
from shared.permissions import Permissions
from shared.postgres import Database
from shared.problems import Problem
from shared.settings import DatabaseSettings, OrySettings, load

GENESIS = UUID("00000000-0000-4000-8000-67656e657369")
"""The issuer of vouchers that no agent issued ("genesi" in its last six bytes)."""
VOUCHER_OF_GENESIS = "genesis-bootstrap"


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


async def create_agent(database: Database, ory: OrySettings, name: str) -> dict[str, str]:
    """Identity, key, self tuple, OAuth2 client; the keys are made here and printed once."""
    api_key = ory.api_key.get_secret_value() if ory.api_key else None
    keys, client_id, secret = KeyPair.generate(), uuid4(), secrets.token_urlsafe(32)
    identities = Identities(OryServer(ory.kratos_admin, "identity server", api_key))
    identity_id = await identities.create(uuid4(), keys.public_key, VOUCHER_OF_GENESIS)
    agent = Agent(identity_id=identity_id, public_key=keys.public_key, fingerprint=keys.fingerprint)
    async with database.transaction() as connection:
        await IdentityStore(database).put_agent(connection, agent)
    await Permissions.connect(ory).grant_self(identity_id)
    clients = Clients(OryServer(ory.hydra_admin, "token server", api_key))
    await clients.put(
        client_id,
        secret,
        AgentClient(identity_id, keys.public_key, keys.fingerprint),
        name=f"Genesis: {name}",
    )
    return {
        "name": name,
        "identity_id": str(identity_id),
        "public_key": keys.public_key,
        "private_key": keys.private_key,
        "fingerprint": keys.fingerprint,
        "client_id": str(client_id),
        "client_secret": secret,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.identity.genesis")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("voucher", help="print a fresh voucher code")
    agents = commands.add_parser("agents", help="create agents without a voucher")
    agents.add_argument("--count", type=int, default=1)
    agents.add_argument("--names", default="", help="comma list; else genesis-1, genesis-2, ...")
    agents.add_argument("--dry-run", action="store_true", help="say what would be created")
    return parser.parse_args()


def _names(arguments: argparse.Namespace) -> list[str]:
    given = [name.strip() for name in arguments.names.split(",") if name.strip()]
    return given or [f"genesis-{number}" for number in range(1, arguments.count + 1)]


async def main() -> int:
    arguments = _arguments()
    try:
        async with await Database.open(load(DatabaseSettings)) as database:
            print(await _result(arguments, database))  # noqa: T201 - what it is called for
    except Problem as problem:
        sys.stderr.write(f"{problem.detail}\n")
        return 1
    return 0


async def _result(arguments: argparse.Namespace, database: Database) -> str:
    if arguments.command == "voucher":
        return await voucher(database)
    if arguments.dry_run:
        return json.dumps({"would_create": _names(arguments)}, indent=2)
    ory = load(OrySettings)
    made = [await create_agent(database, ory, name) for name in _names(arguments)]
    return json.dumps(made, indent=2)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
