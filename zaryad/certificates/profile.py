"""What a station needs before its security profile may rise: our root at the station, a certificate of its own."""

from __future__ import annotations

import datetime as dt

from zaryad.certificates import read, store
from zaryad.certificates.contracts import store as trust
from zaryad.certificates.model import Status
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx


async def has_csms_root(tx: Tx, station_id: StationId, pem: str) -> bool:
    """Whether the station has taken this root from us as the one it knows its CSMS by."""
    return await trust.is_installed(tx, station_id, "csms_root", read.fingerprint(read.chain(pem)[0]))


async def has_certificate(tx: Tx, station_id: StationId, now: dt.datetime) -> bool:
    """Whether the station has taken a certificate that is good for mutual TLS now."""
    found = await store.certificates(tx, station_id=station_id, use="station", status=Status.ACTIVE)
    return any(each.not_before <= now < each.not_after for each in found)
