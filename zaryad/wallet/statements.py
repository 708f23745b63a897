"""What happened on an account in a period, newest first, with the balance after each line.

Lines are ordered by (at, seq): `at` is when the movement was posted, `seq` settles ties.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import sqlalchemy as sa

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.platform.db import Tx
from zaryad.wallet import tables as t
from zaryad.wallet.model import AccountId, TransferId

LIMIT_MAX = 200


class Entry(msgspec.Struct, frozen=True):
    """One line. `amount` is positive when money came, negative when it went; `text` is the key of its words."""

    transfer_id: TransferId
    at: dt.datetime
    reason: str
    text: str
    about: str | None
    amount: Money
    balance: Money  # after this line


class Statement(msgspec.Struct, frozen=True):
    """A page of a period: `opening` + all its lines = `closing`. `next` is the `after` of the next page."""

    currency: str
    opening: Money
    closing: Money
    entries: tuple[Entry, ...]
    next: str | None


async def statement(
    tx: Tx,
    account: AccountId,
    currency: str,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Statement:
    """Return a page of the account's lines with since <= at < until. INVALID `bad_cursor` for a foreign `after`."""
    side = _sides(account)
    position = None if after is None else _position(after)
    wanted = sa.select(side, t.transfer.c.reason, t.transfer.c.about).join(
        t.transfer, t.transfer.c.id == side.c.transfer_id
    )
    if since is not None:
        wanted = wanted.where(side.c.at >= since)
    if until is not None:
        wanted = wanted.where(side.c.at < until)
    if position is not None:
        wanted = wanted.where(sa.tuple_(side.c.at, side.c.seq) < sa.tuple_(*map(sa.literal, position)))
    size = max(1, min(limit, LIMIT_MAX))
    rows = list(await tx.execute(wanted.order_by(side.c.at.desc(), side.c.seq.desc()).limit(size + 1)))
    page = rows[:size]
    running = await _sum(tx, side, sa.tuple_(side.c.at, side.c.seq) <= _place(page[0])) if page else 0
    entries = []
    for row in page:
        entries.append(
            Entry(
                transfer_id=TransferId(row.transfer_id),
                at=row.at,
                reason=row.reason,
                text=f"ledger.reason.{row.reason}",
                about=row.about,
                amount=Money(row.minor, currency),
                balance=Money(running, currency),
            )
        )
        running -= row.minor
    return Statement(
        currency=currency,
        opening=Money(0 if since is None else await _sum(tx, side, side.c.at < since), currency),
        closing=Money(await _sum(tx, side, sa.true() if until is None else side.c.at < until), currency),
        entries=tuple(entries),
        next=_cursor(page[-1].at, page[-1].seq) if len(rows) > size else None,
    )


def _sides(account: UUID) -> sa.Subquery:
    """Both sides of the account's postings as one signed column."""
    p = t.posting.c
    came = sa.select(p.transfer_id, p.at, p.seq, p.amount_minor.label("minor")).where(p.credit_id == account)
    went = sa.select(p.transfer_id, p.at, p.seq, (-p.amount_minor).label("minor")).where(p.debit_id == account)
    return sa.union_all(came, went).subquery("side")


async def _sum(tx: Tx, side: sa.Subquery, which: sa.ColumnElement[bool]) -> int:
    return int(await tx.scalar(sa.select(sa.func.coalesce(sa.func.sum(side.c.minor), 0)).where(which)) or 0)


def _place(row: sa.Row[tuple[object, ...]]) -> sa.Tuple:
    return sa.tuple_(sa.literal(row.at), sa.literal(row.seq))


def _cursor(at: dt.datetime, seq: int) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%S.%f}-{seq}"


def _position(after: str) -> tuple[dt.datetime, int]:
    try:
        at, seq = after.rsplit("-", 1)
        return dt.datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=dt.UTC), int(seq)
    except ValueError as error:
        raise DomainError(Kind.INVALID, "bad_cursor") from error
