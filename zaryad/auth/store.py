"""SQL of signing in."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.accounts import PersonId
from zaryad.auth.model import SignIn
from zaryad.auth.tables import refresh_token, sign_in, sign_in_code, sign_in_count
from zaryad.platform.db import Tx

SLICE = dt.timedelta(minutes=10)
HOUR = dt.timedelta(hours=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_SIGN_IN = (
    sign_in.c.id,
    sign_in.c.person_id,
    sign_in.c.way,
    sign_in.c.created_at,
    sign_in.c.last_used_at,
    sign_in.c.expires_at,
    sign_in.c.revoked_at,
    sign_in.c.address,
    sign_in.c.user_agent,
)


async def lock_code(tx: Tx, phone: str, fresh_id: UUID, now: dt.datetime) -> sa.Row[Any]:
    """Lock the phone's row, made empty when there was none: known and unknown phones take the same way."""
    empty = {"id": fresh_id, "expires_at": now, "tries_left": 0, "sent_at": [], "touched_at": now}
    await tx.execute(insert(sign_in_code).values(phone=phone, **empty).on_conflict_do_nothing())
    statement = sa.select(sign_in_code).where(sign_in_code.c.phone == phone).with_for_update()
    return (await tx.execute(statement)).one()


async def write_code(tx: Tx, phone: str, **values: object) -> None:
    """Change the phone's row."""
    await tx.execute(sa.update(sign_in_code).where(sign_in_code.c.phone == phone).values(**values))


async def count(tx: Tx, subject: str, now: dt.datetime) -> None:
    """Note that it happened once more."""
    start = _EPOCH + (now - _EPOCH) // SLICE * SLICE
    statement = insert(sign_in_count).values(subject=subject, slice=start, times=1)
    statement = statement.on_conflict_do_update(
        index_elements=[sign_in_count.c.subject, sign_in_count.c.slice], set_={"times": sign_in_count.c.times + 1}
    )
    await tx.execute(statement)


async def counted(tx: Tx, subject: str, now: dt.datetime) -> int:
    """Return how often it happened in the last hour."""
    statement = sa.select(sa.func.coalesce(sa.func.sum(sign_in_count.c.times), 0)).where(
        sign_in_count.c.subject == subject, sign_in_count.c.slice > now - HOUR
    )
    return int((await tx.execute(statement)).scalar_one())


async def open_family(tx: Tx, values: dict[str, object], token_hash: bytes) -> None:
    """Write a sign-in with its first token."""
    await tx.execute(insert(sign_in).values(**values))
    await add_token(tx, values["id"], 0, token_hash, values["created_at"])


async def add_token(tx: Tx, family: object, generation: int, token_hash: bytes, now: object) -> None:
    """Write a family's next token."""
    row = {"hash": token_hash, "sign_in_id": family, "generation": generation, "issued_at": now}
    await tx.execute(insert(refresh_token).values(**row))


async def lock_family(tx: Tx, token_hash: bytes) -> SignIn | None:
    """Lock the sign-in that a token belongs to."""
    family = sa.select(refresh_token.c.sign_in_id).where(refresh_token.c.hash == token_hash).scalar_subquery()
    statement = sa.select(*_SIGN_IN).where(sign_in.c.id == family).with_for_update()
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, SignIn)


async def token(tx: Tx, token_hash: bytes) -> sa.Row[Any]:
    """Read a token whose family is locked."""
    return (await tx.execute(sa.select(refresh_token).where(refresh_token.c.hash == token_hash))).one()


async def newest_generation(tx: Tx, family: UUID) -> int:
    """Return the number of the family's newest token."""
    statement = sa.select(sa.func.max(refresh_token.c.generation)).where(refresh_token.c.sign_in_id == family)
    return int((await tx.execute(statement)).scalar_one())


async def use_token(tx: Tx, token_hash: bytes, now: dt.datetime) -> None:
    """Note that a token was rotated."""
    await tx.execute(sa.update(refresh_token).where(refresh_token.c.hash == token_hash).values(used_at=now))


async def write_family(tx: Tx, id: UUID, **values: object) -> None:
    """Change a sign-in."""
    await tx.execute(sa.update(sign_in).where(sign_in.c.id == id).values(**values))


async def revoke(
    tx: Tx, now: dt.datetime, why: str, *, person_id: PersonId | None = None, id: UUID | None = None
) -> int:
    """End the person's open sign-ins, or one of them, or one whoever it is of; return how many."""
    assert person_id is not None or id is not None, "never everybody's"
    statement = sa.update(sign_in).where(sign_in.c.revoked_at.is_(None))
    if person_id is not None:
        statement = statement.where(sign_in.c.person_id == person_id)
    if id is not None:
        statement = statement.where(sign_in.c.id == id)
    done = await tx.execute(statement.values(revoked_at=now, revoked_why=why).returning(sign_in.c.id))
    return len(done.all())


async def open_of(tx: Tx, person_id: PersonId, now: dt.datetime) -> list[SignIn]:
    """Read a person's open sign-ins, the latest used first."""
    statement = (
        sa.select(*_SIGN_IN)
        .where(sign_in.c.person_id == person_id, sign_in.c.revoked_at.is_(None), sign_in.c.expires_at > now)
        .order_by(sign_in.c.last_used_at.desc(), sign_in.c.id)
        .limit(100)
    )
    return [msgspec.convert(row, SignIn) for row in (await tx.execute(statement)).mappings()]


async def forget(tx: Tx, *, codes_before: dt.datetime, counts_before: dt.datetime, ended_before: dt.datetime) -> None:
    """Delete what has served."""
    await tx.execute(sa.delete(sign_in_code).where(sign_in_code.c.touched_at < codes_before))
    await tx.execute(sa.delete(sign_in_count).where(sign_in_count.c.slice < counts_before))
    await tx.execute(sa.delete(sign_in).where(sign_in.c.expires_at < ended_before))
