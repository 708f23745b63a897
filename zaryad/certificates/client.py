"""Whose certificate is shown at the door, and whether it is good today. Nothing is left to the TLS library's word."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from cryptography.x509.oid import NameOID

from zaryad.certificates import path, read, store
from zaryad.certificates.authority import authority
from zaryad.certificates.model import Settings, Status, WhoIs
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.platform.seal import Seal

Shown = Literal[
    "none",
    "good",
    "certificate_unreadable",
    "certificate_expired",
    "certificate_revoked",
    "certificate_not_trusted",
    "certificate_of_another",
]


async def judge_client(  # noqa: PLR0911, PLR0917  # one return for each verdict
    tx: Tx, rules: Settings, seal: Seal, who_is: WhoIs, station_id: StationId, der: bytes | None, now: dt.datetime
) -> Shown:
    """Judge the certificate of a handshake for the station whose URL it came to."""
    if der is None:
        return "none"
    try:
        shown = read.from_der(der)
    except read.UnreadableError:
        return "certificate_unreadable"
    row = await store.by_fingerprint(tx, read.fingerprint(shown))
    if row is not None and row.status is Status.REVOKED:
        return "certificate_revoked"
    by = await authority(tx, rules, seal, now)
    between = [*by.middle] if row is None else [*by.middle, *read.chain(await store.chain_of(tx, row.id) or "")[1:]]
    good: Shown = "good"
    try:
        path.build(shown, between, [by.root], now)
    except path.PathExpiredError:
        good = "certificate_expired"  # and otherwise good: told only to whom it belongs
    except path.PathError:
        return "certificate_not_trusted"
    if row is not None:
        return good if row.station_id == station_id and row.use == "station" else "certificate_of_another"
    if read.name_part(shown.subject, NameOID.ORGANIZATION_NAME) != rules.operator:
        return "certificate_not_trusted"
    station = await who_is(tx, station_id, now)
    mine = {str(station_id), station.serial if station is not None else None} - {None, ""}
    return good if read.common_name(shown) in mine else "certificate_of_another"


async def trust_pem(tx: Tx, rules: Settings, seal: Seal, now: dt.datetime) -> str:
    """Return what a TLS door asks client certificates of: our root and what signs under it."""
    by = await authority(tx, rules, seal, now)
    return read.pem(dict.fromkeys([by.root, by.certificate]))
