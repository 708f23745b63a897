"""What becomes of the facts a station tells about itself. None is refused; what is stale changes nothing."""

from __future__ import annotations

import datetime as dt
import zlib

from zaryad.link.answers import BootStatus, BootVerdict, DataStatus, DataVerdict, Noted, TimeTold
from zaryad.link.facts import (
    Beat,
    Booted,
    ConnectorChanged,
    DataReceived,
    DiagnosticsReported,
    Fact,
    FirmwareReported,
    StationId,
)
from zaryad.link.station import numbered
from zaryad.platform.bus import part
from zaryad.platform.db import Db, Tx
from zaryad.stations import store
from zaryad.stations.model import Settings
from zaryad.stations.presence import SEEN_EVERY

CLOCK_SANE_FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # an unset clock says 1970 or 2000
CLOCK_AHEAD_MAX = dt.timedelta(minutes=5)


async def note_boot(db: Db, rules: Settings, fact: Booted) -> BootVerdict:
    """Store who it says it is. The verdict is what people decided for this station; any vendor is welcome."""
    details = {_text(name, 50): _text(value, 500) for name, value in list((fact.details or {}).items())[:20]}
    values = {
        "vendor": _text(fact.vendor, 50),
        "model": _text(fact.model, 50),
        "serial": _text(fact.serial, 50) or None,
        "firmware": _text(fact.firmware, 100) or None,
        "protocol": _text(fact.protocol, 20),
        "details": details,
        "last_boot_at": fact.received_at,
    }
    async with db.begin() as tx:
        row_status = await store.write_boot(tx, fact.station_id, values)
        tx.hint(f"station.{part(fact.station_id)}", b"boot")
    status = BootStatus.REJECTED if row_status is None else BootStatus(row_status)
    interval_s = rules.heartbeat_interval_s if status is BootStatus.ACCEPTED else rules.retry_boot_s
    return BootVerdict(status, spread(interval_s, fact.station_id), fact.received_at)


def spread(interval_s: int, station_id: str) -> int:
    """Move an interval by up to a tenth, each station its own way: after an outage a network must not beat as one."""
    tenth = interval_s // 10
    return interval_s - tenth + zlib.crc32(station_id.encode()) % (2 * tenth + 1)


async def note_beat(db: Db, fact: Beat) -> TimeTold:
    """Note that it lives, and tell the time."""
    async with db.begin() as tx:
        await store.see(tx, [fact.station_id], fact.received_at, fact.received_at - SEEN_EVERY)
    return TimeTold(fact.received_at)


async def note_status(tx: Tx, fact: ConnectorChanged) -> bool:
    """Store what a connector says of itself; False when a later report is known, or the station is not.

    A connector nobody has described is kept as an unconfirmed one. Times are compared only between reports
    that both carry the station's own sane clock: else the order of arrival counts (field-stations 5 and 6).
    """
    if not numbered(fact.connector):
        return False
    at, theirs = believable(fact.at, fact.received_at)
    last = await store.state_for_update(tx, fact.station_id, fact.connector)
    if last is None:
        await store.add_connector(tx, fact.station_id, fact.connector)
        last = await store.state_for_update(tx, fact.station_id, fact.connector)
    if last is None or (theirs and last["state_at_is_theirs"] and at < last["state_at"]):
        return False
    await store.set_state(
        tx,
        fact.station_id,
        fact.connector,
        {
            "state": fact.state.value,
            "state_at": at,
            "state_at_is_theirs": theirs,
            "error_code": None if fact.error_code == "NoError" else _text(fact.error_code, 50),
            "info": _text(fact.info, 500) or None,
            "vendor_error": _text(fact.vendor_error, 255) or None,
        },
    )
    tx.hint(f"station.{part(fact.station_id)}", b"connector")
    return True


def believable(at: dt.datetime | None, received_at: dt.datetime) -> tuple[dt.datetime, bool]:
    """Return when it happened, and whether that is the station's word.

    A clock that was never set, or runs far ahead, is not believed; one a little ahead is held to our time.
    """
    if at is None or at < CLOCK_SANE_FROM or at > received_at + CLOCK_AHEAD_MAX:
        return received_at, False
    return min(at, received_at), True


async def ensure_connector(tx: Tx, station_id: StationId, number: int) -> bool:
    """Make room for what a connector reports even if nobody described it; False when the station is unknown."""
    if number == 0 or not numbered(number):
        return False
    if await store.add_connector(tx, station_id, number):
        return True
    return await store.state_for_update(tx, station_id, number) is not None


async def note_firmware(db: Db, fact: FirmwareReported) -> Noted:
    """Keep the step its update is at; "Idle" answers a trigger and undoes nothing."""
    if fact.status == "Idle":
        return Noted()
    return await _note(db, fact, firmware_status=_text(fact.status, 50), firmware_status_at=fact.received_at)


async def note_diagnostics(db: Db, fact: DiagnosticsReported) -> Noted:
    """Keep the step its upload is at; "Idle" answers a trigger and undoes nothing."""
    if fact.status == "Idle":
        return Noted()
    return await _note(db, fact, diagnostics_status=_text(fact.status, 50), diagnostics_status_at=fact.received_at)


async def note_data(db: Db, fact: DataReceived) -> DataVerdict:
    """Answer a vendor's message: no vendor's messages are known yet, and what is not understood is not kept."""
    _ = db, fact
    return DataVerdict(DataStatus.UNKNOWN_VENDOR)


async def _note(db: Db, fact: Fact, **values: object) -> Noted:
    async with db.begin() as tx:
        await store.write_station(tx, fact.station_id, **values)
        tx.hint(f"station.{part(fact.station_id)}", b"station")
    return Noted()


def _text(value: str | None, most: int) -> str:
    """Cut to a length, without the NUL that the database cannot keep."""
    return (value or "").replace("\0", "")[:most]
