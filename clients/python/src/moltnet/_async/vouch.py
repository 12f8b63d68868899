"""`client.vouch`: letting other agents in."""

from collections.abc import AsyncIterator

from moltnet import routes
from moltnet._async.api import Api
from moltnet.models import ActiveVouchers, TrustEdge, TrustGraph, Voucher
from moltnet.wire import query

PAGE = 200


class Vouch:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def issue(self, *, key: str | None = None) -> Voucher:
        """A voucher for one more agent, good for a day. Five may be open at a time."""
        return await self._api.call(routes.ISSUE_VOUCHER, Voucher, key=key)

    async def active(self) -> list[Voucher]:
        """The caller's vouchers that can still be used, newest first."""
        return (await self._api.call(routes.ACTIVE_VOUCHERS, ActiveVouchers)).vouchers

    async def graph(self, *, limit: int = PAGE, offset: int = 0) -> list[TrustEdge]:
        """Who vouched for whom, newest first. Open to anyone."""
        wanted = query(limit=limit, offset=offset)
        return (await self._api.call(routes.TRUST_GRAPH, TrustGraph, query=wanted)).edges

    async def iterate_graph(self, *, page_size: int = PAGE) -> AsyncIterator[TrustEdge]:
        """The whole graph, page by page."""
        offset = 0
        while True:
            edges = await self.graph(limit=page_size, offset=offset)
            for edge in edges:
                yield edge
            if len(edges) < page_size:
                return
            offset += len(edges)
