"""SQL of receipts."""

from __future__ import annotations

from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.charging.receipts.model import Receipt
from zaryad.charging.receipts.tables import receipt as t
from zaryad.charging.receipts.tables import receipt_count
from zaryad.platform.db import Tx


async def next_in_year(tx: Tx, year: int) -> int:
    """Take the year's next number. Its row stays locked until the commit, so a rollback leaves no gap."""
    statement = (
        insert(receipt_count)
        .values(year=year, last=1)
        .on_conflict_do_update(index_elements=["year"], set_={"last": receipt_count.c.last + 1})
        .returning(receipt_count.c.last)
    )
    taken = await tx.scalar(statement)
    assert isinstance(taken, int)
    return taken


async def insert_receipt(tx: Tx, receipt: Receipt, person_id: UUID | None) -> None:
    """Write it down."""
    await tx.execute(
        t.insert().values(
            session_id=receipt.session_id,
            number=receipt.number,
            person_id=person_id,
            issued_at=receipt.issued_at,
            data=msgspec.to_builtins(receipt),
        )
    )


async def find_receipt(tx: Tx, session_id: UUID) -> tuple[Receipt, UUID | None] | None:
    """Return the session's receipt and whose it is."""
    row = (await tx.execute(sa.select(t.c.data, t.c.person_id).where(t.c.session_id == session_id))).one_or_none()
    return None if row is None else (msgspec.convert(row.data, Receipt), row.person_id)
