"""What people are shown of a connector: one of ten states, worst first, and free only on a living word."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from zaryad.link.facts import ConnectorState
from zaryad.stations.model import Connector


class Shown(Enum):
    """The ten states of the screens, worst first; the text key is `connector.{value}`."""

    FAULTED = "faulted"
    OFFLINE = "offline"
    UNAVAILABLE = "unavailable"
    SUSPENDED_EVSE = "suspended_evse"
    SUSPENDED_EV = "suspended_ev"
    RESERVED = "reserved"
    FINISHING = "finishing"
    PREPARING = "preparing"
    CHARGING = "charging"
    AVAILABLE = "available"


_RANK = {shown: rank for rank, shown in enumerate(Shown)}
_WHOLE_IS_DOWN = (ConnectorState.FAULTED, ConnectorState.UNAVAILABLE)


def shown(connector: Connector) -> Shown:
    """Return what to show: a lost link outranks the last word, and what was never reported is not free."""
    if not connector.online:
        return Shown.OFFLINE
    if connector.admin_state != "active" or not connector.confirmed or connector.state is None:
        return Shown.UNAVAILABLE
    own = Shown(connector.state.value)
    if own is Shown.AVAILABLE and connector.station_state in _WHOLE_IS_DOWN:
        return Shown(connector.station_state.value)
    return own


def worst(states: Iterable[Shown]) -> Shown:
    """Return the worst of several; offline for none."""
    return min(states, key=_RANK.__getitem__, default=Shown.OFFLINE)
