"""The live tail: silent while nobody listens, bounded on both sides, what is dropped is counted and said."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec

from tests.ocpp.rig import until
from zaryad.ocpp.log import Filter, Frame, Tail, Teller, tail
from zaryad.ocpp.log.tail import TEXT_MAX
from zaryad.ocpp.log.tell import BYTES_MAX, EVERY, ROWS_MAX, WANTED_MAX, Told, read_told
from zaryad.platform.bus import NatsBus, Silence

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def frame(station_id: str = "A", number: int = 0, text: str = "[]") -> Frame:
    return Frame(
        NOW, station_id, 1, "in", "call", "Heartbeat", "1", "answered", 1.0, text, None, number, True, "ocpp1.6", None
    )


class Ear(Silence):
    """A bus that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Told]] = []

    def publish(self, subject: str, payload: bytes = b"") -> None:
        self.said.append((subject, read_told(payload)))
        assert len(payload) < 1 << 20, "the bus takes a megabyte"


async def test_nothing_is_told_while_nobody_listens() -> None:
    bus = Ear()
    teller = Teller(bus)
    teller.tell([frame()])
    await teller.heard("ocpp_log_wanted", b"B")
    teller.tell([frame("A")])
    assert not bus.said
    teller.tell([frame("A"), frame("B"), frame("B", 1)])
    assert [(subject, len(told.frames)) for subject, told in bus.said] == [("ocpp_log.B", 2)]
    await teller.heard("ocpp_log_wanted", EVERY.encode())
    teller.tell([frame("A"), frame("C:1/2")])
    assert [subject for subject, _ in bus.said[1:]] == ["ocpp_log.A", "ocpp_log.x-433a312f32"]


async def test_too_much_is_counted_and_long_texts_make_more_messages() -> None:
    bus = Ear()
    teller = Teller(bus)
    await teller.heard("ocpp_log_wanted", b"*")
    teller.tell([frame("A", number) for number in range(ROWS_MAX + 70)] + [frame("B")])
    assert [(subject, len(told.frames), told.lost) for subject, told in bus.said] == [
        ("ocpp_log.A", ROWS_MAX, 70),
        ("ocpp_log.B", 0, 1),
    ]
    bus.said.clear()
    teller.tell([frame("A", number, "я" * (BYTES_MAX // 10)) for number in range(10)])
    assert sum(len(told.frames) for _, told in bus.said) == 10
    assert len(bus.said) > 2
    for number in range(2 * WANTED_MAX):
        await teller.heard("ocpp_log_wanted", str(number).encode())
    assert len(teller._wanted) == WANTED_MAX


async def test_a_slow_listener_gets_the_newest_and_the_count_of_the_rest() -> None:
    listener = Tail(Filter(text="yes"), waiting_max=3)
    told = Told("A", tuple(frame("A", number, "yes" if number % 2 else "no") for number in range(20)), lost=4)
    await listener.heard("ocpp_log.A", msgspec.json.encode(told))
    frames, lost = await listener.take(1)
    assert ([each.nr for each in frames], lost) == ([15, 17, 19], 7 + 4)
    assert await listener.take(0.01) == ([], 0)
    told = Told("A", (frame("A", 1, "x" * TEXT_MAX + "yes"),))
    await listener.heard("ocpp_log.A", msgspec.json.encode(told))
    ((short,), _) = await listener.take(1)
    assert short.payload == "x" * TEXT_MAX, "found in all of it, shown in part"


async def test_others_stations_are_not_told_whatever_is_asked_for() -> None:
    listener = Tail(Filter(stations=frozenset({"B"})))
    await listener.heard("ocpp_log.A", msgspec.json.encode(Told("A", (frame("A"),), lost=5)))
    await listener.heard("ocpp_log.B", msgspec.json.encode(Told("B", (frame("B"),))))
    frames, lost = await listener.take(1)
    assert ([each.station_id for each in frames], lost) == (["B"], 0)


async def test_two_listeners_on_a_real_bus(bus: NatsBus) -> None:
    teller = Teller(bus)
    leave = await bus.subscribe("ocpp_log_wanted", teller.heard)
    async with tail(bus, Filter(station="T 1")) as one, tail(bus, Filter(outcome="error")) as errors:
        await until(lambda: {"T 1", "*"} <= teller._wanted.keys())
        teller.tell(
            [frame("T 1", 1), frame("T 2", 2), msgspec.structs.replace(frame("T 2", 3), outcome="InternalError")]
        )
        (found, _), (wrong, _) = await asyncio.gather(one.take(5), errors.take(5))
        assert [each.nr for each in found] == [1]
        while not wrong:
            wrong, _ = await errors.take(5)
        assert [each.nr for each in wrong] == [3]
    await leave()
