"""Orders that make a 2.x station do something now, in its words."""

from __future__ import annotations

from zaryad.link import orders
from zaryad.link.kinds.control import TokenKind
from zaryad.link.station import evse_of
from zaryad.ocpp.strict import whole_seconds
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.answers import money
from zaryad.ocpp.v2.orders_profiles import profile_said
from zaryad.ocpp.v2.words import TOKEN_KINDS


def token_said(token: str, kind: TokenKind) -> wire21.IdToken:
    """Say a token."""
    return wire21.IdToken(id_token=token, type=TOKEN_KINDS[kind])


def group_said(group: str | None) -> wire21.IdToken | None:
    """Say the group of a token."""
    return None if group is None else wire21.IdToken(id_token=group, type="Central")


def start(order: orders.StartCharging, number: int) -> wire.Wire:
    """Say RequestStartTransaction; the number comes back with the transaction."""
    return wire21.RequestStartTransactionRequest(
        id_token=token_said(order.token, order.token_kind),
        remote_start_id=number,
        evse_id=evse_of(order.connector)[0] or None,
        group_id_token=group_said(order.group),
        charging_profile=None if order.profile is None else profile_said(order.profile),
    )


def stop(order: orders.StopCharging, _number: int) -> wire.Wire:
    """Say RequestStopTransaction."""
    return wire.RequestStopTransactionRequest(transaction_id=order.charge_ref)


def reset(order: orders.ResetStation, _number: int) -> wire.Wire:
    """Say Reset: of the station, or of one EVSE."""
    evse = None if order.connector is None else evse_of(order.connector)[0] or None
    return wire.ResetRequest(type="Immediate" if order.hard else "OnIdle", evse_id=evse)


def unlock(order: orders.UnlockConnector, _number: int) -> wire.Wire:
    """Say UnlockConnector."""
    evse, outlet = evse_of(order.connector)
    return wire.UnlockConnectorRequest(evse_id=evse, connector_id=outlet)


def availability(order: orders.ChangeAvailability, _number: int) -> wire.Wire:
    """Say ChangeAvailability: of the station, an EVSE, or one connector."""
    evse, outlet = evse_of(order.connector)
    return wire.ChangeAvailabilityRequest(
        operational_status="Operative" if order.operative else "Inoperative",
        evse=wire.EVSE(id=evse, connector_id=None if order.whole_evse else outlet) if evse else None,
    )


def data(order: orders.SendData, _number: int) -> wire.Wire:
    """Say DataTransfer."""
    return wire.DataTransferRequest(vendor_id=order.vendor, message_id=order.message, data=order.data)


def trigger(order: orders.Trigger, _number: int) -> wire.Wire:
    """Say TriggerMessage; for a StatusNotification the connector is named too (F06)."""
    place = None
    if order.connector:
        evse, outlet = evse_of(order.connector)
        place = wire.EVSE(id=evse, connector_id=outlet if order.message == "StatusNotification" else None)
    return wire21.TriggerMessageRequest(
        requested_message=order.message,  # type: ignore[arg-type]  # an unknown word is found when it is made strict
        evse=place,
        custom_trigger=order.custom,
    )


def transaction_status(order: orders.AskTransaction, _number: int) -> wire.Wire:
    """Say GetTransactionStatus."""
    return wire.GetTransactionStatusRequest(transaction_id=order.charge_ref)


def cost(order: orders.ShowCost, _number: int) -> wire.Wire:
    """Say CostUpdated."""
    return wire.CostUpdatedRequest(total_cost=money(order.total_minor, order.exponent), transaction_id=order.charge_ref)


def reserve(order: orders.Reserve, _number: int) -> wire.Wire:
    """Say ReserveNow; without an EVSE any one is kept free."""
    return wire21.ReserveNowRequest(
        id=order.reservation,
        expiry_date_time=whole_seconds(order.expires_at),
        id_token=token_said(order.token, order.token_kind),
        evse_id=evse_of(order.connector)[0] or None,
        group_id_token=group_said(order.group),
    )


def cancel_reservation(order: orders.CancelReservation, _number: int) -> wire.Wire:
    """Say CancelReservation."""
    return wire.CancelReservationRequest(reservation_id=order.reservation)
