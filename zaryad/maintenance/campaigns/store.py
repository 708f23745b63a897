"""SQL of campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.maintenance.campaigns.model import Campaign, CampaignId, Counts, Item
from zaryad.maintenance.campaigns.tables import campaign as c
from zaryad.maintenance.campaigns.tables import campaign_station as s
from zaryad.platform.db import Tx

_ITEM = [s.c[name] for name in Item.__struct_fields__]


async def add(tx: Tx, **values: object) -> bool:
    """Write a campaign; False when its id is known."""
    return await tx.scalar(insert(c).values(**values).on_conflict_do_nothing().returning(c.c.id)) is not None


async def find(tx: Tx, id: UUID, *, lock: bool = False, skip: bool = False) -> Campaign | None:
    """Read a campaign; `skip` returns None while another holds its lock."""
    statement = sa.select(c).where(c.c.id == id)
    if lock:
        statement = statement.with_for_update(skip_locked=skip)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Campaign)


async def some(tx: Tx, limit: int) -> list[Campaign]:
    """Read campaigns, the latest first."""
    statement = sa.select(c).order_by(c.c.created_at.desc()).limit(limit)
    return [msgspec.convert(row, Campaign) for row in (await tx.execute(statement)).mappings()]


async def running(tx: Tx) -> list[CampaignId]:
    """Return the campaigns that go on."""
    return [CampaignId(id) for id in (await tx.execute(sa.select(c.c.id).where(c.c.state == "running"))).scalars()]


async def change(tx: Tx, id: UUID, **values: object) -> None:
    """Write what has changed."""
    await tx.execute(sa.update(c).where(c.c.id == id).values(**values))


async def put_items(tx: Tx, id: CampaignId, stations: Sequence[tuple[str, bool]], now: dt.datetime) -> None:
    """Write the stations of a campaign, each with whether it is a canary; those that are there stay as they are."""
    if stations:
        rows = [
            {"campaign_id": id, "station_id": station, "canary": canary, "changed_at": now}
            for station, canary in sorted(stations)
        ]
        await tx.execute(insert(s).values(rows).on_conflict_do_nothing())


async def counts(tx: Tx, id: CampaignId) -> Counts:
    """Count the stations of a campaign by state."""
    open_canaries = sa.func.count().filter(sa.and_(s.c.canary, s.c.state.in_(("waiting", "under_way"))))
    states = [
        sa.func.count().filter(s.c.state == name).label(name)
        for name in ("waiting", "under_way", "done", "failed", "skipped")
    ]
    statement = sa.select(*states, open_canaries.label("canaries_open")).where(s.c.campaign_id == id)
    return msgspec.convert((await tx.execute(statement)).mappings().one(), Counts)


async def waiting(tx: Tx, id: CampaignId, *, canaries: bool, limit: int) -> list[Item]:
    """Read stations that wait for their turn, those longest untouched first."""
    statement = sa.select(*_ITEM).where(s.c.campaign_id == id, s.c.state == "waiting")
    if canaries:
        statement = statement.where(s.c.canary)
    statement = statement.order_by(s.c.tries, s.c.changed_at, s.c.station_id).limit(limit)
    return [msgspec.convert(row, Item) for row in (await tx.execute(statement)).mappings()]


async def begin_item(tx: Tx, id: CampaignId, station_id: str, update_id: UUID, now: dt.datetime) -> None:
    """Note that a station's update is under way."""
    key = sa.and_(s.c.campaign_id == id, s.c.station_id == station_id)
    values = {"state": "under_way", "update_id": update_id, "tries": s.c.tries + 1, "changed_at": now, "why": None}
    await tx.execute(sa.update(s).where(key).values(**values))


async def skip_item(tx: Tx, id: CampaignId, station_id: str, why: str, now: dt.datetime) -> None:
    """Leave a station out."""
    key = sa.and_(s.c.campaign_id == id, s.c.station_id == station_id)
    await tx.execute(sa.update(s).where(key).values(state="skipped", why=why, changed_at=now))


async def end_item(tx: Tx, update_id: UUID, *, good: bool, why: str | None, now: dt.datetime) -> None:
    """Note what an update of a campaign came to; one that failed waits again while it has tries left."""
    tries = sa.select(sa.cast(c.c.plan["tries"].astext, sa.Integer)).where(c.c.id == s.c.campaign_id).scalar_subquery()
    again = sa.and_(s.c.tries < sa.func.coalesce(tries, 1), sa.not_(s.c.canary))
    state: object = "done" if good else sa.case((again, "waiting"), else_="failed")
    statement = sa.update(s).where(s.c.update_id == update_id, s.c.state.in_(("under_way", "failed", "waiting")))
    await tx.execute(statement.values(state=state, why=why, changed_at=now))


async def retry_failed(tx: Tx, id: CampaignId, now: dt.datetime) -> int:
    """Let the stations that failed wait for another turn."""
    statement = sa.update(s).where(s.c.campaign_id == id, s.c.state == "failed")
    return (await tx.execute(statement.values(state="waiting", tries=0, changed_at=now))).rowcount


async def items(tx: Tx, id: CampaignId, state: str | None, after: str | None, limit: int) -> list[Item]:
    """Read the stations of a campaign by id."""
    statement = sa.select(*_ITEM).where(s.c.campaign_id == id).order_by(s.c.station_id).limit(limit)
    if state is not None:
        statement = statement.where(s.c.state == state)
    if after is not None:
        statement = statement.where(s.c.station_id > after)
    return [msgspec.convert(row, Item) for row in (await tx.execute(statement)).mappings()]
