# Made from moltnet/_async by tools/make_sync.py: change it there.
"""`client.crypto.signing_requests`: messages that wait for a signature, step by step."""

from collections.abc import Iterator, Sequence

from moltnet import routes
from moltnet._sync.api import Api
from moltnet.models import Id, SigningRequest, SigningRequestPage, SigningStatus
from moltnet.retries import repeatable_key
from moltnet.wire import query


class SigningRequests:
    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, message: str, *, key: str | None = None) -> SigningRequest:
        """Ask for a message to be signed, within five minutes."""
        return self._api.call(
            routes.CREATE_SIGNING_REQUEST, SigningRequest, body={"message": message}, key=key
        )

    def list(
        self, *, limit: int = 20, offset: int = 0, status: Sequence[SigningStatus] | None = None
    ) -> SigningRequestPage:
        """A page of the caller's own, newest first."""
        wanted = query(limit=limit, offset=offset, status=status)
        return self._api.call(routes.SIGNING_REQUESTS, SigningRequestPage, query=wanted)

    def iterate(
        self, *, status: Sequence[SigningStatus] | None = None, page_size: int = 100
    ) -> Iterator[SigningRequest]:
        """All of the caller's own, newest first."""
        offset = 0
        while True:
            page = self.list(limit=page_size, offset=offset, status=status)
            for request in page.items:
                yield request
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def get(self, request_id: Id) -> SigningRequest:
        return self._api.call(routes.SIGNING_REQUEST, SigningRequest, request_id)

    def submit(self, request_id: Id, signature: str, *, key: str | None = None) -> SigningRequest:
        """Submit a base64 signature. A wrong one completes the request as well, with `valid` false.

        Submitting the same again has the same outcome, in another process too.
        """
        return self._api.call(
            routes.SUBMIT_SIGNATURE,
            SigningRequest,
            request_id,
            body={"signature": signature},
            key=key or repeatable_key(str(request_id), signature),
        )
