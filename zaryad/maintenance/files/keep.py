"""Takes files in piece by piece, and gives them out: nothing is held in memory but one piece."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator

import structlog

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.maintenance.files import store
from zaryad.maintenance.files.model import CHUNK, NAME_MAX, FileId, FileKind, StoredFile
from zaryad.platform.db import Db

log = structlog.get_logger()

HALF_FILES_KEPT = dt.timedelta(hours=24)
SWEEP_AT_ONCE = 100


class Taker:
    """A file that is being taken in. `take` its bytes in order, then `finish`; or `give_up`."""

    def __init__(self, db: Db, *, kind: FileKind, name: str, most: int, by: str, station_id: str | None = None) -> None:
        self.id = FileId(new_id())
        self._db = db
        self._kind: FileKind = kind
        self._name = clean_name(name)
        self._most = most
        self._by = by
        self._station_id = station_id
        self._rest = bytearray()
        self._number = 0
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)

    async def begin(self, now: dt.datetime) -> None:
        """Write down that it is coming."""
        self._at = now
        async with self._db.begin() as tx:
            await store.begin(
                tx,
                id=self.id,
                kind=self._kind,
                name=self._name,
                brought_by=self._by,
                station_id=self._station_id,
                at=now,
            )

    async def take(self, data: bytes) -> None:
        """Take more; DomainError TOO_LARGE beyond the limit."""
        self._size += len(data)
        if self._size > self._most:
            raise DomainError(Kind.INVALID, "file_too_large", most_mib=self._most >> 20)
        self._sha256.update(data)
        self._md5.update(data)
        self._rest += data
        while len(self._rest) >= CHUNK:
            await self._keep(bytes(self._rest[:CHUNK]))
            del self._rest[:CHUNK]

    async def finish(self, *, sha256: str | None = None) -> StoredFile:
        """Keep the last piece; DomainError INVALID when it is empty, or not what its sender says it is."""
        if self._size == 0:
            raise DomainError(Kind.INVALID, "file_empty")
        if sha256 is not None and sha256.strip().lower() != self._sha256.hexdigest():
            raise DomainError(Kind.INVALID, "file_hash_wrong", found=self._sha256.hexdigest())
        if self._rest:
            await self._keep(bytes(self._rest))
        whole = StoredFile(
            id=self.id,
            kind=self._kind,
            name=self._name,
            size=self._size,
            sha256=self._sha256.hexdigest(),
            md5=self._md5.hexdigest(),
            station_id=self._station_id,
            brought_by=self._by,
            at=self._at,
        )
        async with self._db.begin() as tx:
            await store.complete(tx, self.id, size=whole.size, sha256=whole.sha256, md5=whole.md5)
        return whole

    async def give_up(self) -> None:
        """Forget what has come so far; what cannot be forgotten now, the sweep does."""
        try:
            async with self._db.begin() as tx:
                await store.drop(tx, self.id)
        except Exception as error:  # noqa: BLE001  # the sweep comes by
            log.warning("files.half_left", file=str(self.id), error=repr(error)[:200])

    async def _keep(self, body: bytes) -> None:
        async with self._db.begin() as tx:
            await store.add_chunk(tx, self.id, self._number, body)
        self._number += 1


async def take_in(
    taker: Taker, stream: AsyncIterator[bytes], now: dt.datetime, *, sha256: str | None = None
) -> StoredFile:
    """Take a whole stream in, or nothing of it."""
    await taker.begin(now)
    try:
        async for data in stream:
            await taker.take(data)
        return await taker.finish(sha256=sha256)
    except BaseException:
        await taker.give_up()
        raise


async def give_out(db: Db, it: StoredFile, start: int, end: int) -> AsyncIterator[bytes]:
    """Give the bytes from `start` up to, and without, `end`."""
    for number in range(start // CHUNK, (end + CHUNK - 1) // CHUNK):
        async with db.begin() as tx:
            body = await store.chunk(tx, it.id, number)
        if body is None:
            raise RuntimeError(f"file {it.id} lacks piece {number}")
        offset = number * CHUNK
        yield body[max(start - offset, 0) : max(end - offset, 0)]


async def sweep(db: Db, now: dt.datetime, logs_kept: dt.timedelta) -> int:
    """Delete what never became whole and logs that are old; returns how many files."""
    async with db.begin() as tx:
        await store.forget_grants(tx, now - logs_kept)
        due = await store.old(tx, now - HALF_FILES_KEPT, now - logs_kept, SWEEP_AT_ONCE)
    for id in due:
        async with db.begin() as tx:
            await store.drop(tx, id)
    return len(due)


def clean_name(name: str) -> str:
    """Return a name that is only a name: no path, nothing unprintable."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable() and letter not in '"<>|:*?')[:NAME_MAX] or "file"
