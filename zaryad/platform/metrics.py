"""Prometheus metrics: the exposition, and a tiny listener for services that have no HTTP edge.

Metrics are declared where they are counted (`prometheus_client.Counter(...)` at the top of a file), named
`zaryad_<what>_<unit>`, with labels of few values: never a station, a person or a session.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import prometheus_client
from prometheus_client import REGISTRY, Gauge
from prometheus_client.openmetrics import exposition as openmetrics

UP = Gauge("zaryad_service_info", "Which service this is; always 1", ["service"])
READ_WITHIN_S = 5
REQUEST_BYTES_MAX = 8_192


def exposition(accept: str = "") -> tuple[bytes, str]:
    """Return all metrics of this process and their content type, as OpenMetrics for whoever accepts that."""
    if "application/openmetrics-text" in accept:
        return openmetrics.generate_latest(REGISTRY), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]  # the library's
    return prometheus_client.generate_latest(REGISTRY), prometheus_client.CONTENT_TYPE_LATEST


@contextlib.asynccontextmanager
async def listening(
    service: str, host: str, port: int | None, healthy: Callable[[], bool] = lambda: True
) -> AsyncIterator[None]:
    """Answer `GET /metrics` and `GET /healthz` (200 or 503 by `healthy`) while inside; without a port, nothing."""
    UP.labels(service).set(1)
    if not port:
        yield
        return

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(READ_WITHIN_S):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(_answer(head, healthy))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, host, port, limit=REQUEST_BYTES_MAX)
    async with server:
        yield


def _answer(head: str, healthy: Callable[[], bool]) -> bytes:
    target = head.split(" ")[1].partition("?")[0] if head.startswith("GET ") else ""
    kind = "text/plain; charset=utf-8"
    if target == "/metrics":
        accept = next((line for line in head.lower().split("\r\n") if line.startswith("accept:")), "")
        status, (body, kind) = "200 OK", exposition(accept)
    elif target == "/healthz":
        fine = healthy()
        status, body = ("200 OK", b"ok\n") if fine else ("503 Service Unavailable", b"not ready\n")
    else:
        status, body = "404 Not Found", b"only /metrics and /healthz\n"
    fields = f"content-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
    return f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + body
