"""Registration tokens: in a station's URL, a token stands for a person's approval. It is shown once and kept hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import READABLE
from zaryad.link.facts import StationId
from zaryad.platform.bus import part
from zaryad.platform.db import Tx
from zaryad.stations import find, network
from zaryad.stations.model import CONNECTORS_MAX, AdmissionStatus, ConnectorPlan, LocationId
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.onboarding.model import NOTE_MAX, USES_MAX, RegistrationToken

LENGTH = 24  # of an alphabet of 28: 115 bits, which nobody guesses through a door that counts
LIFE_MAX = dt.timedelta(days=366)


async def create(
    tx: Tx,
    id: UUID,
    location_id: LocationId,
    connectors: Sequence[ConnectorPlan],
    *,
    tariff_id: UUID | None = None,
    max_uses: int = 1,
    expires_at: dt.datetime,
    note: str = "",
    by: UUID,
    key: bytes,
    now: dt.datetime,
) -> tuple[RegistrationToken, str]:
    """Make a token and return it with its text, which can never be read again.

    Stations made by it stand in the location, with these connectors; `tariff_id` is for those whose plan names none.
    DomainError INVALID for what no station could have, CONFLICT for an id that is taken.
    """
    await find.location(tx, location_id)
    if not 1 <= max_uses <= USES_MAX:
        raise DomainError(Kind.INVALID, "token_uses_invalid", most=USES_MAX)
    if not now < expires_at <= now + LIFE_MAX:
        raise DomainError(Kind.INVALID, "token_expiry_invalid", days=LIFE_MAX.days)
    if len(note) > NOTE_MAX:
        raise DomainError(Kind.INVALID, "note_too_long", most=NOTE_MAX)
    plans = [
        msgspec.structs.replace(plan, tariff_id=tariff_id) if plan.tariff_id is None else plan for plan in connectors
    ]
    if len(plans) > CONNECTORS_MAX or len({plan.number for plan in plans}) < len(plans):
        raise DomainError(Kind.INVALID, "connectors_repeat")
    for plan in plans:
        network.check_connector(plan)
    text = "".join(secrets.choice(READABLE) for _ in range(LENGTH))
    made = RegistrationToken(
        id=id,
        location_id=location_id,
        connectors=plans,
        max_uses=max_uses,
        expires_at=expires_at,
        created_at=now,
        created_by=by,
        note=note,
    )
    if not await strangers.put_token(tx, made, token_hash(key, text)):
        raise DomainError(Kind.CONFLICT, "token_id_taken")
    return made, text


async def redeem(
    tx: Tx, station_id: StationId, text: str, now: dt.datetime, key: bytes
) -> tuple[AdmissionStatus, RegistrationToken | None]:
    """Make the station that comes with a token, or say why not. One use is one station, however often it comes."""
    token = await strangers.token_for_use(tx, token_hash(key, text))
    if token is None:
        return AdmissionStatus.TOKEN_UNKNOWN, None
    if token.revoked_at is not None:
        return AdmissionStatus.TOKEN_REVOKED, token
    if now >= token.expires_at:
        return AdmissionStatus.TOKEN_EXPIRED, token
    if token.used >= token.max_uses:
        return AdmissionStatus.TOKEN_USED_UP, token
    values = {"location_id": token.location_id, "origin": f"token:{token.id}", "created_at": now}
    if await strangers.add_station(tx, station_id, values):
        for plan in token.connectors:
            await network.put_connector(tx, station_id, plan)
        await strangers.count_use(tx, token.id, now)
        await strangers.drop_knock(tx, station_id)
        tx.hint(f"station.{part(station_id)}", b"station")
    return AdmissionStatus.OK, token


async def revoke(tx: Tx, id: UUID, now: dt.datetime) -> None:
    """Make the token open nothing any more; the stations it made stay. DomainError NOT_FOUND."""
    if not await strangers.revoke_token(tx, id, now):
        raise DomainError(Kind.NOT_FOUND, "registration_token_unknown")


async def list_tokens(tx: Tx, *, limit: int = 100, after: UUID | None = None) -> list[RegistrationToken]:
    """Return tokens, newest first, without their texts."""
    return await strangers.tokens(tx, limit, after)


def token_hash(key: bytes, text: str) -> bytes:
    """Return what is stored of a token; letters may come in either case, since people type them."""
    return hmac.new(key, b"registration-token\0" + text.upper().encode(), hashlib.sha256).digest()
