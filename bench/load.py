"""A load of MeterValues from one process: frames built beforehand, a protocol that only counts, coarse timers.

It must cost far less than the server it measures, and must not spin: uvloop's timers have a grain of 1 ms.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable

import msgspec

REGISTER_ZERO_MS = 1_700_000_000_000
MASK = b"\x00\x00\x00\x00"  # a mask of zeroes is valid (RFC 6455, 5.3) and lets a frame be built by joining bytes


class Result(msgspec.Struct):
    """What one load saw: whole seconds of steady answering, and every answer's latency."""

    answered: int
    errors: int
    seconds: float
    latencies_ms: list[float]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in ms that this share of the answers kept under."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def frame(text: bytes) -> bytes:
    """One client text frame, masked with zeroes."""
    size = len(text)
    if size < 126:
        head = struct.pack("!BB", 0x81, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x81, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 0x80 | 127, size)
    return head + MASK + text


def register_wh(at_ms: int) -> int:
    """What every meter of the bench shows at a moment: 57.6 kW, for ever."""
    return (at_ms - REGISTER_ZERO_MS) * 16 // 1000


def meter_values(number: int, transaction: int, at_ms: int) -> bytes:
    """One realistic MeterValues of about 1.2 kB: eight samples as DC stations send them."""
    seconds, ms = divmod(at_ms, 1000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return b'[2,"%d","MeterValues",{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"%b.%03dZ",%b%d%b' % (
        number,
        transaction,
        stamp.encode(),
        ms,
        _BEFORE_REGISTER,
        register_wh(at_ms),
        _AFTER_REGISTER,
    )


def _samples() -> tuple[bytes, bytes]:
    samples = (
        ("Energy.Active.Import.Register", "Wh", "", "REGISTER"),
        ("Power.Active.Import", "W", "", "59800.0"),
        ("SoC", "Percent", "", "54"),
        ("Current.Import", "A", '"phase":"L1",', "149.7"),
        ("Voltage", "V", '"phase":"L1-N",', "399.1"),
        ("Current.Offered", "A", "", "150.0"),
        ("Power.Offered", "W", "", "60000.0"),
        ("Temperature", "Celsius", "", "41.5"),
    )
    sampled = ",".join(
        f'{{"value":"{value}","context":"Sample.Periodic","format":"Raw","measurand":"{measurand}",'
        f'{phase}"location":"Outlet","unit":"{unit}"}}'
        for measurand, unit, phase, value in samples
    )
    before, _, after = f'"sampledValue":[{sampled}]}}]}}]'.encode().partition(b"REGISTER")
    return before, after


_BEFORE_REGISTER, _AFTER_REGISTER = _samples()  # made once: the load must cost far less than the server


class Station(asyncio.Protocol):
    """One connection with at most one call outstanding, as OCPP wants."""

    def __init__(self, path: str, host: str, password: str | None, next_frame: Callable[[], bytes]) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.free = False
        self.answered = 0
        self.errors = 0
        self.latencies_ms: list[float] = []
        self.keep_going = False
        self._request = self._upgrade(path, host, password)
        self._next_frame = next_frame
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]  # a TCP transport

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self._handshake(data)
            return
        self._buffer = data if not self._buffer else self._buffer + data
        while len(self._buffer) >= 2:
            size, start = self._buffer[1] & 0x7F, 2
            if size == 126:
                size, start = int.from_bytes(self._buffer[2:4]), 4
            if len(self._buffer) < start + size:
                return
            opcode, body = self._buffer[0] & 0x0F, self._buffer[start : start + size]
            self._buffer = self._buffer[start + size :]
            if opcode == 1:
                self._answered(body)
            elif opcode == 9:
                self._transport.write(b"\x8a\x80" + MASK if not size else frame(body).replace(b"\x81", b"\x8a", 1))  # type: ignore[attr-defined]

    def send(self) -> None:
        """Send the next call."""
        self.free = False
        data = self._next_frame()
        self._sent_at = time.perf_counter()
        self._transport.write(data)  # type: ignore[attr-defined]  # a TCP transport

    def close(self) -> None:
        """Drop the connection."""
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed in the handshake"))
        self.free = False
        self.keep_going = False

    def _answered(self, body: bytes) -> None:
        self.latencies_ms.append((time.perf_counter() - self._sent_at) * 1000)
        if body.startswith((b"[3", b"[ 3")):
            self.answered += 1
        else:
            self.errors += 1
        self.free = True
        if self.keep_going:
            self.send()

    def _handshake(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        self._buffer = rest
        if b" 101 " in head.split(b"\r\n", 1)[0]:
            self.free = True
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionError(head.split(b"\r\n", 1)[0].decode()))

    @staticmethod
    def _upgrade(path: str, host: str, password: str | None) -> bytes:
        name = path.rsplit("/", 1)[-1]
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: ocpp1.6",
        ]
        if password is not None:
            lines.append(f"Authorization: Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}")
        return "\r\n".join([*lines, "", ""]).encode()


class Load:
    """Many stations on one server, each with its own running transaction."""

    def __init__(self, port: int, names: list[str], transactions: list[int], password: str | None = None) -> None:
        self._port = port
        self._names = names
        self._transactions = transactions
        self._password = password
        self.stations: list[Station] = []

    async def connect(self) -> None:
        """Open every connection, fifty at a time."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(self._names), 50):
            batch = []
            for name, transaction in zip(
                self._names[start : start + 50], self._transactions[start : start + 50], strict=True
            ):
                _, station = await loop.create_connection(
                    lambda name=name, transaction=transaction: Station(  # type: ignore[misc]  # bound by default arguments
                        f"/ocpp/{name}", f"127.0.0.1:{self._port}", self._password, _frames(transaction)
                    ),
                    "127.0.0.1",
                    self._port,
                )
                batch.append(station)
            await asyncio.gather(*(station.opened for station in batch))
            self.stations += batch

    async def burst(self, seconds: float, warm_up: float = 1) -> Result:
        """Every station sends again as soon as it is answered."""
        for station in self.stations:
            station.keep_going = True
            station.send()
        await asyncio.sleep(warm_up)
        self._reset()
        began = time.perf_counter()
        await asyncio.sleep(seconds)
        result = self._result(time.perf_counter() - began)
        for station in self.stations:
            station.keep_going = False
        await asyncio.sleep(0.5)
        return result

    async def steady(self, rate: float, seconds: float, warm_up: float = 1) -> Result:
        """`rate` calls a second spread evenly, in the 2 ms grain of the timer."""
        self._reset()
        began = time.perf_counter()
        sent, turn, warm = 0, 0, False
        while (elapsed := time.perf_counter() - began) < seconds + warm_up:
            if not warm and elapsed > warm_up:
                self._reset()
                warm = True
            due = int(elapsed * rate)
            while sent < due:
                for _ in range(len(self.stations)):
                    station = self.stations[turn % len(self.stations)]
                    turn += 1
                    if station.free:
                        station.send()
                        break
                sent += 1
            await asyncio.sleep(0.002)
        return self._result(time.perf_counter() - began - warm_up)

    def close(self) -> None:
        """Drop every connection."""
        for station in self.stations:
            station.close()

    def _reset(self) -> None:
        for station in self.stations:
            station.answered = station.errors = 0
            station.latencies_ms = []

    def _result(self, seconds: float) -> Result:
        return Result(
            answered=sum(s.answered for s in self.stations),
            errors=sum(s.errors for s in self.stations),
            seconds=seconds,
            latencies_ms=[ms for s in self.stations for ms in s.latencies_ms],
        )


def _frames(transaction: int) -> Callable[[], bytes]:
    """Frames of one transaction, read off at the moment of sending: no two at the same millisecond.

    The register goes on from load to load, so that every reading is believed and priced.
    """
    number = at_ms = 0

    def next_frame() -> bytes:
        nonlocal number, at_ms
        number += 1
        at_ms = max(at_ms + 1, time.time_ns() // 1_000_000)
        return frame(meter_values(number, transaction, at_ms))

    return next_frame
