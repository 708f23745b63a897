"""One group of readings in one transaction: lock, price in memory, write, order the stops that are due.

Every reading can be written this way; those of sessions this process wrote last have a shorter one (`known`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from zaryad import tariffs
from zaryad.charging import store as sessions
from zaryad.charging.match import NAMELESS
from zaryad.charging.meter import store
from zaryad.charging.meter.live import Live
from zaryad.charging.meter.rows import Row, merged, row_of
from zaryad.charging.meter.store import Metered
from zaryad.charging.model import EndReason, SessionId, Settings
from zaryad.charging.order_stop import Stoppable, order_stop
from zaryad.link.facts import MeterRead, StationId
from zaryad.platform.db import Tx
from zaryad.tariffs import TariffVersion, TariffVersionId


class Group:
    """The readings of one commit."""

    def __init__(self, tx: Tx, rules: Settings) -> None:
        self._tx = tx
        self._rules = rules
        self._rows: dict[tuple[str, dt.datetime], Row] = {}
        self._loose: dict[tuple[str, int, dt.datetime], Row] = {}
        self._live: dict[str, Live] = {}

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
            await store.insert_readings(driver, [id for id, _ in self._rows], self._rows.values())
        if self._loose:
            keys = sorted(self._loose)
            await store.insert_loose(driver, [key[:2] for key in keys], [self._loose[key] for key in keys])
        await self._write_live(driver)

    async def _write_live(self, driver: store.Driver) -> None:
        moved = [live for live in self._live.values() if live.moved]
        if moved:
            await store.update_live(driver, moved)
        for live in self._live.values():
            if live.flagged:
                await self._flag(live)
            if live.stop is not None:
                await self._stop(live)
            if live.moved:
                self._tx.hint(live.subject, live.hint())

    def left(self) -> Iterable[Live]:
        """Return the sessions that stand in the database as they do here, once this is committed."""
        return (live for live in self._live.values() if live.ordinary)

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
            live = self._live[row.id] = Live(row, version, self._rules)
        readings = fact.readings if len(fact.readings) == 1 else sorted(fact.readings, key=lambda r: r.at)
        for nth, reading in enumerate(readings):
            columns = row_of(reading, fact.received_at, nth, self._rules, live.earliest)
            key = (row.id, columns[0])
            known = self._rows.get(key)
            self._rows[key] = columns if known is None else merged(known, columns)
            live.take(columns)

    def _keep_loose(self, fact: MeterRead) -> None:
        for nth, reading in enumerate(fact.readings):
            columns = row_of(reading, fact.received_at, nth, self._rules, None)
            key = (fact.station_id, fact.connector, columns[0])
            known = self._loose.get(key)
            self._loose[key] = columns if known is None else merged(known, columns)

    async def _flag(self, live: Live) -> None:
        id, now = SessionId(UUID(live.row.id)), live.received_at
        await sessions.update(self._tx, id, flags=sorted({*live.row.flags, *live.flagged}))
        for flag in sorted(live.flagged):
            await sessions.note(self._tx, id, flag, now, **live.evidence)

    async def _stop(self, live: Live) -> None:
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


def _open(row: Metered | None) -> bool:
    return row is not None and row.transaction_ended_at is None


def _ran(row: Metered, fact: MeterRead) -> bool:
    """Whether the transaction ran when the sample was taken (OCPP 1.6 errata 3.16), as far as clocks can tell."""
    if row.transaction_ended_at is None:
        return True
    at = min((r.at for r in fact.readings), default=fact.received_at)
    return row.transaction_began_at <= at <= row.transaction_ended_at
