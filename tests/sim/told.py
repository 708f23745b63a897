"""What stations tell of their charges, as an auditor hears it: from their queues, before any of it travels.

A 1.6 station names connector, card, moment and register in one message. A 2.x station has a transaction in its memory,
and tells of it in numbered events: it is billed from the event that names the payer, and is owed for only when a car
was there or its meter moved. The register is taken from the station's meter at the moment, and has to be what it says.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec

from zaryad.sandbox.kept import Charge
from zaryad.sandbox.model import Message
from zaryad.sandbox.v2 import Station2

BISHKEK = dt.timezone(dt.timedelta(hours=6))
CHANGES = (6, 18, 23)
TYIYN_PER_SOM = 100
WH_PER_KWH = 1_000
ENERGY = "Energy.Active.Import.Register"

Key = tuple[object, ...]


class Told(msgspec.Struct):
    """One charge as its station tells it."""

    station: str
    connector: int
    token: str
    began_at: dt.datetime
    start_wh: int
    readings: list[tuple[dt.datetime, int]] = []
    ended_at: dt.datetime | None = None
    stop_wh: int | None = None
    reason: str = ""
    uid: str | None = None  # 2.x: its own name
    events: int = 0  # 2.x: in how many it was told
    owed: bool = True  # whether it is anybody's session

    @property
    def key(self) -> Key:
        if self.uid is not None:
            return self.station, self.uid
        return self.station, self.connector, self.token.upper(), self.began_at, self.start_wh

    @property
    def energy_wh(self) -> int:
        assert self.stop_wh is not None
        return self.stop_wh - self.start_wh

    def price(self) -> Fraction:
        """Exact tyiyn."""
        assert self.ended_at is not None
        assert self.stop_wh is not None
        between = sorted((at, wh) for at, wh in self.readings if self.began_at <= at <= self.ended_at)
        points = [(self.began_at, self.start_wh), *between, (max(self.ended_at, self.began_at), self.stop_wh)]
        total = Fraction(0)
        for (at, wh), (next_at, next_wh) in pairwise(points):
            total += _stretch(at, next_at, Fraction(next_wh - wh, WH_PER_KWH))
        return total * TYIYN_PER_SOM


class Events(msgspec.Struct):
    """A transaction of 2.x as its station has told it so far."""

    uid: str
    connector: int
    start_wh: int
    token: str | None = None  # who pays: the first that was let in
    stop_wh: int | None = None
    bodies: dict[int, dict[str, Any]] = {}

    def add(self, station: Station2, message: Message) -> None:
        body: Any = message.body
        known = self.bodies.setdefault(body["seqNo"], body)
        assert known == body, "a station changed its story"
        if known is not body:
            return
        charge = station.memory.charges[message.transaction]
        self.connector = charge.connector  # until the cable is in, it may be another of its EVSE
        self.token = self.token or charge.token
        if body["eventType"] == "Ended":
            self.stop_wh = meter_wh(station, charge.connector)

    def told(self, station: str) -> Told:
        bodies = [self.bodies[number] for number in sorted(self.bodies)]
        assert list(self.bodies) == list(range(len(bodies))), "a station lost count"
        last = bodies[-1]
        payer = next((body for body in bodies if _names_payer(body)), bodies[0])
        readings = [(_time(body), wh) for body in bodies for wh in _registers(body)]
        assert readings[0][1] == self.start_wh, "what it says it began with is not what its meter showed"
        token, count = self.token or "", len(bodies)
        told = Told(station, self.connector, token, _time(payer), self.start_wh, readings, uid=self.uid, events=count)
        if last["eventType"] == "Ended":
            told.ended_at, told.stop_wh = _time(last), self.stop_wh
            told.reason = last["transactionInfo"]["stoppedReason"]
            assert _registers(last) == [self.stop_wh], "what it says it ended with is not what its meter showed"
            here = any(body["transactionInfo"]["chargingState"] != "Idle" for body in bodies)
            told.owed = told.energy_wh > 0 or (here and self.token is not None)
        return told


def begun(station: Station2, charge: Charge) -> Events:
    """Begin to listen to a transaction that a station has made."""
    return Events(charge.uid, charge.connector, charge.began_mwh // 1_000)


def meter_wh(station: Station2, connector: int) -> int:
    """Return what the meter of a connector's EVSE shows."""
    return station.charges.register_mwh(station.outlets[connector]) // 1_000


def register(value: Any) -> int:
    """Return a register of 1.6 in watt-hours, in whatever unit it is told."""
    sample = next(v for v in value["sampledValue"] if v["measurand"].startswith("Energy."))
    return int(Fraction(sample["value"].replace(",", ".")) * (1_000 if sample["unit"] == "kWh" else 1))


def time_of(body: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(body["timestamp"])


_time = time_of


def _names_payer(body: Any) -> bool:
    named = "idToken" in body or "remoteStartId" in body["transactionInfo"]
    return named and body["triggerReason"] != "StopAuthorized"


def _registers(body: Any) -> list[int]:
    samples = [v for value in body.get("meterValue", ()) for v in value["sampledValue"] if v["measurand"] == ENERGY]
    return [int(Fraction(str(v["value"])) * 10 ** v["unitOfMeasure"].get("multiplier", 0)) for v in samples]


def _stretch(at: dt.datetime, until: dt.datetime, kwh: Fraction) -> Fraction:
    """Som for energy that flowed evenly between two moments."""
    if at >= until:
        return kwh * _price(at)
    whole, total, here = until - at, Fraction(0), at
    while here < until:
        there = min(until, _next_change(here))
        total += (
            kwh
            * Fraction((there - here) // dt.timedelta(microseconds=1), whole // dt.timedelta(microseconds=1))
            * _price(here)
        )
        here = there
    return total


def _price(at: dt.datetime) -> int:
    hour = at.astimezone(BISHKEK).hour
    return 18 if 18 <= hour < 23 else 15 if 6 <= hour < 18 else 12


def _next_change(at: dt.datetime) -> dt.datetime:
    local = at.astimezone(BISHKEK)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    marks = [midnight + dt.timedelta(hours=hour) for hour in (*CHANGES, 24 + CHANGES[0])]
    return next(mark for mark in marks if mark > local)
