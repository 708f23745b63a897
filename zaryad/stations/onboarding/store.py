"""SQL of strangers: the inbox, bans, registration tokens, and the row that a stranger is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations.model import KNOCKS_MAX, Ban, Knock, LocationId
from zaryad.stations.onboarding.model import RegistrationToken
from zaryad.stations.tables import attempt, ban, connector, knock, location, registration_token, station

ACCEPTING = 0x5A41_0001  # the advisory lock under which strangers are counted and accepted

# The inbox


async def note_knock(tx: Tx, values: Mapping[str, object], now: dt.datetime) -> dt.datetime | None:
    """Count an attempt, and return when it last said who it is. The oldest knocks make room for new ones."""
    statement = insert(knock).values(first_at=now, last_at=now, **values)
    statement = statement.on_conflict_do_update(
        index_elements=[knock.c.station_id],
        set_={"attempts": knock.c.attempts + 1, "last_at": now, **values},
    )
    attempts, learned_at = (await tx.execute(statement.returning(knock.c.attempts, knock.c.learned_at))).one()
    if attempts == 1:
        surplus = sa.select(knock.c.station_id).order_by(knock.c.last_at.desc()).offset(KNOCKS_MAX)
        await _drop(tx, knock.c.station_id.in_(surplus.with_for_update(skip_locked=True).scalar_subquery()))
    found: dt.datetime | None = learned_at
    return found


async def write_learned(tx: Tx, station_id: StationId, values: Mapping[str, object]) -> bool:
    """Write what a stranger said of itself; False when its knock is gone."""
    statement = sa.update(knock).where(knock.c.station_id == station_id).values(**values)
    return await tx.scalar(statement.returning(knock.c.station_id)) is not None


async def knocks(tx: Tx, limit: int, before: dt.datetime | None) -> list[Knock]:
    """Read the inbox, latest first."""
    statement = sa.select(knock).order_by(knock.c.last_at.desc(), knock.c.station_id).limit(limit)
    if before is not None:
        statement = statement.where(knock.c.last_at < before)
    return [msgspec.convert(row, Knock) for row in (await tx.execute(statement)).mappings()]


async def one_knock(tx: Tx, station_id: StationId) -> Knock | None:
    """Read one."""
    row = (await tx.execute(sa.select(knock).where(knock.c.station_id == station_id))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Knock)


async def drop_knock(tx: Tx, station_id: StationId) -> bool:
    """Delete a knock, leaving what is known of its attempts; False when there is none."""
    statement = sa.delete(knock).where(knock.c.station_id == station_id).returning(knock.c.station_id)
    return await tx.scalar(statement) is not None


async def drop_old_knocks(tx: Tx, before: dt.datetime) -> int:
    """Delete knocks, and their attempts, of whom nobody has heard since; how many."""
    return await _drop(tx, knock.c.last_at < before)


async def _drop(tx: Tx, which: sa.ColumnElement[bool]) -> int:
    gone = list((await tx.execute(sa.delete(knock).where(which).returning(knock.c.station_id))).scalars())
    if gone:
        known = sa.exists().where(station.c.id == attempt.c.station_id)
        await tx.execute(sa.delete(attempt).where(attempt.c.station_id.in_(gone), ~known))
    return len(gone)


# Bans


async def is_banned(tx: Tx, station_id: StationId) -> bool:
    """Whether it is turned away without a trace."""
    return await tx.scalar(sa.select(ban.c.station_id).where(ban.c.station_id == station_id)) is not None


async def one_ban(tx: Tx, station_id: StationId) -> Ban | None:
    """Read one."""
    row = (await tx.execute(sa.select(ban).where(ban.c.station_id == station_id))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Ban)


async def bans(tx: Tx, limit: int, after: str | None) -> list[Ban]:
    """Read them by identity."""
    statement = sa.select(ban).order_by(ban.c.station_id).limit(limit)
    if after is not None:
        statement = statement.where(ban.c.station_id > after)
    return [msgspec.convert(row, Ban) for row in (await tx.execute(statement)).mappings()]


async def put_ban(tx: Tx, it: Ban) -> None:
    """Write one; the first to ban is remembered."""
    await tx.execute(insert(ban).values(**msgspec.structs.asdict(it)).on_conflict_do_nothing())


async def drop_ban(tx: Tx, station_id: StationId) -> bool:
    """Delete one; False when there is none."""
    return await tx.scalar(sa.delete(ban).where(ban.c.station_id == station_id).returning(ban.c.station_id)) is not None


# Stations without a person


async def accepted_since(tx: Tx, since: dt.datetime) -> int:
    """Count strangers that were accepted, one at a time: the lock is held until the end of the transaction."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(ACCEPTING)))
    statement = sa.select(sa.func.count()).where(station.c.origin == "accepted", station.c.created_at >= since)
    return (await tx.execute(statement)).scalar_one()


async def add_station(tx: Tx, station_id: StationId, values: Mapping[str, object]) -> bool:
    """Make a station; False when there is one, which is left as it is."""
    statement = insert(station).values(id=station_id, **values).on_conflict_do_nothing().returning(station.c.id)
    return await tx.scalar(statement) is not None


# Registration tokens


async def put_token(tx: Tx, it: RegistrationToken, token_hash: bytes) -> bool:
    """Write one; False when the id is taken."""
    values = msgspec.structs.asdict(it) | {"connectors": msgspec.to_builtins(it.connectors)}
    statement = insert(registration_token).values(token_hash=token_hash, **values).on_conflict_do_nothing()
    return await tx.scalar(statement.returning(registration_token.c.id)) is not None


_TOKEN = [column for column in registration_token.c if column.name != "token_hash"]


async def token_for_use(tx: Tx, token_hash: bytes) -> RegistrationToken | None:
    """Lock and read the token with this hash."""
    statement = sa.select(*_TOKEN).where(registration_token.c.token_hash == token_hash).with_for_update()
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else _token(row)


async def one_token(tx: Tx, id: UUID) -> RegistrationToken | None:
    """Read one."""
    row = (await tx.execute(sa.select(*_TOKEN).where(registration_token.c.id == id))).mappings().one_or_none()
    return None if row is None else _token(row)


async def tokens(tx: Tx, limit: int, after: UUID | None) -> list[RegistrationToken]:
    """Read them, newest first; ids are in the order of their making."""
    statement = sa.select(*_TOKEN).order_by(registration_token.c.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(registration_token.c.id < after)
    return [_token(row) for row in (await tx.execute(statement)).mappings()]


async def count_use(tx: Tx, id: UUID, now: dt.datetime) -> None:
    """Note that a token made a station."""
    values = {"used": registration_token.c.used + 1, "last_used_at": now}
    await tx.execute(sa.update(registration_token).where(registration_token.c.id == id).values(**values))


async def revoke_token(tx: Tx, id: UUID, now: dt.datetime) -> bool:
    """Note that it opens nothing any more; False when there is none."""
    values = {"revoked_at": sa.func.coalesce(registration_token.c.revoked_at, now)}
    statement = sa.update(registration_token).where(registration_token.c.id == id).values(**values)
    return await tx.scalar(statement.returning(registration_token.c.id)) is not None


def _token(row: sa.RowMapping) -> RegistrationToken:
    return msgspec.convert(row, RegistrationToken)


# A whole file of stations


async def places(tx: Tx, names: Collection[str]) -> dict[str, list[LocationId]]:
    """Find locations by their names or ids."""
    as_text = sa.cast(location.c.id, sa.Text)
    statement = sa.select(location.c.id, location.c.name).where(
        sa.or_(location.c.name.in_(names), as_text.in_([name.lower() for name in names]))
    )
    rows = (await tx.execute(statement)).all()
    return {name: [id for id, known in rows if name == known or name.lower() == str(id)] for name in names}


async def stations_as_they_are(tx: Tx, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Lock and read the stations of these ids, in the order of ids."""
    columns = (
        station.c.id,
        station.c.location_id,
        station.c.vendor,
        station.c.model,
        station.c.admin_state,
        station.c.password_hash,
        station.c.password_set_at,
        station.c.last_boot_at,
    )
    wanted = sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Text)))
    statement = sa.select(*columns).where(station.c.id == wanted).order_by(station.c.id).with_for_update()
    return {row["id"]: dict(row) for row in (await tx.execute(statement)).mappings()}


async def connectors_as_they_are(tx: Tx, ids: Sequence[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Read what people decided about the connectors of these stations."""
    columns = (
        connector.c.station_id,
        connector.c.number,
        connector.c.kind,
        connector.c.power_w,
        connector.c.tariff_id,
        connector.c.admin_state,
    )
    wanted = sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Text)))
    rows = (await tx.execute(sa.select(*columns).where(connector.c.station_id == wanted))).mappings()
    return {(row["station_id"], row["number"]): dict(row) for row in rows}


async def put_stations(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write stations, all with the same columns, leaving what they say of themselves."""
    if not rows:
        return
    statement = insert(station)
    names = [name for name in rows[0] if name != "id"]
    statement = statement.on_conflict_do_update(
        index_elements=[station.c.id], set_={name: statement.excluded[name] for name in names}
    )
    await tx.execute(statement, list(rows))


async def put_connectors(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write connectors, leaving what they reported."""
    if not rows:
        return
    statement = insert(connector)
    names = ("kind", "power_w", "tariff_id", "admin_state")
    statement = statement.on_conflict_do_update(
        index_elements=[connector.c.station_id, connector.c.number],
        set_={name: statement.excluded[name] for name in names},
    )
    await tx.execute(statement, list(rows))


async def out_of_the_inbox(tx: Tx, ids: Sequence[str]) -> None:
    """Delete knocks and bans of identities that are stations now."""
    for table in (knock, ban):
        await tx.execute(sa.delete(table).where(table.c.station_id.in_(ids)))
