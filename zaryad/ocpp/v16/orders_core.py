"""Orders that make a 1.6 station do something now, and its configuration, in its words."""

from __future__ import annotations

from typing import get_args

from zaryad.link import orders
from zaryad.ocpp.strict import UnsayableError
from zaryad.ocpp.v16 import contract, wire
from zaryad.ocpp.v16.orders_profiles import profile_said

Said = tuple[str, wire.Wire]

_PLAIN = frozenset(get_args(wire.Triggerable))
_EXTENDED = frozenset(get_args(wire.ExtendedTriggerable))
_OTHER_NAMES = {"SignChargingStationCertificate": "SignChargePointCertificate"}  # 2.x's


def start(order: orders.StartCharging, _number: int) -> Said:
    """Say RemoteStartTransaction."""
    profile = None if order.profile is None else profile_said(order.profile)
    return "RemoteStartTransaction", wire.RemoteStartTransaction(
        connector_id=order.connector or None, id_tag=order.token, charging_profile=profile
    )


def stop(order: orders.StopCharging, _number: int) -> Said:
    """Say RemoteStopTransaction."""
    try:
        return "RemoteStopTransaction", wire.RemoteStopTransaction(transaction_id=int(order.charge_ref))
    except ValueError as error:
        raise UnsayableError("a transaction id of 1.6 is a number") from error


def reset(order: orders.ResetStation, _number: int) -> Said:
    """Say Reset, of all the station."""
    if order.connector:
        raise UnsayableError("1.6 resets the whole station only")
    return "Reset", wire.Reset(type="Hard" if order.hard else "Soft")


def unlock(order: orders.UnlockConnector, _number: int) -> Said:
    """Say UnlockConnector."""
    return "UnlockConnector", wire.UnlockConnector(connector_id=order.connector)


def availability(order: orders.ChangeAvailability, _number: int) -> Said:
    """Say ChangeAvailability."""
    return "ChangeAvailability", wire.ChangeAvailability(
        connector_id=order.connector, type="Operative" if order.operative else "Inoperative"
    )


def read(order: orders.ReadConfiguration, _number: int) -> Said:
    """Say GetConfiguration."""
    return "GetConfiguration", wire.GetConfiguration(key=list(order.keys) or None)


def change(order: orders.ChangeConfiguration, _number: int) -> Said:
    """Say ChangeConfiguration."""
    return "ChangeConfiguration", wire.ChangeConfiguration(key=order.key, value=order.value)


def clear_cache(_order: orders.ClearCache, _number: int) -> Said:
    """Say ClearCache."""
    return "ClearCache", wire.ClearCache()


def data(order: orders.SendData, _number: int) -> Said:
    """Say DataTransfer."""
    return "DataTransfer", wire.DataTransfer(vendor_id=order.vendor, message_id=order.message, data=order.data)


def trigger(order: orders.Trigger, number: int) -> Said:
    """Say TriggerMessage; a newer word as ExtendedTriggerMessage, one about V2G inside DataTransfer."""
    message = _OTHER_NAMES.get(order.message, order.message)
    if message in contract.TRIGGERS:
        return contract.said(order, number)
    if message in _PLAIN or message not in _EXTENDED:
        return "TriggerMessage", wire.TriggerMessage(
            requested_message=message,  # type: ignore[arg-type]  # an unknown word is found when it is made strict
            connector_id=order.connector,
        )
    return "ExtendedTriggerMessage", wire.ExtendedTriggerMessage(
        requested_message=message,  # type: ignore[arg-type]  # it is one of them
        connector_id=order.connector,
    )
