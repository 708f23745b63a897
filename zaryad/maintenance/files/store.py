"""SQL of files."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.maintenance.files.model import FileId, FileKind, Grant, StoredFile
from zaryad.maintenance.files.tables import file_chunk, file_grant, stored_file
from zaryad.platform.db import Tx

_SHOWN = [stored_file.c[name] for name in StoredFile.__struct_fields__]


async def begin(tx: Tx, **values: object) -> None:
    """Write a file down whose bytes are coming."""
    await tx.execute(sa.insert(stored_file).values(**values))


async def add_chunk(tx: Tx, id: FileId, number: int, body: bytes) -> None:
    """Keep a piece; the same again changes nothing."""
    await tx.execute(insert(file_chunk).values(file_id=id, number=number, body=body).on_conflict_do_nothing())


async def complete(tx: Tx, id: FileId, **values: object) -> None:
    """Mark a file as whole."""
    await tx.execute(sa.update(stored_file).where(stored_file.c.id == id).values(complete=True, **values))


async def chunk(tx: Tx, id: FileId, number: int) -> bytes | None:
    """Read a piece."""
    body = await tx.scalar(
        sa.select(file_chunk.c.body).where(file_chunk.c.file_id == id, file_chunk.c.number == number)
    )
    return None if body is None else bytes(body)


async def find(tx: Tx, id: FileId) -> StoredFile | None:
    """Read about a whole file."""
    statement = sa.select(*_SHOWN).where(stored_file.c.id == id, stored_file.c.complete)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, StoredFile)


async def files(
    tx: Tx, kind: FileKind | None, station_id: str | None, before: dt.datetime | None, limit: int
) -> list[StoredFile]:
    """Read about files, the latest first."""
    statement = sa.select(*_SHOWN).where(stored_file.c.complete).order_by(stored_file.c.at.desc()).limit(limit)
    if kind is not None:
        statement = statement.where(stored_file.c.kind == kind)
    if station_id is not None:
        statement = statement.where(stored_file.c.station_id == station_id)
    if before is not None:
        statement = statement.where(stored_file.c.at < before)
    return [msgspec.convert(row, StoredFile) for row in (await tx.execute(statement)).mappings()]


async def drop(tx: Tx, id: FileId) -> None:
    """Delete a file with its pieces."""
    await tx.execute(sa.delete(stored_file).where(stored_file.c.id == id))


async def old(tx: Tx, half_before: dt.datetime, logs_before: dt.datetime, limit: int) -> list[FileId]:
    """Return files that never became whole, and logs that are old enough to go."""
    t = stored_file
    half = sa.and_(sa.not_(t.c.complete), t.c.at < half_before)
    log = sa.and_(t.c.kind == "log", t.c.at < logs_before)
    return [FileId(id) for id in (await tx.execute(sa.select(t.c.id).where(half | log).limit(limit))).scalars()]


async def add_grant(tx: Tx, it: Grant, secret_hash: bytes) -> None:
    """Write a grant."""
    await tx.execute(sa.insert(file_grant).values(secret_hash=secret_hash, **msgspec.structs.asdict(it)))


async def grant(tx: Tx, id: str, secret_hash: bytes, now: dt.datetime) -> Grant | None:
    """Read a grant that holds, and note that it is used. The comparison is of hashes of what nobody can guess."""
    t = file_grant
    statement = sa.update(t).where(t.c.id == id, t.c.secret_hash == secret_hash, t.c.expires_at > now)
    columns = [t.c[name] for name in Grant.__struct_fields__]
    row = (await tx.execute(statement.values(used_at=now).returning(*columns))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Grant)


async def take_upload(tx: Tx, id: str, most: int) -> bool:
    """Count an upload of a grant; False when it has had its share."""
    t = file_grant
    done = await tx.execute(sa.update(t).where(t.c.id == id, t.c.uploads < most).values(uploads=t.c.uploads + 1))
    return done.rowcount == 1


async def end_grants(tx: Tx, order_id: UUID, now: dt.datetime) -> None:
    """End what an order's credentials allow."""
    t = file_grant
    await tx.execute(sa.update(t).where(t.c.order_id == order_id, t.c.expires_at > now).values(expires_at=now))


async def forget_grants(tx: Tx, before: dt.datetime) -> None:
    """Delete grants that have been over for long."""
    await tx.execute(sa.delete(file_grant).where(file_grant.c.expires_at < before))
