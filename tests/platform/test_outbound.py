"""What a call can come to, over real sockets; and what never gets into a log."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
from structlog.testing import capture_logs

from zaryad.platform.outbound import Accepted, Limits, Outcome, Rejected, Reply, Site, Uncertain, decoded, settled

QUICK = Limits(connect_s=1, total_s=0.5, body_bytes=1000)


@contextlib.asynccontextmanager
async def answering(raw: bytes, *, hang: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads a head and answers with these bytes."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(raw)
            await writer.drain()
            if hang:
                await asyncio.sleep(1)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    finally:
        server.close()


async def _ask(url: str) -> Outcome[Reply]:
    site = Site(url, QUICK)
    try:
        return await site.call("GET", "/secret-path?key=secret", what="test.read", headers={"x-key": "secret-header"})
    finally:
        await site.close()


def _answer(status: str, body: bytes = b"", head: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body


@pytest.mark.parametrize(
    ("raw", "hang", "expected"),
    [
        (_answer("200 OK", b"x" * 1001), False, Uncertain("answer_too_large")),
        (b"", True, Uncertain("timeout")),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe", True, Uncertain("timeout")),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe", False, Uncertain("broken:RemoteProtocolError")),
        (b"rubbish\r\n\r\n", False, Uncertain("broken:RemoteProtocolError")),
    ],
)
async def test_half_an_answer_is_no_answer(raw: bytes, hang: bool, expected: Uncertain) -> None:
    async with answering(raw, hang=hang) as (url, _):
        assert await _ask(url) == expected


async def test_who_cannot_be_reached_did_surely_nothing() -> None:
    outcome = await _ask("http://127.0.0.1:9")
    assert outcome == Rejected("unreachable:ConnectError", retryable=True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("302 Found", Uncertain("redirect")),
        ("401 Unauthorized", Rejected("credentials")),
        ("403 Forbidden", Rejected("credentials")),
        ("408 Request Timeout", Uncertain("http_408")),
        ("429 Too Many Requests", Rejected("throttled", retryable=True)),
        ("500 Internal Server Error", Uncertain("http_500")),
        ("503 Service Unavailable", Uncertain("http_503")),
    ],
)
async def test_statuses_mean_the_same_everywhere(status: str, expected: Outcome[Reply]) -> None:
    async with answering(_answer(status, b"{}", "location: http://127.0.0.1:9/\r\n")) as (url, heads):
        outcome = await _ask(url)
    assert isinstance(outcome, Accepted)
    assert settled(outcome.value) == expected
    assert len(heads) == 1  # a redirect is not followed


class Shape(msgspec.Struct):
    code: int


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"code":"1"}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_of_another_shape_tells_nothing(body: bytes) -> None:
    assert decoded(Reply(200, {}, body), Shape) == Uncertain("unreadable_answer")


def test_a_body_as_promised_is_read() -> None:
    assert decoded(Reply(200, {}, b'{"code":1,"new":2}'), Shape) == Accepted(Shape(1))


async def test_no_secret_is_logged() -> None:
    with capture_logs() as logs:
        async with answering(_answer("200 OK", b"secret-body")) as (url, heads):
            await _ask(url)
        await _ask("http://127.0.0.1:9")
    assert b"secret-header" in heads[0]
    assert len(logs) == 2
    assert "secret" not in repr(logs)


@pytest.mark.parametrize("url", ["ftp://host", "host", "http://", "http://user:secret@host", "http://host/?a=1"])
def test_a_base_url_is_one(url: str) -> None:
    with pytest.raises(ValueError, match="not a base URL") as told:
        Site(url)
    assert "secret" not in str(told.value)
