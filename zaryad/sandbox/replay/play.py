"""Plays a tape: the station's calls in their order and with their pauses; our orders answered as they were then."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import re
import ssl
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from zaryad.sandbox.replay.compare import Difference, differences
from zaryad.sandbox.replay.tape import CALL, ERROR, RESULT, Tape, Turn

ANSWER_WITHIN_S = 30
LINGER_S = 0.5  # after the last turn, for an order that may still come
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[\d.]*(?:Z|[+-]\d{2}:\d{2})?")


class Step(msgspec.Struct, frozen=True):
    """What has just happened: a turn of the station's, or an order of ours."""

    turn: int
    turns: int
    action: str
    by_station: bool
    outcome: str  # answered, refused, silent, cut, sent


class Played(msgspec.Struct, frozen=True):
    """How it went. `missing`: orders of the recording that did not come; `strange`: orders that were not in it."""

    calls: int
    answered: int
    silent: int
    orders: int
    missing: dict[str, int]
    strange: dict[str, int]
    differences: tuple[Difference, ...]


class _Player:
    def __init__(self, tape: Tape, told: Callable[[Step], None], shift: dt.timedelta | None) -> None:
        self.tape = tape
        self.told = told
        self.shift = shift
        self.ids: dict[Any, Any] = {}  # transactions as recorded -> as they are called now
        self.waiting: dict[str, asyncio.Future[list[Any]]] = {}
        self.recorded: dict[str, deque[list[Any] | None]] = defaultdict(deque)
        self.strange: dict[str, int] = defaultdict(int)
        self.orders = 0
        self.found: list[Difference] = []
        self.counts = {"answered": 0, "refused": 0, "silent": 0}
        self._number = 0
        for turn in tape.turns:
            if not turn.by_station and turn.action is not None:
                self.recorded[turn.action].append(turn.answer)

    async def speak(self, socket: ClientConnection, index: int, turn: Turn) -> None:
        """Send one turn and take its answer."""
        if turn.body is None or turn.action is None:
            await socket.send(turn.text or "")
            self._tell(index, turn.action or "?", "sent")
            return
        self._number += 1
        id = f"replay-{self._number}"
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self.waiting[id] = answer
        body = self._now(turn.body)
        await socket.send(msgspec.json.encode([CALL, id, turn.action, body]).decode())
        try:
            came = await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError:
            self.counts["silent"] += 1
            self._tell(index, turn.action, "silent")
            if turn.answer is not None:
                self.found.append(Difference(index, turn.action, "", "an answer", "none"))
            return
        except ConnectionResetError:
            self.counts["silent"] += 1
            self._tell(index, turn.action, "cut")
            self.found.append(Difference(index, turn.action, "", "an answer", "the connection was closed"))
            raise
        finally:
            self.waiting.pop(id, None)
        outcome = "answered" if came[0] == RESULT else "refused"
        self.counts[outcome] += 1
        if turn.answer is not None:
            self._learn(turn, came)
            self.found += differences(index, turn.action, turn.answer, came)
        self._tell(index, turn.action, outcome)

    async def listen(self, socket: ClientConnection) -> None:
        """Take answers in, and answer orders."""
        try:
            async for frame in socket:
                parts = msgspec.json.decode(frame)
                if parts[0] in (RESULT, ERROR):
                    future = self.waiting.get(parts[1])
                    if future is not None and not future.done():
                        future.set_result(parts)
                elif parts[0] == CALL:
                    await socket.send(msgspec.json.encode(self._answer(parts[1], parts[2])).decode())
        finally:
            for future in self.waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("the gateway closed the connection"))

    def _answer(self, id: str, action: str) -> list[Any]:
        self.orders += 1
        queue = self.recorded.get(action)
        if not queue:
            self.strange[action] += 1
            self.told(Step(0, len(self.tape.turns), action, False, "strange"))
            return [ERROR, id, "NotSupported", "not in the recording", {}]
        recorded = queue.popleft()
        self.told(Step(0, len(self.tape.turns), action, False, "answered"))
        if recorded is None:
            return [ERROR, id, "InternalError", "it had no answer in the recording", {}]
        return [recorded[0], id, *(self._now(part) for part in recorded[2:])]

    def _learn(self, turn: Turn, came: list[Any]) -> None:
        """1.6: the transaction that was called so in the recording is called otherwise today."""
        if turn.action == "StartTransaction" and turn.answer is not None and came[0] == turn.answer[0] == RESULT:
            self.ids[turn.answer[2].get("transactionId")] = came[2].get("transactionId")

    def _now(self, value: Any) -> Any:
        """Return what was said as it is said today: transactions by their new names, times moved when asked to."""
        if isinstance(value, dict):
            return {key: self._id(one) if key == "transactionId" else self._now(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._now(one) for one in value]
        if self.shift is not None and isinstance(value, str) and TIME.fullmatch(value):
            with contextlib.suppress(ValueError):
                at = dt.datetime.fromisoformat(value) + self.shift
                return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return value

    def _id(self, recorded: Any) -> Any:
        if isinstance(recorded, str) and self.shift is not None:  # 2.x: our own names, which are taken
            return self.ids.setdefault(recorded, str(uuid.uuid4()))
        return self.ids.get(recorded, recorded) if isinstance(recorded, int | str) else recorded

    def _tell(self, index: int, action: str, outcome: str) -> None:
        self.told(Step(index + 1, len(self.tape.turns), action, True, outcome))

    def played(self) -> Played:
        """Return how it went."""
        missing = {action: len(queue) for action, queue in self.recorded.items() if queue}
        return Played(
            sum(self.counts.values()),
            self.counts["answered"] + self.counts["refused"],
            self.counts["silent"],
            self.orders,
            missing,
            dict(self.strange),
            tuple(self.found),
        )


async def play(
    tape: Tape,
    url: str,
    *,
    station_id: str,
    password: bytes | None = None,
    speed: int = 1,
    begins_at: dt.datetime | None = None,
    tls: ssl.SSLContext | None = None,
    told: Callable[[Step], None] = lambda _step: None,
) -> Played:
    """Play the tape against a gateway; `speed` 0 is as fast as it answers. OSError when it cannot connect.

    `begins_at` moves the whole conversation to another time, and gives new names to transactions of 2.x.
    """
    shift = None if begins_at is None else begins_at - tape.turns[0].at
    player = _Player(tape, told, shift)
    headers = {}
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(station_id.encode() + b":" + password).decode()
    spoken = [(index, turn) for index, turn in enumerate(tape.turns) if turn.by_station]
    before: dt.datetime | None = None
    while spoken:
        connection = spoken[0][1].connection
        async with connect(
            f"{url.rstrip('/')}/{quote(station_id, safe='')}",
            subprotocols=[Subprotocol(tape.subprotocol)],
            additional_headers=headers,
            user_agent_header="zaryad-replay",
            compression=None,
            proxy=None,
            ssl=tls,
            max_size=8 << 20,
        ) as socket:
            listening = asyncio.create_task(player.listen(socket))
            try:
                while spoken and spoken[0][1].connection == connection:
                    index, turn = spoken.pop(0)
                    if speed and before is not None:
                        await asyncio.sleep((turn.at - before).total_seconds() / speed)
                    before = turn.at
                    await player.speak(socket, index, turn)
                await asyncio.sleep(LINGER_S)
            except (ConnectionClosed, ConnectionResetError):  # the rest of this connection was never said then
                spoken = [it for it in spoken if it[1].connection != connection]
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                    await listening
    return player.played()
