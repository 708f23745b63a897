"""The only HTTP client. Hosts come from the configuration, redirects are not followed, answers are capped.

What a call can come to: `Accepted` (done, or an answer was read), `Rejected` (surely not done), `Uncertain`
(nobody knows: time-out after sending, 5xx, a body that is not what was promised). Money depends on the difference.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from prometheus_client import Histogram

log = structlog.get_logger()
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs, and some carry secrets

TOOK = Histogram("zaryad_outbound_seconds", "Time an outbound call took", ["host", "what", "outcome"])

T = TypeVar("T")


class Accepted(msgspec.Struct, Generic[T], frozen=True):
    """It is done, and this is what came of it."""

    value: T


class Rejected(msgspec.Struct, frozen=True):
    """It is surely not done. `retryable`: the same call may succeed later."""

    code: str
    retryable: bool = False


class Uncertain(msgspec.Struct, frozen=True):
    """It may be done or not. Only reading the other side's state can tell."""

    cause: str


Outcome = Accepted[T] | Rejected | Uncertain


class Reply(msgspec.Struct, frozen=True):
    """A whole HTTP answer. Names of headers are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of one site's calls; seconds and bytes."""

    connect_s: float = 5
    total_s: float = 20
    body_bytes: int = 1 << 20
    connections: int = 20


class Site:
    """One configured origin (and path prefix). A path is all a caller may choose: no foreign URL is ever fetched."""

    def __init__(self, base_url: str, limits: Limits | None = None, *, proxy: str | None = None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
            raise ValueError(f"not a base URL: {parts.scheme}://{parts.hostname}")
        self.host = parts.hostname
        self._limits = limits or Limits()
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(self._limits.total_s, connect=self._limits.connect_s),
            limits=httpx.Limits(max_connections=self._limits.connections, max_keepalive_connections=5),
            follow_redirects=False,
            trust_env=False,
            proxy=proxy,
            headers={"user-agent": "zaryad"},
        )

    async def call(
        self, method: str, path: str, *, what: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Outcome[Reply]:
        """Make one call. `what` names it in logs and metrics instead of the path, which may carry secrets.

        Any whole answer, whatever its status, is Accepted: `settled` and `decoded` judge it.
        """
        assert path.startswith("/"), "a path of the configured site"
        assert not path.startswith("//"), "a path of the configured site"
        began = time.perf_counter()
        outcome: Outcome[Reply]
        try:
            async with asyncio.timeout(self._limits.total_s):
                outcome = await self._send(method, path, headers or {}, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            outcome = Rejected(f"unreachable:{type(error).__name__}", retryable=True)
        except (TimeoutError, httpx.TimeoutException):
            outcome = Uncertain("timeout")
        except httpx.HTTPError as error:
            outcome = Uncertain(f"broken:{type(error).__name__}")
        took = time.perf_counter() - began
        told = {"host": self.host, "what": what, "ms": round(took * 1000)}
        match outcome:
            case Accepted(value=reply):
                TOOK.labels(self.host, what, str(reply.status)).observe(took)
                log.info("outbound.answered", status=reply.status, bytes=len(reply.body), **told)
            case Rejected(code=cause) | Uncertain(cause=cause):
                TOOK.labels(self.host, what, cause.partition(":")[0]).observe(took)
                log.warning("outbound.failed", cause=cause, sure=isinstance(outcome, Rejected), **told)
        return outcome

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.aclose()

    async def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Outcome[Reply]:
        async with self._client.stream(method, path, headers=dict(headers), content=body) as response:
            chunks, size = [], 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > self._limits.body_bytes:
                    return Uncertain("answer_too_large")
                chunks.append(chunk)
            answered = {name.lower(): value for name, value in response.headers.items()}
            return Accepted(Reply(response.status_code, answered, b"".join(chunks)))


def settled(reply: Reply) -> Outcome[Reply]:
    """Judge the statuses on which everyone agrees; other 4xx pass, for the adapter to read the code in the body."""
    match reply.status:
        case 401 | 403:
            return Rejected("credentials")
        case 429:
            return Rejected("throttled", retryable=True)
        case 408:
            return Uncertain("http_408")
        case status if 300 <= status < 400:
            return Uncertain("redirect")
        case status if status >= 500 or status < 200:
            return Uncertain(f"http_{status}")
    return Accepted(reply)


def decoded(reply: Reply, type: type[T]) -> Accepted[T] | Uncertain:
    """Read a JSON body of a declared shape; anything else is Uncertain, whatever the status said."""
    try:
        return Accepted(msgspec.json.decode(reply.body, type=type))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Uncertain("unreadable_answer")
