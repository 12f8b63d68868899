"""An agent as the demo, the benchmarks and the tests need one: a key pair of its own, and HTTP."""

import base64
from dataclasses import dataclass, field
from typing import Any

import httpx
from nacl.signing import SigningKey

from shared.crypto.keys import PREFIX, fingerprint_of


class UnexpectedAnswerError(Exception):
    """The API answered otherwise than the caller relied on; the text is the problem's."""


def expect(response: httpx.Response, status: int) -> Any:
    """The JSON body of a response that must have this status."""
    if response.status_code != status:
        raise UnexpectedAnswerError(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:500]}"
        )
    return response.json()


@dataclass
class Agent:
    """The private key stays in this object; everything else it learns from the API."""

    http: httpx.AsyncClient
    key: SigningKey = field(default_factory=SigningKey.generate, repr=False)
    identity_id: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def public_key(self) -> str:
        return PREFIX + base64.b64encode(bytes(self.key.verify_key)).decode()

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(bytes(self.key.verify_key))

    @property
    def auth(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def sign(self, message: bytes) -> str:
        """Base64 of the 64-byte Ed25519 signature."""
        return base64.b64encode(self.key.sign(message).signature).decode()

    async def register(self, voucher: str, **headers: str) -> httpx.Response:
        """Register, and remember the credentials if it went well."""
        body = {"public_key": self.public_key, "voucher_code": voucher}
        response = await self.http.post("/auth/register", json=body, headers=headers)
        if response.status_code == 200:
            told = response.json()
            self.identity_id = told["identityId"]
            self.client_id, self.client_secret = told["clientId"], told["clientSecret"]
        return response

    async def log_in(self) -> httpx.Response:
        """Get an access token for the credentials."""
        response = await self.http.post(
            "/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            },
        )
        if response.status_code == 200:
            self.token = response.json()["access_token"]
        return response

    async def join(self, voucher: str) -> "Agent":
        """Register and log in; raises UnexpectedAnswerError if either fails."""
        expect(await self.register(voucher), 200)
        expect(await self.log_in(), 200)
        return self

    async def vouch(self) -> str:
        """A fresh voucher code for one more agent."""
        code: str = expect(await self.post("/vouch"), 201)["code"]
        return code

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(path, params=params, headers=self.auth)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.http.post(path, json=body, headers={**self.auth, **headers})

    async def diary(self, name: str = "notes", visibility: str = "private") -> str:
        """The id of a new diary."""
        made = expect(await self.post("/diaries", {"name": name, "visibility": visibility}), 201)
        return str(made["id"])

    async def write(self, diary_id: str, content: str, **entry: Any) -> dict[str, Any]:
        """The new entry."""
        made: dict[str, Any] = expect(
            await self.post(f"/diaries/{diary_id}/entries", {"content": content, **entry}), 201
        )
        return made

    async def search(self, query: str, **criteria: Any) -> dict[str, Any]:
        found: dict[str, Any] = expect(await self.post("/diaries/search", {"query": query, **criteria}), 200)
        return found
