"""SQL of the hot path, by hand: arrays in, arrays out, on the transaction's own connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg

if TYPE_CHECKING:
    from zaryad.charging.meter.live import Live

Driver = psycopg.AsyncConnection[Any]

_encode = msgspec.json.Encoder().encode


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
    "%s::int[], %s::text[]"
)
_EXTRA = "jsonb_array_elements(%s::jsonb)"
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


def _insert(table: str, keys: Mapping[str, str], where: str = "") -> str:
    """Return an insert of arrays; what JSON has as null is null."""
    types = ", ".join(f"%s::{type_}[]" for type_ in keys.values())
    names = ", ".join(keys)
    shown = _COLUMNS.replace("extra", "case when jsonb_typeof(r.extra) = 'object' then r.extra end")
    return f"""
insert into {table} ({names}, {_COLUMNS})
select {names}, {shown} from rows from (unnest({types}, {_TYPES}), {_EXTRA}) r({names}, {_COLUMNS}) {where}
on conflict ({", ".join([*(name for name in keys if name != "at"), "at"])}) {_merge(table)}
"""  # noqa: S608  # the columns are ours


_INSERT_READINGS = _insert("reading", {"session_id": "uuid"})
_INSERT_LOOSE = _insert("loose_reading", {"station_id": "text", "connector": "int"})
_SHOWN = """
    meter_mwh = u.meter_mwh, energy_mwh = u.energy_mwh, power_mw = u.power_mw, soc_percent = u.soc_percent,
    cost_minor = u.cost_minor, running = case when jsonb_typeof(u.running) = 'array' then u.running else s.running end,
    last_reading_at = u.last_reading_at, last_received_at = u.last_received_at
"""
_SHOWN_TYPES = (
    "%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::timestamptz[], "
    "%s::timestamptz[], %s::xid[]"
)
_SHOWN_ROWS = f"""rows from (unnest({_SHOWN_TYPES}), jsonb_array_elements(%s::jsonb))
    u(id, meter_mwh, energy_mwh, power_mw, soc_percent, cost_minor, last_reading_at, last_received_at, row_version,
    running)
"""
_UPDATE_LIVE = f"""
update session s set {_SHOWN} from {_SHOWN_ROWS} where s.id = u.id
returning s.xmin::text
"""  # noqa: S608  # the columns are ours
# One statement, one commit. The rows are locked by the update itself, in the order of the arrays (see `connect`); a
# row that is no more the version it is said to be is left alone, and so are its readings.
_OF_MOVED = "where case when r.session_id in (select id from moved) then true end"  # `case` keeps it a hashed look-up
_WRITE_KNOWN = f"""
with moved as (
    update session s set {_SHOWN} from {_SHOWN_ROWS} where s.id = u.id and s.xmin = u.row_version
    returning s.id
), kept as ({_insert("reading", {"session_id": "uuid"}, _OF_MOVED)})
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
    ids = [live.id for live in lives]
    rows = [row for live in lives for row in live.readings.values()]
    owners = ids if len(rows) == len(ids) else [live.id for live in lives for _ in live.readings]
    values = (*_shown(lives, ids), _words(owners), *_columns(rows), len(lives))
    cursor = await driver.execute(_WRITE_KNOWN, values, prepare=True)
    found = await cursor.fetchone()
    assert found is not None, "an aggregate has a row"
    version, moved = found
    for live in lives:
        live.row_version = version
    if moved is None and version is not None:
        return set()
    return set(ids) - set(moved or ())


async def insert_readings(driver: Driver, ids: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write readings: sessions' ids, and the columns in their order. No two rows have the same session and time."""
    await driver.execute(_INSERT_READINGS, (_words(ids), *_columns(rows)), prepare=True)


async def insert_loose(driver: Driver, places: Iterable[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> None:
    """Write readings of no session: stations and connectors, and the columns; in order of their keys."""
    stations, connectors = zip(*places, strict=True)
    await driver.execute(_INSERT_LOOSE, (_quoted(stations), _plain(connectors), *_columns(rows)), prepare=True)


async def update_live(driver: Driver, lives: Sequence[Live]) -> None:
    """Write what moved in running sessions, which are locked; their `row_version` is the new one."""
    cursor = await driver.execute(_UPDATE_LIVE, _shown(lives, [live.id for live in lives]), prepare=True)
    found = await cursor.fetchone()
    assert found is not None, "they are locked"
    for live in lives:
        live.row_version = str(found[0])


# Array literals by hand: the driver escapes texts by a regular expression, at ten times the cost. PostgreSQL reads
# JSON's numbers, nulls, times, and texts without control characters, as they are.


def _shown(lives: Sequence[Live], ids: Iterable[str]) -> tuple[str, ...]:
    meters = [live.meter_mwh for live in lives]
    return (
        _words(ids),
        _array(meters),
        _array([live.meter_mwh - live.row.meter_start_mwh for live in lives]),
        _array([live.power_mw for live in lives]),
        _array([live.soc_percent for live in lives]),
        _array([live.cost_minor for live in lives]),
        _array([live.last_at for live in lives]),
        _array([live.received_at for live in lives]),
        _words([live.row_version or "0" for live in lives]),
        _encode([None if live.tab is None else live.tab.parts() for live in lives]).decode(),
    )


def _columns(rows: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    *plain, contexts, extras = zip(*rows, strict=True)
    return (*map(_array, plain), _quoted(contexts) if any(contexts) else _array(contexts), _objects(extras))


def _objects(extras: Sequence[dict[str, str] | None]) -> str:
    text = _encode(extras).decode()
    if "\\u0000" in text:  # what a database cannot keep; seldom, and sometimes only something like it
        extras = [
            None if extra is None else {_kept(name): _kept(value) for name, value in extra.items()} for extra in extras
        ]
        text = _encode(extras).decode()
    return text


def _words(values: Iterable[str]) -> str:
    """Join what needs no quotes: ids."""
    return "{" + ",".join(values) + "}"


def _array(values: Sequence[int | dt.datetime | str | None]) -> str:
    """Write numbers, times, and None."""
    return "{" + _encode(values).decode()[1:-1] + "}"


def _plain(values: Iterable[int]) -> str:
    """Write whole numbers of any size: too large a one is PostgreSQL's to refuse."""
    return "{" + ",".join(map(str, values)) + "}"


def _quoted(values: Iterable[str | None]) -> str:
    """Quote texts as PostgreSQL's array input wants them, without the NUL that it cannot keep."""
    return "{" + ",".join(["NULL" if value is None else _quote(value) for value in values]) + "}"


def _quote(value: str) -> str:
    return '"' + _kept(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _kept(text: str) -> str:
    return text.replace("\0", "")
