"""Block H: reservations, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, EvseNumber, Natural, Text20, Wire
from zaryad.ocpp.v2.wire21.parts import IdToken


class ReserveNowRequest(Wire, frozen=True, kw_only=True):
    id: Natural
    expiry_date_time: At
    id_token: IdToken
    connector_type: Text20 | None = None
    evse_id: EvseNumber | None = None
    group_id_token: IdToken | None = None


class ReservationStatusUpdateRequest(Wire, frozen=True, kw_only=True):
    reservation_id: Natural
    reservation_update_status: Literal["Expired", "Removed", "NoTransaction"]
