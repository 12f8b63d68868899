"""One HTTP address of an Ory server. Calls run in threads, since the client is synchronous.

The client itself would wait for ever and retry three times without a pause; both are switched off. Repeating
is the business of the durable step that calls. Each address has threads of its own, and nobody waits for one longer
than for an answer: a silent server holds up neither the others nor all who ask it one after the other.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import urllib3
from ory_client import ApiClient, Configuration
from ory_client.exceptions import ApiException
from pydantic import ValidationError

from shared.ory.refusal import OryRefused
from shared.problems import UpstreamError, unavailable

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 16
CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
OK = 200
REDIRECTS = 3
# A total of 0 would forbid redirects as well, and Kratos' admin port redirects whoever asks for its health.
ONLY_REDIRECTS = urllib3.Retry(REDIRECTS, connect=0, read=0, other=0, respect_retry_after_header=False)


class OryServer:
    """An address with its connection pool. `part` names it in problems, for instance `permission server`."""

    def __init__(self, url: str, part: str, api_key: str | None = None) -> None:
        configuration = Configuration(
            host=url.rstrip("/"),
            access_token=api_key,
            retries=ONLY_REDIRECTS,  # type: ignore[arg-type]
        )
        configuration.connection_pool_maxsize = THREADS
        self.client = ApiClient(configuration)
        self._part = part
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ory")

    async def ready(self) -> None:
        """503 unless the server says that it is ready."""

        def probe(_request_timeout: tuple[float, float]) -> int:
            url = f"{self.client.configuration.host}/health/ready"
            answer = self.client.call_api("GET", url, _request_timeout=_request_timeout)
            answer.read()  # type: ignore[no-untyped-call]
            return int(answer.status)

        if await self.call(probe) != OK:  # type: ignore[call-arg]
            raise unavailable(self._part)

    async def call(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The decoded answer. Raises OryRefused for 4xx, a 502 problem for 5xx or an answer that makes no
        sense, and a 503 problem when there is no answer in time."""

        def run() -> T:
            return method(*args, **{"_request_timeout": (CONNECT_SECONDS, READ_SECONDS), **kwargs})  # type: ignore[arg-type]

        try:
            in_context = contextvars.copy_context().run
            async with asyncio.timeout(CONNECT_SECONDS + READ_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, in_context, run)
        except ApiException as failure:
            status = failure.status or 0
            if 400 <= status < 500 and status != 429:
                raise OryRefused(status, failure.body or "") from None
            raise UpstreamError(f"The {self._part} answered with an error.") from failure
        except (ValidationError, ValueError) as failure:
            raise UpstreamError(f"The {self._part} gave an unexpected answer.") from failure
        except (urllib3.exceptions.HTTPError, TimeoutError) as failure:
            raise unavailable(self._part) from failure
