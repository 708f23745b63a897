"""SQL of the hot path, by hand: arrays in, arrays out, on the transaction's own connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import psycopg

if TYPE_CHECKING:
    from zaryad.charging.meter.live import Live

Driver = psycopg.AsyncConnection[Any]


class Metered(NamedTuple):
    """A session as its readings find it. `nth` is the place of the question it answers."""

    nth: int
    id: str
    state: str
    station_id: str
    connector: int
    charge_ref: str
    tariff_version_id: UUID | None
    running: str | None
    began_at: dt.datetime
    meter_start_mwh: int
    meter_mwh: int | None
    power_mw: int | None
    soc_percent: int | None
    cost_minor: int
    last_reading_at: dt.datetime | None
    payer_id: UUID | None
    hold_minor: int
    limit_amount_minor: int | None
    limit_energy_wh: int | None
    believed_w: int
    flags: list[str]
    stop_reason: str | None
    stop_ordered_at: dt.datetime | None
    stop_orders: int
    transaction_began_at: dt.datetime
    transaction_ended_at: dt.datetime | None


_METERED = """
    s.id::text, s.state, s.station_id, s.connector, t.charge_ref, s.tariff_version_id, s.running::text, s.began_at,
    s.meter_start_mwh, s.meter_mwh, s.power_mw, s.soc_percent, s.cost_minor, s.last_reading_at, s.payer_id,
    s.hold_minor, s.limit_amount_minor, s.limit_energy_wh, s.believed_w, s.flags, s.stop_reason, s.stop_ordered_at,
    s.stop_orders, t.began_at, t.ended_at
"""
_BY_REF = f"""
select k.nth::int, {_METERED}
from unnest(%s::text[], %s::text[]) with ordinality k(station_id, charge_ref, nth)
join charging_transaction t on t.station_id = k.station_id and t.charge_ref = k.charge_ref
join session s on s.id = t.session_id
order by s.id for no key update of s
"""  # noqa: S608  # the columns are ours
_BY_CONNECTOR = f"""
select k.nth::int, {_METERED}
from unnest(%s::text[], %s::int[]) with ordinality k(station_id, connector, nth)
cross join lateral (
    select * from charging_transaction c
    where c.station_id = k.station_id and c.connector = k.connector order by c.id desc limit 3
) t
join session s on s.id = t.session_id
order by s.id for no key update of s
"""  # noqa: S608  # the columns are ours


async def lock_by_ref(driver: Driver, stations: list[str], refs: list[str]) -> list[Metered]:
    """Lock the sessions of these transactions in the order of their ids."""
    cursor = await driver.execute(_BY_REF, (_quoted(stations), _quoted(refs)), prepare=True)
    return [Metered(*row) for row in await cursor.fetchall()]


async def lock_by_connector(driver: Driver, stations: list[str], connectors: list[int]) -> list[Metered]:
    """Lock the sessions of the last transactions of these connectors in the order of their ids."""
    cursor = await driver.execute(_BY_CONNECTOR, (_quoted(stations), _plain(connectors)), prepare=True)
    return [Metered(*row) for row in await cursor.fetchall()]


_COLUMNS = "at, received_at, station_at, energy_mwh, power_mw, current_ma, voltage_mv, soc_percent, context, extra"
_TYPES = (
    "%s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::int[], %s::text[], %s::jsonb[]"
)
_VALUES = ("energy_mwh", "power_mw", "current_ma", "voltage_mv", "soc_percent", "context", "extra")


def _merge(table: str) -> str:
    """Fill what was missing; a repetition that brings nothing new writes nothing.

    Of two registers at one moment the higher stays, whichever came first.
    """
    filled = ", ".join(f"{name} = coalesce({table}.{name}, excluded.{name})" for name in _VALUES[1:])
    news = " or ".join(f"({table}.{name} is null and excluded.{name} is not null)" for name in _VALUES[1:])
    register = f"{table}.energy_mwh", "excluded.energy_mwh"
    higher = f"coalesce({register[1]} > {register[0]}, {register[1]} is not null and {register[0]} is null)"
    return f"do update set energy_mwh = greatest({register[0]}, {register[1]}), {filled} where {higher} or {news}"


_INSERT_READINGS = f"""
insert into reading (session_id, {_COLUMNS})
select * from unnest(%s::uuid[], {_TYPES}) on conflict (session_id, at) {_merge("reading")}
"""  # noqa: S608  # the columns are ours
_INSERT_LOOSE = f"""
insert into loose_reading (station_id, connector, {_COLUMNS})
select * from unnest(%s::text[], %s::int[], {_TYPES}) on conflict (station_id, connector, at) {_merge("loose_reading")}
"""  # noqa: S608  # the columns are ours
_UPDATE_LIVE = """
update session s set meter_mwh = u.meter_mwh, energy_mwh = u.energy_mwh, power_mw = u.power_mw,
    soc_percent = u.soc_percent, cost_minor = u.cost_minor, running = u.running::jsonb,
    last_reading_at = u.last_reading_at, last_received_at = u.last_received_at
from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::text[],
    %s::timestamptz[], %s::timestamptz[])
    u(id, meter_mwh, energy_mwh, power_mw, soc_percent, cost_minor, running, last_reading_at, last_received_at)
where s.id = u.id
returning s.xmin::text
"""
# One statement, one commit. The rows are locked by the update itself, in the order of the arrays (see `connect`); a
# row that is no more the version it is said to be is left alone, and so are its readings.
_WRITE_KNOWN = f"""
with moved as (
    update session s set meter_mwh = u.meter_mwh, energy_mwh = u.energy_mwh, power_mw = u.power_mw,
        soc_percent = u.soc_percent, cost_minor = u.cost_minor, running = u.running::jsonb,
        last_reading_at = u.last_reading_at, last_received_at = u.last_received_at
    from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::text[],
        %s::timestamptz[], %s::timestamptz[], %s::xid[])
        u(id, meter_mwh, energy_mwh, power_mw, soc_percent, cost_minor, running, last_reading_at, last_received_at,
        row_version)
    where s.id = u.id and s.xmin = u.row_version
    returning s.id
), kept as (
    insert into reading (session_id, {_COLUMNS})
    select * from unnest(%s::uuid[], {_TYPES}) r(session_id, {_COLUMNS})
    where case when r.session_id in (select id from moved) then true end  -- a hashed look-up: `case` keeps it no join
    on conflict (session_id, at) {_merge("reading")}
)
select pg_current_xact_id()::xid::text, case when count(*) < %s then coalesce(array_agg(id::text), '{{}}') end
from moved
"""  # noqa: S608  # the columns are ours


async def connect(url: str) -> Driver:
    """Open a connection for `write_known`.

    Its plan is made once: a loop over the arrays that finds each row by its key. A join in another order would lock
    rows in another order than everybody else does.
    """
    options = (
        "lock_timeout=10s",
        "statement_timeout=60s",
        "timezone=UTC",
        "plan_cache_mode=force_generic_plan",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
        "enable_seqscan=off",
        "jit=off",
    )
    return await psycopg.AsyncConnection.connect(
        url, autocommit=True, options=" ".join(f"-c {option}" for option in options)
    )


async def write_known(driver: Driver, lives: Sequence[Live]) -> set[str]:
    """Write sessions, in order of id, and their readings; return the ids of those that were changed by others.

    The others' `row_version` is the new one.
    """
    rows = [(live.row.id, *row) for live in lives for row in live.readings.values()]
    ids, at, received_at, *others = _arrays((_plain, *_READING), rows)
    if len(rows) == len(lives) and all(live.last_at is row[1] for live, row in zip(lives, rows, strict=True)):
        shown = _arrays(_LIVE[1:-2], [live.values()[1:-2] for live in lives])
        sessions = [ids, *shown, at, received_at]  # one reading each, and the newest: nearly always
    else:
        sessions = _arrays(_LIVE, [live.values() for live in lives])
    versions = _plain([live.row_version for live in lives])
    values = (*sessions, versions, ids, at, received_at, *others, len(lives))
    cursor = await driver.execute(_WRITE_KNOWN, values, prepare=True)
    found = await cursor.fetchone()
    assert found is not None, "an aggregate has a row"
    version, moved = found
    for live in lives:
        live.row_version = version
    if moved is None and version is not None:
        return set()
    return {live.row.id for live in lives} - set(moved or ())


async def insert_readings(driver: Driver, rows: Iterable[Sequence[Any]]) -> None:
    """Write readings: session id, then the columns in their order. No two rows have the same session and time."""
    await driver.execute(_INSERT_READINGS, _arrays((_plain, *_READING), rows), prepare=True)


async def insert_loose(driver: Driver, rows: Iterable[Sequence[Any]]) -> None:
    """Write readings of no session: station, connector, then the columns; in order of their keys."""
    await driver.execute(_INSERT_LOOSE, _arrays((_quoted, _plain, *_READING), rows), prepare=True)


async def update_live(driver: Driver, rows: Iterable[Sequence[Any]]) -> str:
    """Write what moved in running sessions, in the order of the statement's columns; return the rows' version."""
    cursor = await driver.execute(_UPDATE_LIVE, _arrays(_LIVE, rows), prepare=True)
    found = await cursor.fetchone()
    assert found is not None, "they are locked"
    return str(found[0])


# Array literals by hand: the driver escapes texts by a regular expression, at ten times the cost.


def _plain(values: Iterable[object]) -> str:
    """Join what is written without letters: numbers, ids, and None."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def _times(values: Iterable[dt.datetime | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else value.isoformat() for value in values]) + "}"


def _quoted(values: Iterable[str | None]) -> str:
    """Quote texts as PostgreSQL's array input wants them, without the NUL that it cannot keep."""
    return "{" + ",".join(["NULL" if value is None else _quote(value) for value in values]) + "}"


def _quote(value: str) -> str:
    if "\0" in value:
        value = value.replace("\0", "")
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    return '"' + value.replace('"', '\\"') + '"'


def _arrays(makers: Sequence[Callable[[Any], str]], rows: Iterable[Sequence[Any]]) -> list[str]:
    return [maker(column) for maker, column in zip(makers, zip(*rows, strict=True), strict=True)]


_READING = (_times, _times, _times, _plain, _plain, _plain, _plain, _plain, _quoted, _quoted)
_LIVE = (_plain, _plain, _plain, _plain, _plain, _plain, _quoted, _times, _times)
