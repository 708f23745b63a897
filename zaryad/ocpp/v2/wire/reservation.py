"""Block H: reservations."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, EvseNumber, Natural, Wire
from zaryad.ocpp.v2.wire.parts import GenericStatus, IdToken, StatusInfo

Connector = Literal[
    "cCCS1",
    "cCCS2",
    "cG105",
    "cTesla",
    "cType1",
    "cType2",
    "s309-1P-16A",
    "s309-1P-32A",
    "s309-3P-16A",
    "s309-3P-32A",
    "sBS1361",
    "sCEE-7-7",
    "sType2",
    "sType3",
    "Other1PhMax16A",
    "Other1PhOver16A",
    "Other3Ph",
    "Pan",
    "wInductive",
    "wResonant",
    "Undetermined",
    "Unknown",
]
ReserveNowStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


class ReserveNowRequest(Wire, frozen=True, kw_only=True):
    id: Natural
    expiry_date_time: At
    id_token: IdToken
    connector_type: Connector | None = None
    evse_id: EvseNumber | None = None
    group_id_token: IdToken | None = None


class ReserveNowResponse(Wire, frozen=True, kw_only=True):
    status: ReserveNowStatus
    status_info: StatusInfo | None = None


class CancelReservationRequest(Wire, frozen=True, kw_only=True):
    reservation_id: Natural


class CancelReservationResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class ReservationStatusUpdateRequest(Wire, frozen=True, kw_only=True):
    reservation_id: Natural
    reservation_update_status: Literal["Expired", "Removed"]


class ReservationStatusUpdateResponse(Wire, frozen=True):
    pass
