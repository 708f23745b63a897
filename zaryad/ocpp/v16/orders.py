"""Our orders in OCPP 1.6's words, those of its security extension among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zaryad.link import orders
from zaryad.ocpp.strict import UnsayableError, strictly
from zaryad.ocpp.v16 import orders_core as core
from zaryad.ocpp.v16 import orders_files as files
from zaryad.ocpp.v16 import orders_profiles as profiles
from zaryad.ocpp.v16 import wire

SAID: dict[type[orders.Order], Callable[[Any, int], tuple[str, wire.Wire]]] = {
    orders.StartCharging: core.start,
    orders.StopCharging: core.stop,
    orders.ResetStation: core.reset,
    orders.UnlockConnector: core.unlock,
    orders.ChangeAvailability: core.availability,
    orders.ReadConfiguration: core.read,
    orders.ChangeConfiguration: core.change,
    orders.ClearCache: core.clear_cache,
    orders.SendData: core.data,
    orders.Trigger: core.trigger,
    orders.SetProfile: profiles.set_profile,
    orders.ClearProfiles: profiles.clear_profiles,
    orders.ComposeSchedule: profiles.compose,
    orders.SendLocalList: profiles.local_list,
    orders.AskListVersion: profiles.list_version,
    orders.Reserve: profiles.reserve,
    orders.CancelReservation: profiles.cancel_reservation,
    orders.UpdateFirmware: files.update,
    orders.FetchLog: files.fetch_log,
    orders.InstallCertificate: files.install,
    orders.DeleteCertificate: files.delete,
    orders.ListCertificates: files.installed,
    orders.GiveCertificate: files.give,
}


def said(order: orders.Order, number: int) -> tuple[str, wire.Wire]:
    """Return the action and the body; UnsayableError when it would break the standard. Strict in what we send."""
    if type(order) not in SAID:
        raise UnsayableError("there is no such order in OCPP 1.6")
    action, body = SAID[type(order)](order, number)
    return action, strictly(body, wire.TO_STATION[action][0])
