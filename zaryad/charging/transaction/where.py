"""Which connector a transaction is on, where the station names an EVSE, or nothing yet (standards A.5)."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad import stations
from zaryad.charging.model import Session
from zaryad.charging.transaction import store
from zaryad.charging.transaction.sequence import Story
from zaryad.charging.transaction.store import Reported
from zaryad.link.facts import ChargingState, ConnectorChanged, ConnectorState, StationId
from zaryad.link.station import evse_of
from zaryad.platform.db import Tx
from zaryad.stations import Connector

NOT_KNOWN = 0
STATES = {
    ChargingState.EV_CONNECTED: ConnectorState.PREPARING,
    ChargingState.CHARGING: ConnectorState.CHARGING,
    ChargingState.SUSPENDED_EV: ConnectorState.SUSPENDED_EV,
    ChargingState.SUSPENDED_EVSE: ConnectorState.SUSPENDED_EVSE,
}
_TAKEN = frozenset(
    {
        ConnectorState.PREPARING,
        ConnectorState.CHARGING,
        ConnectorState.SUSPENDED_EV,
        ConnectorState.SUSPENDED_EVSE,
        ConnectorState.FINISHING,
    }
)


async def connector_of(  # noqa: PLR0917  # what is known of it
    tx: Tx, station_id: StationId, row: Reported | None, story: Story, ordered: Session | None, now: dt.datetime
) -> int:
    """Return the connector's number; 0 while nobody can tell.

    What was chosen without the station's word stays until it says something else: readings are filed by it.
    """
    if story.connector is not None and story.outlet_named:
        return story.connector
    chosen = NOT_KNOWN if row is None else row.connector
    if story.connector is None:
        if chosen:
            return chosen
        if ordered is not None:
            return ordered.connector
        outlets = await _outlets(tx, station_id, now)
        return outlets[0].number if len(outlets) == 1 else NOT_KNOWN
    evse, _ = evse_of(story.connector)
    if evse_of(chosen)[0] == evse:
        return chosen
    outlets = [outlet for outlet in await _outlets(tx, station_id, now) if evse_of(outlet.number)[0] == evse]
    return await _likely(tx, station_id, outlets, ordered) or story.connector


async def _likely(tx: Tx, station_id: StationId, outlets: list[Connector], ordered: Session | None) -> int | None:
    """Choose among an EVSE's connectors: the ordered one, one that is waited for, one with a cable in, the first."""
    numbers = [outlet.number for outlet in outlets]
    if len(numbers) > 1:
        waiting = {ordered.connector} if ordered is not None else await store.ordered_on(tx, station_id)
        taken = {outlet.number for outlet in outlets if outlet.state in _TAKEN}
        for likely in (waiting, taken):
            found = [number for number in numbers if number in likely]
            if found:
                return found[0]
    return numbers[0] if numbers else None


async def _outlets(tx: Tx, station_id: StationId, now: dt.datetime) -> list[Connector]:
    found = await stations.connectors_of(tx, now, stations=[station_id])
    return [connector for connector in found if connector.number > 0]


async def working_on(tx: Tx, fact: ConnectorChanged) -> ConnectorChanged:
    """Return what a connector says with what its transaction does: 2.x says "occupied" of all that is not free."""
    if fact.state is not ConnectorState.PREPARING or fact.connector <= 0:
        return fact
    doing = await store.working_on(tx, fact.station_id, fact.connector)
    state = None if doing is None else STATES.get(ChargingState(doing))
    return fact if state is None else msgspec.structs.replace(fact, state=state)
