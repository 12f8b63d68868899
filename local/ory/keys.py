"""JSON Web Keys (RFC 7517): the sets Hydra publishes, the key that signs, and rotation."""

import asyncio
import json
from functools import lru_cache
from typing import Any
from uuid import uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local.ory.database import Database
from local.ory.errors import FlatError
from local.ory.wire import read_object

ACCESS_TOKEN_SET = "hydra.jwt.access-token"  # noqa: S105
ID_TOKEN_SET = "hydra.openid.id-token"  # noqa: S105
ALGORITHM = "RS256"

_PUBLISHED_SETS = [ID_TOKEN_SET, ACCESS_TOKEN_SET]
_KEY_BITS = 2048
_PUBLIC_EXPONENT = 65537
_INSERT = "INSERT INTO ory.signing_keys (key_set, kid, private_pem) VALUES ($1, $2, $3)"
_NEWEST = "SELECT kid, private_pem FROM ory.signing_keys WHERE key_set = $1 ORDER BY position DESC LIMIT 1"


class KeyStore:
    """Signing keys in Postgres; a set is given its first key when it is first needed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ensure_published_sets(self) -> None:
        """See that each published set has a key."""
        for key_set in _PUBLISHED_SETS:
            await self.signing_key(key_set)

    async def signing_key(self, key_set: str) -> tuple[str, RSAPrivateKey]:
        """The id and the key that sign for a set: always its newest."""
        row = await self._database.row(_NEWEST, key_set)
        if row is not None:
            return row["kid"], _private_key(row["private_pem"])
        pem = await asyncio.to_thread(_generate_pem)
        async with self._database.transaction() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", key_set)
            row = await connection.fetchrow(_NEWEST, key_set)
            kid, pem = (row["kid"], row["private_pem"]) if row else (str(uuid4()), pem)
            if row is None:
                await connection.execute(_INSERT, key_set, kid, pem)
        return kid, _private_key(pem)

    async def add(self, key_set: str, kid: str) -> dict[str, str]:
        """A new key at the head of a set, as a public JWK.

        Raises:
            FlatError: 409, the set has a key of that id.
        """
        pem = await asyncio.to_thread(_generate_pem)
        try:
            await self._database.execute(_INSERT, key_set, kid, pem)
        except asyncpg.UniqueViolationError as error:
            raise FlatError(409, "Unable to insert or update resource", "The key id is taken.") from error
        return _public_jwk(kid, pem)

    async def published(self) -> list[dict[str, str]]:
        """Every public key a verifier may need."""
        await self.ensure_published_sets()
        return await self.public_keys(_PUBLISHED_SETS)

    async def public_keys(self, key_sets: list[str]) -> list[dict[str, str]]:
        """The public keys of some sets, the newest first."""
        rows = await self._database.rows(
            "SELECT kid, private_pem FROM ory.signing_keys WHERE key_set = ANY($1) ORDER BY position DESC",
            key_sets,
        )
        return [_public_jwk(row["kid"], row["private_pem"]) for row in rows]

    async def delete(self, key_set: str, kid: str) -> None:
        """Deleting what is not there is done already."""
        await self._database.execute(
            "DELETE FROM ory.signing_keys WHERE key_set = $1 AND kid = $2", key_set, kid
        )


class KeyRoutes:
    """The published keys, and the admin API that rotates them.

    Unlike Hydra's, the admin API shows the public members only.
    """

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def routes(self) -> list[BaseRoute]:
        """The routes this class answers."""
        return [
            Route("/.well-known/jwks.json", self._published, methods=["GET"]),
            Route("/admin/keys/{key_set}", self._create, methods=["POST"]),
            Route("/admin/keys/{key_set}", self._get, methods=["GET"]),
            Route("/admin/keys/{key_set}/{kid}", self._delete, methods=["DELETE"]),
        ]

    async def _published(self, _: Request) -> Response:
        return JSONResponse({"keys": await self._store.published()})

    async def _create(self, request: Request) -> Response:
        document = await read_object(request)
        if document.get("alg") != ALGORITHM:
            raise FlatError(400, "invalid_request", f"Only {ALGORITHM} keys can be made here.")
        kid = str(document.get("kid") or uuid4())
        return JSONResponse({"keys": [await self._store.add(request.path_params["key_set"], kid)]}, 201)

    async def _get(self, request: Request) -> Response:
        keys = await self._store.public_keys([request.path_params["key_set"]])
        if not keys:
            raise FlatError(404, "Unable to locate the resource")
        return JSONResponse({"keys": keys})

    async def _delete(self, request: Request) -> Response:
        await self._store.delete(request.path_params["key_set"], request.path_params["kid"])
        return Response(status_code=204)


def _generate_pem() -> str:
    key = rsa.generate_private_key(_PUBLIC_EXPONENT, _KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@lru_cache(maxsize=64)
def _private_key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        message = "only RSA keys are stored"
        raise TypeError(message)
    return key


def _public_jwk(kid: str, pem: str) -> dict[str, str]:
    members: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(_private_key(pem).public_key()))
    return {
        "use": "sig",
        "kty": "RSA",
        "kid": kid,
        "alg": ALGORITHM,
        "n": members["n"],
        "e": members["e"],
    }
