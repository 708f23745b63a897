"""A connection without a socket: frames go in, what is written comes out."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

from tests.ocpp.rig import Business
from tests.ocpp.test_codec_heard import BOX, spoken
from zaryad.kernel.clock import SystemClock
from zaryad.link.answers import BootStatus
from zaryad.ocpp.gateway.connection import Connection, House
from zaryad.ocpp.gateway.patience import Patience
from zaryad.ocpp.gateway.settings import Settings
from zaryad.ocpp.rpc import Call, Junk


class Ear:
    """A socket that remembers."""

    heard_at = 0.0
    congested = False

    def __init__(self) -> None:
        self.held = False
        self.written: list[bytes] = []

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def hold(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False

    def probe(self) -> None: ...

    def end(self, code: int, reason: str) -> None: ...

    def abort(self) -> None: ...

    async def drained(self) -> None: ...


class Line:
    """One connection of a version, with a business that answers everything."""

    def __init__(self, version: str) -> None:
        self.codec = spoken(version)
        self.ear = Ear()
        business = Business()
        house = House(
            handlers=business.handlers,
            clock=SystemClock(),
            settings=Settings(),
            patience=Patience(20),
            note=lambda _: None,
            heard=set(),
            skews={},
            booted=lambda _: None,
            stray=lambda *_: None,
            odd=lambda *_: None,
        )
        self.connection = Connection(house, self.ear, BOX, self.codec, BootStatus.ACCEPTED)

    async def hears_all(self, frames: list[bytes]) -> None:
        """Say them all at once; every call is answered, in its order, and so is one after them."""
        rpc = self.codec.rpc(dt.timedelta(seconds=1))
        running = asyncio.create_task(self.connection.run())
        calls, at_once = [], []
        for text in [frame.decode("utf-8", "replace") for frame in frames] + ['[2,"last","Heartbeat",{}]']:
            event = rpc.receive(text)
            if isinstance(event, Call):
                calls.append(event.id)
            elif isinstance(event, Junk) and event.reply is not None:
                at_once.append(event.reply)
            self.connection.on_text(text)
        self.connection.on_lost(1000, "")
        await asyncio.wait_for(running, 10)
        written = self.ear.written.copy()
        for reply in at_once:  # errors about frames that are no calls: before the calls that were said before them
            written.remove(reply)
        replies: list[Any] = [json.loads(reply) for reply in written]
        assert [reply[1] for reply in replies] == calls, replies
        assert replies[-1][0] == 3
        assert "currentTime" in replies[-1][2]
