"""Block G: whether a station, an EVSE, a connector can be used."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, EvseNumber, Wire
from zaryad.ocpp.v2.wire.parts import EVSE, StatusInfo

ConnectorStatus = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]


class HeartbeatRequest(Wire, frozen=True):
    pass


class HeartbeatResponse(Wire, frozen=True, kw_only=True):
    current_time: At


class StatusNotificationRequest(Wire, frozen=True, kw_only=True):
    timestamp: At
    connector_status: ConnectorStatus
    evse_id: EvseNumber
    connector_id: EvseNumber


class StatusNotificationResponse(Wire, frozen=True):
    pass


class ChangeAvailabilityRequest(Wire, frozen=True, kw_only=True):
    operational_status: Literal["Inoperative", "Operative"]
    evse: EVSE | None = None


class ChangeAvailabilityResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Scheduled"]
    status_info: StatusInfo | None = None
