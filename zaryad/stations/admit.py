"""Who may open a connection, decided before the upgrade: a station hears 404, 401 or 403, not a dropped socket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.link.answers import BootStatus
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations import store
from zaryad.stations.model import DEFAULTS, STATION_ID_MAX, Admission, AdmissionStatus, Settings
from zaryad.stations.password import password_fits


async def admit(  # noqa: PLR0917  # all that a handshake carries
    tx: Tx,
    station_id: StationId,
    password: bytes | None,
    address: str,
    user_agent: str,
    subprotocols: Sequence[str],
    now: dt.datetime,
    key: bytes,
    rules: Settings = DEFAULTS,
) -> Admission:
    """Judge a handshake by one look-up; `password` is the header's, as bytes, and `key` the deployment's secret.

    A station without a stored password is let in with any or none (security profile 0). Whoever is unknown,
    or has a wrong password, is counted in the inbox.
    """
    row = await store.at_the_door(tx, station_id) if speakable(station_id) else None
    if row is None:
        verdict = Admission(AdmissionStatus.UNKNOWN)
        if rules.unknown_stations == "refuse":
            return verdict
    elif password_fits(row, password, key) is None:
        verdict = Admission(AdmissionStatus.BAD_PASSWORD)
    elif row["admin_state"] == "disabled":
        return Admission(AdmissionStatus.DISABLED, BootStatus(row["boot_status"]))
    else:
        return Admission(AdmissionStatus.OK, BootStatus(row["boot_status"]))
    if speakable(station_id):
        values = {
            "station_id": station_id,
            "address": _clean(address, 64),
            "user_agent": _clean(user_agent, 200),
            "subprotocols": [_clean(name, 40) for name in subprotocols[:10]],
            "had_password": password is not None,
            "reason": verdict.status.value,
        }
        await store.note_knock(tx, values, now)
    return verdict


def speakable(station_id: str) -> bool:
    """Whether it can be an OCPP identity: 1 to 48 printable characters without a colon (OCPP-J 3.1, Part 4)."""
    return 0 < len(station_id) <= STATION_ID_MAX and station_id.isprintable() and ":" not in station_id


def _clean(text: str, most: int) -> str:
    return "".join(letter for letter in text[:most] if letter.isprintable())
