"""The meter of a reported transaction: where it began, on which connector, and what its readings come to so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from zaryad import tariffs
from zaryad.charging import place as places
from zaryad.charging import store as sessions
from zaryad.charging.begin import Begun, How, clear_connector
from zaryad.charging.metering import store_readings
from zaryad.charging.model import Flag, Origin, Session, Settings, State
from zaryad.charging.settle import timeline_of
from zaryad.charging.transaction import store
from zaryad.charging.transaction.sequence import Story
from zaryad.charging.transaction.store import Reported
from zaryad.charging.when import AHEAD_MAX, happened_at
from zaryad.link.facts import ChargingBegan, ChargingEnded, MeterRead, Reading, TransactionReported
from zaryad.platform.db import Tx
from zaryad.stations import Connector
from zaryad.tariffs import TariffVersionId


def to_record(rules: Settings, session: Session, fact: TransactionReported) -> MeterRead | None:
    """Return an event's readings as the meter's book takes them; None when there are none of the session's."""
    readings = tuple(_own(rules, session, fact))
    if not readings:
        return None
    return MeterRead(
        station_id=fact.station_id,
        received_at=fact.received_at,
        connector=session.connector,
        charge_ref=fact.charge_ref,
        readings=readings,
    )


async def keep(tx: Tx, rules: Settings, session: Session, facts: Sequence[TransactionReported]) -> None:
    """Write the readings of events, most of which are there already: the same again changes nothing."""
    believed: list[Reading] = []
    for fact in facts:
        doubted: list[Reading] = []
        for reading in _own(rules, session, fact):
            told = believed if happened_at(reading.at, fact.received_at, rules)[1] else doubted
            told.append(reading)
        if doubted:  # their time is their event's arrival
            await _store(tx, rules, session, fact, doubted)
    if believed:
        await _store(tx, rules, session, facts[-1], believed)


async def _store(
    tx: Tx, rules: Settings, session: Session, fact: TransactionReported, readings: Sequence[Reading]
) -> None:
    told = ChargingEnded(
        station_id=fact.station_id,
        received_at=fact.received_at,
        charge_ref=fact.charge_ref,
        meter_stop_mwh=0,
        at=fact.at,
        readings=tuple(readings),
    )
    await store_readings(tx, rules, session, told)


def _own(rules: Settings, session: Session, fact: TransactionReported) -> Iterable[Reading]:
    """Yield the readings since the session began, in order of time; those of before are in its first register."""
    assert session.began_at is not None, "it began"
    for reading in sorted(fact.readings, key=lambda reading: reading.at):
        at, believed = happened_at(reading.at, fact.received_at, rules)
        if not believed or at >= session.began_at:
            yield reading


def moments(rules: Settings, session: Session, fact: TransactionReported) -> list[dt.datetime]:
    """Return when an event's registers were read."""
    own = (reading for reading in _own(rules, session, fact) if reading.energy_mwh is not None)
    return [happened_at(reading.at, fact.received_at, rules)[0] for reading in own]


async def follow(  # noqa: PLR0917  # what is followed, by what
    tx: Tx,
    rules: Settings,
    fact: TransactionReported,
    row: Reported,
    session: Session,
    story: Story,
    place: Connector | None,
    facts: Sequence[TransactionReported],
) -> tuple[Session, Reported]:
    """Let a session begin where and with what its events say, and reckon its cost anew if that changed it."""
    values: dict[str, object] = {}
    if story.begin_mwh is not None and (session.meter_mwh is None or story.begin_mwh != session.meter_start_mwh):
        values["meter_start_mwh"] = story.begin_mwh
    if story.began_seq != row.began_seq and not _before_order(session, story):
        values["began_at"] = story.began_at
    if place is not None and place.number != session.connector:
        values |= await _moved(tx, rules, fact, session, place, story)
        await sessions.note(tx, session.id, "moved", fact.received_at, connector=place.number)
    row = await store.update_row(
        tx,
        row,
        connector=session.connector if place is None else place.number,
        meter_start_mwh=story.begin_mwh or 0,
        meter_known=story.begin_mwh is not None,
        began_at=story.began_at,
        began_seq=story.began_seq,
    )
    if not values:
        return session, row
    session = await sessions.update(tx, session.id, **values)
    await keep(tx, rules, session, facts)
    return await rebuilt(tx, session), row


def _before_order(session: Session, story: Story) -> bool:
    """Whether a clock says that it began before it was ordered: our time was taken then."""
    return session.origin is Origin.APP and story.began_at < session.requested_at - AHEAD_MAX


async def _moved(  # noqa: PLR0917  # what moves where
    tx: Tx, rules: Settings, fact: TransactionReported, session: Session, place: Connector, story: Story
) -> dict[str, object]:
    """Return the fields of a session whose connector turned out to be another; a price that was agreed on stays."""
    values: dict[str, object] = dict(places.kept(place, rules))
    if session.origin is Origin.APP:
        values |= {"currency": session.currency, "timezone": session.timezone}
    else:
        version = await _price_at(tx, place, session)
        flags = [flag for flag in session.flags if version is None or flag != Flag.UNPRICED.value]
        values |= {"tariff_version_id": version, "flags": flags}
    if session.state is State.CHARGING:
        it = Begun(
            fact=ChargingBegan(
                station_id=fact.station_id,
                received_at=fact.received_at,
                connector=place.number,
                token=session.token,
                meter_start_mwh=0,
                at=story.began_at,
                charge_ref=fact.charge_ref,
            ),
            key=session.token,
            place=place,
            at=story.began_at,
            believed=True,
            offline=story.offline,
            how=How(over=story.end is not None),
        )
        values["on_connector"] = await clear_connector(tx, rules, it, session)
    return values


async def _price_at(tx: Tx, place: Connector, session: Session) -> TariffVersionId | None:
    """Return the price of a place when a session began there; the session's own where there is none."""
    assert session.began_at is not None, "it began"
    version = await places.priced(tx, place, session.began_at, session.driver_id)
    return session.tariff_version_id if version is None else version.id


async def rebuilt(tx: Tx, session: Session) -> Session:
    """Reckon what is shown of a session from all that was read: it began elsewhere than was thought."""
    assert session.began_at is not None, "it began"
    timeline = await timeline_of(tx, session)
    last = timeline.points[-1]
    values: dict[str, object] = {"meter_mwh": last.energy_mwh, "energy_mwh": timeline.energy_mwh}
    if session.tariff_version_id is not None:
        version = await tariffs.version(tx, session.tariff_version_id)
        first = timeline.points[0]
        about = await places.about(tx, session, version, first.at)
        running = tariffs.begin(version, session.timezone, first.at, first.energy_mwh, about)
        for point in timeline.points[1:]:
            running = tariffs.advance(version, running, point)
        values |= {"running": msgspec.to_builtins(running), "cost_minor": tariffs.cost(version, running).minor}
    return await sessions.update(tx, session.id, **values)
