"""Predicts the books from what the stations' meters said, and from the price list, by its own arithmetic.

It looks at the stations' queues, not at what arrived, and knows nothing of the tariff engine: kilowatt-hours are cut
at 6, 18 and 23 o'clock of Bishkek, on the straight line between two readings, in exact fractions; a session's sum is
rounded once to whole tyiyn. The platform may differ by that rounding: at most one tyiyn a session.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec

from tests.sim.platform import rows
from zaryad.sandbox.model import Message
from zaryad.sandbox.station16 import Station16

BISHKEK = dt.timezone(dt.timedelta(hours=6))
CHANGES = (6, 18, 23)
TYIYN_PER_SOM = 100
WH_PER_KWH = 1_000


class Told(msgspec.Struct):
    """One transaction as its station tells it."""

    station: str
    connector: int
    token: str
    began_at: dt.datetime
    start_wh: int
    readings: list[tuple[dt.datetime, int]] = []
    ended_at: dt.datetime | None = None
    stop_wh: int | None = None
    reason: str = ""

    @property
    def key(self) -> tuple[str, int, str, dt.datetime, int]:
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


class Auditor:
    def __init__(self) -> None:
        self.told: dict[tuple[str, int], Told] = {}
        self._seen: dict[str, list[Message]] = {}

    def look(self, station: Station16) -> None:
        """Note what the station has decided to tell. It stays in its queue at least until it is looked at."""
        queue = station.memory.queue
        seen = self._seen.get(station.model.id, [])
        for message in queue:
            if not any(message is known for known in seen):
                self._note(station.model.id, message)
        self._seen[station.model.id] = list(queue)

    def _note(self, station: str, message: Message) -> None:
        key, body = (station, message.transaction), message.body
        match message.action:
            case "StartTransaction":
                told = Told(station, body["connectorId"], body["idTag"], _time(body), body["meterStart"])  # type: ignore[arg-type]  # a wire body
                again = self.told.setdefault(key, told)
                assert (again.key) == told.key, "a station changed its story"
            case "MeterValues":
                value: Any = body["meterValue"]
                wh = next(int(v["value"]) for v in value[0]["sampledValue"] if v["measurand"].startswith("Energy."))
                reading = (_time(value[0]), wh)
                if reading not in self.told[key].readings[-3:]:
                    self.told[key].readings.append(reading)
            case "StopTransaction":
                told = self.told[key]
                assert told.stop_wh in (None, body["meterStop"]), "a station changed its story"
                told.ended_at, told.stop_wh, told.reason = _time(body), body["meterStop"], str(body["reason"])  # type: ignore[assignment]  # a wire body

    def audit(self, url: str, stations: list[Station16]) -> list[str]:
        """Return everything that is wrong with the books."""
        endless = [f"never stopped: {told}" for told in self.told.values() if told.stop_wh is None]
        return endless or [*self._registers(stations), *self._sessions(url), *self._money(url)]

    def _registers(self, stations: list[Station16]) -> list[str]:
        """Energy flowed in transactions only: the registers stand where the sum of all charges leaves them."""
        wrong = []
        for station in stations:
            if station.memory.queue or station.memory.transactions or station.memory.given_up:
                wrong.append(f"{station.model.id} still has {len(station.memory.queue)} messages to tell")
            for number, outlet in station.outlets.items():
                told = [t for t in self.told.values() if (t.station, t.connector) == (station.model.id, number)]
                if sum(t.energy_wh for t in told) != outlet.register_wh:
                    wrong.append(f"{station.model.id}:{number} stands at {outlet.register_wh} Wh")
        return wrong

    def _sessions(self, url: str) -> list[str]:
        """Every transaction of every station is one session, settled, with its energy and its price."""
        found = rows(
            url,
            "select t.station_id, t.connector, t.token_key, t.began_at, t.meter_start_mwh, s.* "
            "from charging_transaction t join session s on s.id = t.session_id",
        )
        wrong = []
        books = {
            (r["station_id"], r["connector"], r["token_key"], r["began_at"], r["meter_start_mwh"] // 1_000): r
            for r in found
        }
        expected = {told.key: told for told in self.told.values()}
        wrong += [f"never heard of {told}" for key, told in expected.items() if key not in books]
        wrong += [f"nobody told of {key}" for key in books if key not in expected]
        if len(books) != len(found) or len(expected) != len(self.told):
            wrong.append("two transactions are one")
        for key, row in books.items():
            if key in expected:
                wrong += _compare(expected[key], row)
        return wrong

    def _money(self, url: str) -> list[str]:
        """What was paid is what the sessions cost, and nothing is held or lost on the way."""
        wrong = []
        sums = rows(
            url,
            "select (select coalesce(sum(amount_minor), 0) from posting p join account a on a.id = p.credit_id "
            "  where a.kind = 'revenue') as revenue, "
            "(select coalesce(sum(held_minor), 0) from account_guard) as held, "
            "(select count(*) from session where state in ('starting', 'charging', 'ended')) as open, "
            "(select coalesce(sum(cost_minor), 0) from session "
            "  where payer_id is not null and state = 'settled') as cost, "
            "(select count(*) from stray_stop) as strays",
        )[0]
        if sums["revenue"] != sums["cost"]:
            wrong.append(f"revenue {sums['revenue']} is not the sum of all sessions {sums['cost']}")
        wrong += [f"{name}: {sums[name]}" for name in ("held", "open", "strays") if sums[name]]
        return wrong


def _compare(told: Told, row: dict[str, Any]) -> list[str]:
    who = f"{told.station}:{told.connector} {told.began_at:%d %H:%M:%S} {told.reason}"
    who += f" ({row['origin']} {row['id']} {row['flags']})"
    wrong = []
    if row["state"] != "settled":
        return [f"{who} is {row['state']}"]
    if row["energy_mwh"] != told.energy_wh * 1_000:
        wrong.append(f"{who} is billed for {row['energy_mwh']} mWh, its meter says {told.energy_wh} Wh")
    parts = [row[name] or 0 for name in ("captured_minor", "from_balance_minor", "receivable_minor", "unpaid_minor")]
    if sum(parts) != row["cost_minor"]:
        wrong.append(f"{who}: {parts} are not {row['cost_minor']}")
    own = told.price()
    if abs(row["cost_minor"] - own) > 1:
        wrong.append(f"{who} costs {row['cost_minor']} tyiyn, by the price list {float(own):.2f}")
    if (row["payer_id"] is None) != bool(row["unpaid_minor"]) and row["cost_minor"]:
        wrong.append(f"{who}: nobody pays, or somebody does not")
    return wrong


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


def _time(body: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(body["timestamp"])
