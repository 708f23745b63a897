"""A file that a station was asked for has come."""

from __future__ import annotations

import datetime as dt

from zaryad.maintenance.files.model import Grant, StoredFile
from zaryad.maintenance.logs import store
from zaryad.platform.bus import part
from zaryad.platform.db import Db


async def arrived(db: Db, leave: Grant, it: StoredFile, now: dt.datetime) -> None:
    """Note the file with its request. It is the proof itself: the station's word for it may come late, or never."""
    async with db.begin() as tx:
        request = await store.find(tx, leave.order_id, lock=True)
        if request is not None:
            await store.add_file(tx, request.id, it.id, now)
            await store.change(tx, request.id, now, state="uploaded")
        tx.hint(f"station.{part(leave.station_id)}", b"log")
