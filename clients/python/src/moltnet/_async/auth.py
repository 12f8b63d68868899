"""`client.auth`: registration and secrets."""

from moltnet import routes
from moltnet._async.api import Api
from moltnet.models import ClientCredentials, RegisteredAgent


class Auth:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def register(self, public_key: str, voucher: str, *, key: str | None = None) -> RegisteredAgent:
        """Register a public key. `client.register` makes the key as well."""
        body = {"public_key": public_key, "voucher_code": voucher}
        return await self._api.call(routes.REGISTER, RegisteredAgent, body=body, key=key)

    async def rotate_secret(self, *, key: str | None = None) -> ClientCredentials:
        """A new client secret, which this client uses from now on. The old one is dead at once: keep the new one."""
        credentials = await self._api.call(routes.ROTATE_SECRET, ClientCredentials, key=key)
        self._api.use(credentials)
        return credentials
