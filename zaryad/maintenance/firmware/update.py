"""Updates one station: the order, the station's words, and the boot that proves it.

What a station says about an update may come late, or never: its version at the next boot is what counts.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from zaryad import stations
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders
from zaryad.link.facts import Booted, FirmwareReported, StationId
from zaryad.link.orders import OrderId, OrderState, Placed, UpdateFirmware
from zaryad.maintenance.campaigns import store as campaigns
from zaryad.maintenance.files import store as files
from zaryad.maintenance.files.grant import grant_download
from zaryad.maintenance.files.model import FileId, Via
from zaryad.maintenance.files.model import Settings as Files
from zaryad.maintenance.firmware import store
from zaryad.maintenance.firmware.model import (
    BAD,
    RANK,
    STEPS,
    Firmware,
    FirmwareId,
    Settings,
    Update,
    UpdateId,
    UpdateState,
)
from zaryad.platform.bus import part
from zaryad.platform.db import Db, Tx

PRIORITY = 7
RETRIES = 3
RETRY_INTERVAL_S = 120
STEPS_MAX = 100
SWEEP_AT_ONCE = 500


async def find_firmware(tx: Tx, id: FirmwareId) -> Firmware:
    """Return a firmware, or DomainError NOT_FOUND."""
    found = await store.find(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "firmware_unknown")
    return found


async def bring_firmware(tx: Tx, it: Firmware) -> Firmware:
    """Describe a file as firmware; the same again changes nothing.

    DomainError INVALID without a file, a make, a version, or with half of a signature; CONFLICT for another's id.
    """
    named = all(0 < len(text.strip()) <= 100 for text in (it.vendor, it.model, it.version))
    if not named or len(it.note) > 2_000 or (it.certificate is None) != (it.signature is None):
        raise DomainError(Kind.INVALID, "firmware_invalid")
    if len(it.certificate or "") > 5_500 or len(it.signature or "") > 800:  # OCPP's lengths
        raise DomainError(Kind.INVALID, "firmware_signature_invalid")
    file = await files.find(tx, FileId(it.file_id))
    if file is None or file.kind != "firmware":
        raise DomainError(Kind.INVALID, "firmware_file_unknown")
    if not await store.add(tx, it):
        known = await find_firmware(tx, it.id)
        if (known.file_id, known.version) != (it.file_id, it.version):
            raise DomainError(Kind.CONFLICT, "firmware_id_taken")
        return known
    return it


async def update(  # noqa: PLR0917  # what, where, by which rules, for whom
    tx: Tx,
    rules: Settings,
    file_rules: Files,
    id: UpdateId,
    station_id: StationId,
    firmware_id: FirmwareId,
    author: str,
    now: dt.datetime,
    *,
    via: Via = "http",
    campaign_id: UUID | None = None,
) -> Update:
    """Order a station to fetch and install a firmware; the id is the client's, and the order's.

    DomainError NOT_FOUND, INVALID when it is not for this make, CONFLICT while another update is under way.
    """
    station = await stations.station(tx, station_id, now)
    it = await find_firmware(tx, firmware_id)
    known = await store.update(tx, id)
    if known is not None:
        if (known.station_id, known.firmware_id) != (station_id, firmware_id):
            raise DomainError(Kind.CONFLICT, "update_id_taken")
        return known
    if it.withdrawn:
        raise DomainError(Kind.CONFLICT, "firmware_withdrawn")
    if not it.fits(station.vendor, station.model):
        raise DomainError(Kind.INVALID, "firmware_not_for_this", vendor=station.vendor or "", model=station.model or "")
    new = await store.add_update(
        tx,
        id=id,
        station_id=station_id,
        firmware_id=firmware_id,
        campaign_id=campaign_id,
        author=author,
        from_version=station.firmware,
        state="asked",
        asked_at=now,
        changed_at=now,
    )
    if not new:
        raise DomainError(Kind.CONFLICT, "update_under_way")
    file = await files.find(tx, FileId(it.file_id))
    assert file is not None, "a firmware has its file"
    until = now + dt.timedelta(hours=rules.update_within_h)
    url = await grant_download(tx, file_rules, station_id, file.id, file.name, id, until, via)
    order = UpdateFirmware(
        url=url,
        retrieve_at=now,
        install_at=None,
        retries=RETRIES,
        retry_interval_s=RETRY_INTERVAL_S,
        certificate=it.certificate,
        signature=it.signature,
    )
    before = now + dt.timedelta(minutes=rules.order_within_min)
    await orders.place(tx, OrderId(id), station_id, order, author=author, now=now, before=before, priority=PRIORITY)
    found = await store.update(tx, id)
    assert found is not None
    return found


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """Take in the station's answer to the order."""
    if not isinstance(placed.order, UpdateFirmware):
        return
    it = await store.update(tx, placed.id, lock=True)
    if it is None or it.ended_at is not None:
        return
    if placed.state is OrderState.DONE:
        if it.state == "asked":
            await _move(tx, it, "accepted", now)
        return
    silent = placed.state in (OrderState.EXPIRED, OrderState.CANCELLED)
    word = placed.detail.get("status") or placed.detail.get("error") or placed.detail.get("why")
    await _move(tx, it, "expired" if silent else "refused", now, why=str(word or placed.state.value)[:200])


async def note_firmware(tx: Tx, fact: FirmwareReported) -> None:
    """Follow an update by the station's words; a number says which, and without one it is the one under way."""
    it = None
    if fact.request is not None:
        placed = await orders.numbered(tx, fact.station_id, fact.request)
        it = None if placed is None else await store.update(tx, placed.id, lock=True)
    if it is None:
        it = await store.open_update(tx, fact.station_id)
    state = STEPS.get(fact.status)
    if it is None or it.station_id != fact.station_id or it.ended_at is not None or state is None:
        return
    if state not in BAD and RANK[state] < RANK[it.state]:
        state = it.state  # said late, or again: kept as a step, and no way back
    step = fact.status[:50] if len(it.steps) < STEPS_MAX else None
    await _move(tx, it, state, fact.received_at, why=fact.status[:50] if state in BAD else None, step=step)


async def booted(tx: Tx, fact: Booted) -> None:
    """Compare the version a station boots with to the one that was meant.

    One that boots with the new version has it, whatever it said before. One that says it has installed it and boots
    with the old has not.
    """
    it = await store.open_update(tx, fact.station_id)
    if it is None:
        it = await store.last_update(tx, fact.station_id)
        if it is None or it.state not in ("failed", "expired"):
            return
    meant = await find_firmware(tx, it.firmware_id)
    said = (fact.firmware or "").strip()
    if said == meant.version:
        await _move(tx, it, "verified", fact.received_at, step=f"boot {said}"[:50])
    elif it.state == "installed" and said == (it.from_version or "").strip():
        await _move(tx, it, "failed", fact.received_at, why="old_version_again", step=f"boot {said}"[:50])


async def sweep(db: Db, rules: Settings, now: dt.datetime) -> int:
    """End updates that nothing is heard of any more; returns how many.

    Installed by the station's word, and no boot with the new version since: it counts as failed, since nobody knows.
    """
    asked_before = now - dt.timedelta(hours=rules.update_within_h)
    installed_before = now - dt.timedelta(minutes=rules.verify_within_min)
    async with db.begin() as tx:
        found = await store.late(tx, asked_before, installed_before, SWEEP_AT_ONCE)
        for it in found:
            await _move(tx, it, "expired", now, why="not_verified" if it.state == "installed" else "silent")
    return len(found)


async def _move(  # noqa: PLR0917  # where to, and what was said
    tx: Tx, it: Update, state: UpdateState, now: dt.datetime, why: str | None = None, step: str | None = None
) -> None:
    over = state in BAD or state == "verified"
    await store.change_update(tx, it.id, now, step=step, state=state, why=why, ended_at=now if over else None)
    if over:
        await files.end_grants(tx, it.id, now)
        await campaigns.end_item(tx, it.id, good=state == "verified", why=why, now=now)
    tx.hint(f"station.{part(it.station_id)}", b"firmware")
