"""A stranger's socket, where it may say who it is: one BootNotification is read and rejected, all else is refused."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from zaryad.kernel.clock import Clock
from zaryad.link.answers import BootStatus, BootVerdict
from zaryad.link.facts import Booted, StationId
from zaryad.ocpp.codec import Codec, UntranslatableError
from zaryad.ocpp.gateway import failure
from zaryad.ocpp.gateway.transport import Socket
from zaryad.ocpp.rpc import Call, Fault, Junk

RETRY_S = 300  # told to the stranger: a person has to look first
ANSWER_WITHIN = dt.timedelta(seconds=30)
FRAMES_MAX = 20  # then it has said enough
CLOSE_CODE, CLOSE_REASON = 1008, "unknown station; it waits in the inbox for approval"

Learn = Callable[[Booted], Awaitable[None]]


class Quarantine:
    """A stranger who is listened to for `seconds` at most. Nothing it says reaches the business."""

    def __init__(self, socket: Socket, station_id: StationId, codec: Codec, clock: Clock, seconds: float) -> None:
        self.station_id = station_id
        self.codec = codec
        self._socket = socket
        self._rpc = codec.rpc(ANSWER_WITHIN)
        self._clock = clock
        self._seconds = seconds
        self._frames = 0
        self._over = asyncio.Event()
        self._booted: Booted | None = None

    def on_text(self, text: str) -> None:
        """Read one frame."""
        self._frames += 1
        if self._frames > FRAMES_MAX or self._booted is not None:
            self._over.set()
            return
        event = self._rpc.receive(text)
        match event:
            case Call():
                self._socket.write(self._answer(event))
            case Junk(reply=bytes() as reply):
                self._socket.write(reply)
            case _:
                pass

    def on_lost(self, _code: int, _reason: str) -> None:
        """Learn that it is gone."""
        self._over.set()

    async def run(self, learn: Learn) -> None:
        """Listen until it has said who it is, or the time is over, and keep that; the caller closes."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._over.wait()
        except TimeoutError:
            pass
        if self._booted is not None:
            await learn(self._booted)

    def _answer(self, call: Call) -> bytes:
        try:
            heard = self.codec.fact(call, self.station_id, self._clock.now())
        except UntranslatableError as error:
            if error.fault in (Fault.NOT_IMPLEMENTED, Fault.NOT_SUPPORTED):
                return self._rpc.refuse(call, Fault.SECURITY, CLOSE_REASON)
            return self._rpc.refuse(call, error.fault, error.why)
        except Exception:  # noqa: BLE001  # a codec's bug is ours, not the stranger's
            failure.surprising("ocpp.codec_failed", self.station_id, call.action)
            return self._rpc.refuse(call, Fault.INTERNAL, "")
        if not isinstance(heard.fact, Booted):
            return self._rpc.refuse(call, Fault.SECURITY, CLOSE_REASON)
        self._booted = heard.fact
        self._over.set()
        verdict = BootVerdict(BootStatus.REJECTED, RETRY_S, self._clock.now())
        return self._rpc.answer(call, self.codec.answer(heard, verdict))
