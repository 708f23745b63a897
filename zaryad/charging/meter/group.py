"""One group of readings in one transaction: lock, price in memory, write, order the stops that are due.

This is the hot path: integers, one pass, few objects, no conversions that the driver would not do anyway.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import structlog

from zaryad import tariffs
from zaryad.charging import store as sessions
from zaryad.charging.limits import Dearest, dearest, reached
from zaryad.charging.match import NAMELESS
from zaryad.charging.meter import store
from zaryad.charging.meter.store import Metered
from zaryad.charging.model import MEASURED_EVERY_S, EndReason, Flag, SessionId, Settings
from zaryad.charging.order_stop import Stoppable, order_stop
from zaryad.charging.timeline import doubt
from zaryad.charging.when import AHEAD_MAX
from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import MeterRead, Reading, StationId
from zaryad.platform.db import Tx
from zaryad.tariffs import Point, Running, TariffVersion, TariffVersionId

log = structlog.get_logger()

_TICK = dt.timedelta(microseconds=1)
_PERIODIC = "Sample.Periodic"
_ENERGY = 3  # its place among the columns
_CONTEXT_MAX, _EXTRA_MAX = 40, 40
_US_PER_HOUR = 3_600_000_000
_running = msgspec.json.Decoder(Running)
_encode = msgspec.json.Encoder().encode

Row = tuple[Any, ...]


class Group:
    """The readings of one commit."""

    def __init__(self, tx: Tx, rules: Settings) -> None:
        self._tx = tx
        self._rules = rules
        self._rows: dict[tuple[str, dt.datetime], Row] = {}
        self._loose: dict[tuple[str, int, dt.datetime], Row] = {}
        self._live: dict[str, _Live] = {}

    async def write(self, facts: Sequence[MeterRead]) -> None:
        """Write them all."""
        driver = await self._tx.driver()
        places = await self._find(driver, facts)
        ids = {row.tariff_version_id for row in places if row is not None and row.tariff_version_id is not None}
        versions = await tariffs.versions(self._tx, ids)
        for fact, row in zip(facts, places, strict=True):
            if row is None:
                self._keep_loose(fact)
            else:
                self._keep(fact, row, versions)
        if self._rows:
            await store.insert_readings(driver, self._rows.values())
        if self._loose:
            await store.insert_loose(driver, [self._loose[key] for key in sorted(self._loose)])
        moved = [live for live in self._live.values() if live.moved]
        if moved:
            await store.update_live(driver, [live.values() for live in moved])
        for live in self._live.values():
            if live.flagged:
                await self._flag(live)
            if live.stop is not None:
                await self._stop(live)
            if live.moved:
                self._tx.hint(f"session.{live.row.id}", live.hint())

    async def _find(self, driver: store.Driver, facts: Sequence[MeterRead]) -> list[Metered | None]:
        """Return each fact's session, locked; None where it has none."""
        found: list[Metered | None] = [None] * len(facts)
        named = [n for n, fact in enumerate(facts) if fact.charge_ref is not None and fact.charge_ref not in NAMELESS]
        if named:
            stations = [facts[n].station_id for n in named]
            refs = [facts[n].charge_ref or "" for n in named]
            for row in await store.lock_by_ref(driver, [*stations], refs):
                n = named[row.nth - 1]
                if facts[n].connector in (row.connector, 0):  # never one connector's energy for another's
                    found[n] = row
        unnamed = [n for n, fact in enumerate(facts) if found[n] is None and fact.connector > 0]
        if unnamed:
            stations = [facts[n].station_id for n in unnamed]
            connectors = [facts[n].connector for n in unnamed]
            for row in await store.lock_by_connector(driver, [*stations], connectors):
                n = unnamed[row.nth - 1]
                if _ran(row, facts[n]) and (found[n] is None or not _open(found[n])):
                    found[n] = row
        return found

    def _keep(self, fact: MeterRead, row: Metered, versions: dict[TariffVersionId, TariffVersion]) -> None:
        live = self._live.get(row.id)
        if live is None:
            version = None if row.tariff_version_id is None else versions.get(TariffVersionId(row.tariff_version_id))
            live = self._live[row.id] = _Live(row, version)
        readings = fact.readings if len(fact.readings) == 1 else sorted(fact.readings, key=lambda r: r.at)
        for nth, reading in enumerate(readings):
            columns = row_of(reading, fact.received_at, nth, self._rules, row.began_at)
            key = (row.id, columns[0])
            known = self._rows.get(key)
            self._rows[key] = (row.id, *(columns if known is None else merged(known[1:], columns)))
            live.take(columns, self._rules)

    def _keep_loose(self, fact: MeterRead) -> None:
        for nth, reading in enumerate(fact.readings):
            columns = row_of(reading, fact.received_at, nth, self._rules, None)
            key = (fact.station_id, fact.connector, columns[0])
            known = self._loose.get(key)
            columns = columns if known is None else merged(known[2:], columns)
            self._loose[key] = (fact.station_id, fact.connector, *columns)

    async def _flag(self, live: _Live) -> None:
        id, now = SessionId(UUID(live.row.id)), live.received_at
        await sessions.update(self._tx, id, flags=sorted({*live.row.flags, *live.flagged}))
        for flag in sorted(live.flagged):
            await sessions.note(self._tx, id, flag, now, **live.evidence)

    async def _stop(self, live: _Live) -> None:
        row = live.row
        assert live.stop is not None, "asked for"
        it = Stoppable(
            id=SessionId(UUID(row.id)),
            station_id=StationId(row.station_id),
            charge_ref=row.charge_ref,
            stop_reason=None if row.stop_reason is None else EndReason(row.stop_reason),
            stop_ordered_at=row.stop_ordered_at,
            stop_orders=row.stop_orders,
        )
        author = f"system:{live.stop.value}"
        await order_stop(self._tx, self._rules, it, live.stop, author, live.received_at)


class _Live:
    """A session's live view while its readings are taken in."""

    __slots__ = (
        "cost_minor",
        "evidence",
        "flagged",
        "last_at",
        "meter_mwh",
        "moved",
        "power_mw",
        "received_at",
        "row",
        "running",
        "soc_percent",
        "stop",
        "trusted_at",
        "version",
    )

    def __init__(self, row: Metered, version: TariffVersion | None) -> None:
        self.row = row
        self.version = version
        self.running = None if row.running is None or version is None else _running.decode(row.running)
        self.trusted_at = row.last_reading_at or row.began_at if self.running is None else self.running.at
        self.meter_mwh = row.meter_start_mwh if row.meter_mwh is None else row.meter_mwh
        self.last_at = row.last_reading_at
        self.power_mw = row.power_mw
        self.soc_percent = row.soc_percent
        self.cost_minor = row.cost_minor
        self.received_at = row.began_at
        self.moved = False
        self.flagged: set[str] = set()
        self.evidence: dict[str, object] = {}
        self.stop: EndReason | None = None

    def take(self, columns: Row, rules: Settings) -> None:
        """Take in one reading: what is shown, what is owed, and whether to stop."""
        at, received_at, _, energy_mwh, power_mw, _, _, soc_percent, _, _ = columns
        self.received_at = received_at
        if self.row.state != "charging":
            if self.row.state == "settled" and energy_mwh is not None and energy_mwh > self.meter_mwh:
                self._flag(Flag.READINGS_LATE, energy_mwh)
            return
        self.moved = True
        if self.last_at is None or at >= self.last_at:
            self.last_at = at
            if power_mw is not None:
                self.power_mw = power_mw
            if soc_percent is not None:
                self.soc_percent = soc_percent
        if energy_mwh is None or at < self.trusted_at:  # late: the settlement will put it in its place
            return
        wrong = doubt(self.trusted_at, self.meter_mwh, at, energy_mwh, self.row.believed_w)
        if wrong is not None:
            self._flag(wrong, energy_mwh)
            return
        interval = (at - self.trusted_at) // _TICK
        gained_mwh = energy_mwh - self.meter_mwh
        self.trusted_at, self.meter_mwh = at, energy_mwh
        self._price(at, energy_mwh)
        self.stop = self.stop or self._stop_for(rules, gained_mwh, interval)

    def _price(self, at: dt.datetime, energy_mwh: int) -> None:
        if self.version is None or self.running is None:
            return
        try:
            self.running = tariffs.advance(self.version, self.running, Point(at, energy_mwh))
            self.cost_minor = tariffs.cost(self.version, self.running).minor
        except Exception:
            # The reading is kept and settled by; a fault in pricing must not make a station repeat for ever.
            log.exception("meter.unpriced", session=self.row.id)
            self._flag(Flag.UNPRICED, energy_mwh)

    def _stop_for(self, rules: Settings, gained_mwh: int, interval_us: int) -> EndReason | None:
        """Return why it has to stop now, unless it has been told to a moment ago."""
        row = self.row
        ordered = row.stop_ordered_at
        if ordered is not None and (self.received_at - ordered).total_seconds() < rules.stop_again_s:
            return None
        if ordered is not None and gained_mwh > 0 and row.stop_reason is not None:
            return EndReason(row.stop_reason)
        energy_mwh = self.meter_mwh - row.meter_start_mwh
        if row.payer_id is None:
            return EndReason.TOKEN_REFUSED if energy_mwh > 0 else None
        limit = reached(
            rules,
            cost_minor=self.cost_minor,
            energy_mwh=energy_mwh,
            limit_amount_minor=row.limit_amount_minor,
            limit_energy_wh=row.limit_energy_wh,
            lasted=self.trusted_at - row.began_at,
        )
        if limit is not None or row.limit_amount_minor is not None:
            return limit
        return EndReason.BALANCE_LOW if self._short(rules, gained_mwh, interval_us) else None

    def _short(self, rules: Settings, gained_mwh: int, interval_us: int) -> bool:
        """Whether the next interval might cost more than is left of the hold."""
        if self.version is None or self.running is None:
            return False
        seconds = interval_us // 1_000_000 or MEASURED_EVERY_S
        power_mw = max(self.power_mw or 0, gained_mwh * _US_PER_HOUR // interval_us if interval_us else 0)
        seconds = min(seconds, rules.interval_max_s)
        left = self.row.hold_minor - self.cost_minor
        if _dearest(self.version).ahead(power_mw, seconds) < left:
            return False
        ahead = tariffs.next_interval_cost(self.version, self.running, power_mw, seconds).minor
        return ahead >= left

    def _flag(self, flag: Flag, energy_mwh: int) -> None:
        if flag.value not in self.row.flags:
            self.flagged.add(flag.value)
            self.evidence = {"energy_mwh": energy_mwh, "trusted_mwh": self.meter_mwh}

    def values(self) -> Row:
        """Return the columns of `store.update_live`."""
        return (
            self.row.id,
            self.meter_mwh,
            self.meter_mwh - self.row.meter_start_mwh,
            self.power_mw,
            self.soc_percent,
            self.cost_minor,
            None if self.running is None else _encode(self.running).decode(),
            self.last_at,
            self.received_at,
        )

    def hint(self) -> bytes:
        """Return the few numbers that watchers get at once."""
        energy_mwh = self.meter_mwh - self.row.meter_start_mwh
        return b'{"state":"charging","energy_mwh":%d,"cost_minor":%d}' % (energy_mwh, self.cost_minor)


def row_of(it: Reading, received_at: dt.datetime, nth: int, rules: Settings, began_at: dt.datetime | None) -> Row:
    """Return a reading's columns, within what the database can keep: one bad value must not fail a group.

    A time that cannot be true, or is from before the session, is replaced by ours, and kept beside.
    """
    at, station_at = it.at, None
    if (
        at > received_at + AHEAD_MAX
        or at < received_at - dt.timedelta(days=rules.clock_behind_max_days)
        or (began_at is not None and at < began_at - AHEAD_MAX)
    ):
        at, station_at = received_at + nth * _TICK, at
    soc, context = it.soc_percent, it.context
    return (
        at,
        received_at,
        station_at,
        _bounded(it.energy_mwh, 0),
        _bounded(it.power_mw, -QUANTITY_MAX),
        _bounded(it.current_ma, -QUANTITY_MAX),
        _bounded(it.voltage_mv, -QUANTITY_MAX),
        soc if soc is not None and 0 <= soc <= 100 else None,
        None if context == _PERIODIC else context[:_CONTEXT_MAX].replace("\0", ""),
        None if it.extra is None else _extra(it.extra),
    )


def _dearest(version: TariffVersion) -> Dearest:
    """Return the version's highest prices, worked out once per object: versions are decoded once and shared."""
    known = version.__dict__.get("dearest")
    if known is None:
        known = version.__dict__["dearest"] = dearest(version)
    assert isinstance(known, Dearest)
    return known


def _bounded(value: int | None, least: int) -> int | None:
    return value if value is not None and least <= value <= QUANTITY_MAX else None


def _extra(extra: dict[str, str]) -> str:
    kept = list(extra.items())[:_EXTRA_MAX]
    return _encode({name[:100]: value[:200] for name, value in kept}).decode().replace("\\u0000", "")


def merged(known: Row, other: Row) -> Row:
    """Make one row of two about one moment, as the database does: fill what is missing, keep the higher register."""
    both = [theirs if ours is None else ours for ours, theirs in zip(known, other, strict=True)]
    if known[_ENERGY] is not None and other[_ENERGY] is not None:
        both[_ENERGY] = max(known[_ENERGY], other[_ENERGY])
    return tuple(both)


def _open(row: Metered | None) -> bool:
    return row is not None and row.transaction_ended_at is None


def _ran(row: Metered, fact: MeterRead) -> bool:
    """Whether the transaction ran when the sample was taken (OCPP 1.6 errata 3.16), as far as clocks can tell."""
    if row.transaction_ended_at is None:
        return True
    at = min((r.at for r in fact.readings), default=fact.received_at)
    return row.transaction_began_at <= at <= row.transaction_ended_at
