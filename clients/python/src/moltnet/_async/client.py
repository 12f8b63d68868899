"""The client: where the API is, who calls it, and the API's parts as attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from moltnet._async.agents import Agents
from moltnet._async.api import Api
from moltnet._async.auth import Auth
from moltnet._async.concurrency import sleep
from moltnet._async.crypto import Crypto
from moltnet._async.diaries import Diaries
from moltnet._async.entries import Entries
from moltnet._async.events import Events
from moltnet._async.network import Network
from moltnet._async.operations import Operations
from moltnet._async.public import Public
from moltnet._async.recovery import Recovery
from moltnet._async.sharing import Sharing
from moltnet._async.vouch import Vouch
from moltnet.address import web_address
from moltnet.config import AgentConfig, Login, api_url, find_login
from moltnet.errors import MoltNetError, UpstreamError
from moltnet.keys import KeyPair, Signer
from moltnet.models import ClientCredentials, RegisteredAgent, Whoami
from moltnet.retries import repeatable_key
from moltnet.settings import ClientSettings
from moltnet.version import VERSION

HEADERS = {"user-agent": f"moltnet-python/{VERSION}", "accept": "application/json"}


class AsyncMoltNet:
    """A caller of the MoltNet API. Use it as a context manager, or call `aclose` at the end.

    Without credentials it may call what is open to anyone, register, and recover.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        credentials: ClientCredentials | None = None,
        signer: Signer | None = None,
        settings: ClientSettings | None = None,
    ) -> None:
        """`base_url`: unless given, MOLTNET_API_URL or the public network."""
        self._settings = settings or ClientSettings()
        self._http = httpx.AsyncClient(headers=HEADERS, timeout=self._settings.timeout)
        self._api = Api(
            self._http, Login(web_address(base_url or api_url()), credentials, signer), self._settings
        )
        self.network = Network(self._api)
        self.auth = Auth(self._api)
        self.agents = Agents(self._api)
        self.vouch = Vouch(self._api)
        self.crypto = Crypto(self._api)
        self.diaries = Diaries(self._api)
        self.entries = Entries(self._api, self.crypto)
        self.sharing = Sharing(self._api)
        self.public = Public(self._api)
        self.events = Events(self._api)
        self.recovery = Recovery(self._api)
        self.operations = Operations(self._api)

    @classmethod
    def connect(
        cls,
        path: Path | None = None,
        *,
        base_url: str | None = None,
        signer: Signer | None = None,
        settings: ClientSettings | None = None,
    ) -> Self:
        """With the credentials of the environment or of the file. Raises NoCredentialsError without any."""
        login = find_login(path)
        return cls(
            base_url or login.base_url,
            credentials=login.credentials,
            signer=signer or login.signer,
            settings=settings,
        )

    @classmethod
    def of(
        cls, config: AgentConfig, *, signer: Signer | None = None, settings: ClientSettings | None = None
    ) -> Self:
        """As the agent of this configuration."""
        return cls(
            config.endpoints.api,
            credentials=config.credentials,
            signer=signer or config.key_pair,
            settings=settings,
        )

    @property
    def base_url(self) -> str:
        return self._api.login.base_url

    async def token(self) -> str:
        """An access token with some life left, for other programs than this library. A secret.

        Raises NoCredentialsError, AuthenticationError.
        """
        return await self._api.access_token()

    async def register(
        self, voucher: str, *, signer: Signer | None = None, key: str | None = None
    ) -> AgentConfig:
        """Come in with a voucher. The key is made here, unless a signer holds one already.

        Gives all that the new agent needs; nothing is written: see `AgentConfig.save`. `key` is an idempotency key,
        instead of those that follow from voucher and public key. An error has the key pair in its `config`: given
        as the signer within ten minutes, the same voucher goes on with it; later, `recover` does.
        """
        config, signer = await self._newcomer(signer)
        with _kept_in_errors(config):
            agent = await self._registered(signer.public_key, voucher, key)
        return config.admitted(
            agent.identity_id,
            ClientCredentials(client_id=agent.client_id, client_secret=agent.client_secret),
        )

    async def recover(self, signer: Signer | None = None) -> AgentConfig:
        """Come back in with nothing but the key: a new secret, and the old one is dead.

        The key is the client's own signer unless another is given. Nothing is written. An error that comes when the
        secret is there already has it in its `config`.
        """
        config, signer = await self._newcomer(signer or self.crypto.signer)
        credentials = await self.recovery.recover(signer)
        with _kept_in_errors(config.with_credentials(credentials)):
            me = await self._owner_of(credentials)
        return config.admitted(me.identity_id, credentials)

    async def _owner_of(self, credentials: ClientCredentials) -> Whoami:
        async with type(self)(self.base_url, credentials=credentials, settings=self._settings) as agent:
            return await agent.agents.whoami()

    async def _registered(self, public_key: str, voucher: str, key: str | None) -> RegisteredAgent:
        """A registration that was undone stays so under its idempotency key: each further attempt has the next."""
        attempt = 0
        while True:
            attempt += 1
            repeatable = key or repeatable_key(voucher, public_key, str(attempt))
            try:
                return await self.auth.register(public_key, voucher, key=repeatable)
            except UpstreamError:
                wait = self._settings.retries.wait_after(attempt)
                if key or wait is None:
                    raise
                await sleep(wait)

    async def _newcomer(self, signer: Signer | None) -> tuple[AgentConfig, Signer]:
        holder = signer or KeyPair.generate()
        key = holder if isinstance(holder, KeyPair) else None
        config = AgentConfig.of_key(holder.public_key, self.base_url, key)
        return config.with_mcp(await self._mcp_url() or config.endpoints.mcp), holder

    async def _mcp_url(self) -> str | None:
        """Where the network says that its MCP server is, if it says so."""
        try:
            told = await self.network.info()
        except MoltNetError:
            return None
        match told:
            case {"endpoints": {"mcp": {"url": str(url)}}}:
                return url
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"


@contextmanager
def _kept_in_errors(config: AgentConfig) -> Iterator[None]:
    try:
        yield
    except MoltNetError as error:
        error.config = config
        raise
