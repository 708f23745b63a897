"""SQL of the CA, of certificates, of requests and of alarms."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.certificates.model import Alarm, Certificate, Status
from zaryad.certificates.tables import alarm, authority, certificate, request
from zaryad.platform.db import Tx

_CA_LOCK = 0x5A_43_41  # an advisory lock's number: one process makes the CA
_CERTIFICATE = tuple(certificate.c[name] for name in Certificate.__struct_fields__)
_ALARM = tuple(alarm.c[name] for name in Alarm.__struct_fields__)
_OPEN = request.c.state.in_(("asked", "given"))


async def authorities(tx: Tx) -> dict[str, sa.RowMapping]:
    """Read the active CA, by level."""
    rows = await tx.execute(sa.select(authority).where(authority.c.retired_at.is_(None)))
    return {row["level"]: row for row in rows.mappings()}


async def lock_authorities(tx: Tx) -> None:
    """Wait for whoever makes the CA at this moment."""
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_CA_LOCK)))


async def put_authority(tx: Tx, **values: object) -> None:
    """Write one level of the CA."""
    await tx.execute(sa.insert(authority).values(**values))


async def retire_authority(tx: Tx, level: str, now: dt.datetime) -> None:
    """Note that a level of the CA has a successor."""
    active = sa.and_(authority.c.level == level, authority.c.retired_at.is_(None))
    await tx.execute(sa.update(authority).where(active).values(retired_at=now))


async def put_certificate(tx: Tx, it: Certificate, chain: str, *, ours: bool) -> None:
    """Write a new certificate."""
    values = {**msgspec.structs.asdict(it), "status": it.status.value, "chain": chain, "ours": ours}
    await tx.execute(sa.insert(certificate).values(**values))


async def set_certificate(tx: Tx, id: UUID, **values: object) -> None:
    """Change a certificate's row."""
    await tx.execute(sa.update(certificate).where(certificate.c.id == id).values(**values))


async def by_fingerprint(tx: Tx, fingerprint: str) -> Certificate | None:
    """Read a certificate by its hash."""
    return await _one(tx, certificate.c.fingerprint == fingerprint)


async def by_id(tx: Tx, id: UUID, *, lock: bool = False) -> Certificate | None:
    """Read a certificate, or lock it."""
    return await _one(tx, certificate.c.id == id, lock=lock)


async def by_order(tx: Tx, order_id: UUID) -> Certificate | None:
    """Lock the certificate that an order gives."""
    return await _one(tx, certificate.c.order_id == order_id, lock=True)


async def chain_of(tx: Tx, id: UUID) -> str | None:
    """Read a certificate's PEM chain."""
    found: str | None = await tx.scalar(sa.select(certificate.c.chain).where(certificate.c.id == id))
    return found


async def certificates(
    tx: Tx,
    *,
    station_id: str | None = None,
    use: str | None = None,
    status: Status | None = None,
    ends_before: dt.datetime | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[Certificate]:
    """Read certificates, newest first."""
    statement = sa.select(*_CERTIFICATE).order_by(certificate.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(certificate.c.station_id == station_id)
    if use is not None:
        statement = statement.where(certificate.c.use == use)
    if status is not None:
        statement = statement.where(certificate.c.status == status.value)
    if ends_before is not None:
        statement = statement.where(certificate.c.not_after < ends_before)
    if after is not None:
        statement = statement.where(certificate.c.id < after)
    return [_certificate(row) for row in (await tx.execute(statement)).mappings()]


async def replace_others(tx: Tx, it: Certificate) -> None:
    """Note that the station has a newer certificate than its others of this use."""
    statement = sa.update(certificate).where(
        certificate.c.station_id == it.station_id,
        certificate.c.use == it.use,
        certificate.c.status == "active",
        certificate.c.id != it.id,
    )
    await tx.execute(statement.values(status="replaced"))


async def to_renew(tx: Tx, now: dt.datetime, again_after: dt.timedelta, limit: int) -> list[Certificate]:
    """Lock active certificates of stations that are past two thirds of their life and were not called for lately."""
    left = certificate.c.not_after - sa.literal(now, certificate.c.not_after.type)
    gone = sa.literal(now, certificate.c.not_after.type) - certificate.c.not_before
    statement = (
        sa.select(*_CERTIFICATE)
        .where(
            certificate.c.status == "active",
            certificate.c.station_id.is_not(None),
            gone >= left + left,
            sa.or_(certificate.c.renewal_at.is_(None), certificate.c.renewal_at <= now - again_after),
        )
        .order_by(certificate.c.not_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_certificate(row) for row in (await tx.execute(statement)).mappings()]


async def ending(tx: Tx, before: dt.datetime) -> list[Certificate]:
    """Read active certificates that end before a moment."""
    statement = sa.select(*_CERTIFICATE).where(certificate.c.status == "active", certificate.c.not_after < before)
    return [_certificate(row) for row in (await tx.execute(statement.limit(5_000))).mappings()]


async def revoked(tx: Tx, now: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """Read what our CA has taken back and would still be good by its dates."""
    statement = sa.select(certificate.c.serial, certificate.c.revoked_at).where(
        certificate.c.ours, certificate.c.status == "revoked", certificate.c.not_after > now
    )
    return [(row.serial, row.revoked_at) for row in await tx.execute(statement)]


# What stations ask for


async def put_request(tx: Tx, **values: object) -> bool:
    """Write a request; False where one of the station and use is open."""
    statement = insert(request).values(state="asked", **values).on_conflict_do_nothing().returning(request.c.id)
    return await tx.scalar(statement) is not None


async def open_request(tx: Tx, station_id: str, use: str) -> sa.RowMapping | None:
    """Lock the open request of a station and use."""
    statement = sa.select(request).where(request.c.station_id == station_id, request.c.use == use, _OPEN)
    return (await tx.execute(statement.with_for_update())).mappings().one_or_none()


async def request_by_id(tx: Tx, id: UUID) -> sa.RowMapping | None:
    """Lock a request."""
    return (await tx.execute(sa.select(request).where(request.c.id == id).with_for_update())).mappings().one_or_none()


async def request_of(tx: Tx, certificate_id: UUID) -> sa.RowMapping | None:
    """Lock the request that a certificate answers."""
    statement = sa.select(request).where(request.c.certificate_id == certificate_id).with_for_update()
    return (await tx.execute(statement)).mappings().one_or_none()


async def set_request(tx: Tx, id: UUID, **values: Any) -> None:
    """Change a request's row."""
    await tx.execute(sa.update(request).where(request.c.id == id).values(**values))


async def requests_since(tx: Tx, station_id: str, since: dt.datetime) -> int:
    """Count a station's requests."""
    statement = sa.select(sa.func.count()).where(request.c.station_id == station_id, request.c.asked_at > since)
    return int(await tx.scalar(statement) or 0)


async def drop_requests(tx: Tx, before: dt.datetime) -> None:
    """Forget old requests that have ended."""
    await tx.execute(sa.delete(request).where(request.c.asked_at < before, sa.not_(_OPEN)))


# Alarms


async def raise_alarm(tx: Tx, **values: Any) -> bool:
    """Write an alarm, or count one that stands already; whether it is new."""
    statement = insert(alarm).values(**values, last_at=values["raised_at"])
    statement = statement.on_conflict_do_update(
        index_elements=[alarm.c.kind, alarm.c.key],
        index_where=alarm.c.cleared_at.is_(None),
        set_={
            "times": alarm.c.times + 1,
            "last_at": statement.excluded.last_at,
            "facts": statement.excluded.facts,
        },
    )
    return bool(await tx.scalar(statement.returning(alarm.c.id)) == values["id"])


async def clear_alarm(tx: Tx, kind: str, key: str, by: str, now: dt.datetime) -> bool:
    """End an alarm that stands; whether one did."""
    statement = sa.update(alarm).where(alarm.c.kind == kind, alarm.c.key == key, alarm.c.cleared_at.is_(None))
    return await tx.scalar(statement.values(cleared_at=now, cleared_by=by).returning(alarm.c.id)) is not None


async def clear_alarm_by_id(tx: Tx, id: UUID, by: str, now: dt.datetime) -> Alarm | None:
    """End an alarm; the same again changes nothing."""
    statement = sa.update(alarm).where(alarm.c.id == id, alarm.c.cleared_at.is_(None))
    await tx.execute(statement.values(cleared_at=now, cleared_by=by))
    row = (await tx.execute(sa.select(*_ALARM).where(alarm.c.id == id))).mappings().one_or_none()
    return None if row is None else Alarm(**row)


async def alarms(
    tx: Tx, *, station_id: str | None, kind: str | None, standing: bool | None, after: UUID | None, limit: int
) -> list[Alarm]:
    """Read alarms, newest first."""
    statement = sa.select(*_ALARM).order_by(alarm.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(alarm.c.station_id == station_id)
    if kind is not None:
        statement = statement.where(alarm.c.kind == kind)
    if standing is not None:
        statement = statement.where(alarm.c.cleared_at.is_(None) if standing else alarm.c.cleared_at.is_not(None))
    if after is not None:
        statement = statement.where(alarm.c.id < after)
    return [Alarm(**row) for row in (await tx.execute(statement)).mappings()]


async def standing(tx: Tx) -> dict[str, int]:
    """Count the alarms that stand, by kind."""
    statement = sa.select(alarm.c.kind, sa.func.count().label("many")).where(alarm.c.cleared_at.is_(None))
    return {row.kind: row.many for row in await tx.execute(statement.group_by(alarm.c.kind))}


async def _one(tx: Tx, where: sa.ColumnElement[bool], *, lock: bool = False) -> Certificate | None:
    statement = sa.select(*_CERTIFICATE).where(where)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return None if row is None else _certificate(row)


def _certificate(row: sa.RowMapping) -> Certificate:
    return Certificate(**{**row, "status": Status(row["status"])})
