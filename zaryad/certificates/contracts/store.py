"""SQL of the trust store, of installed roots and of responders' answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.certificates.contracts.tables import installed_root, ocsp_answer, trusted_root
from zaryad.certificates.model import Installed, TrustedRoot
from zaryad.platform.db import Tx

_ROOT = tuple(trusted_root.c[name] for name in TrustedRoot.__struct_fields__)


async def put_root(tx: Tx, it: TrustedRoot, certificate: str, responders: Sequence[str]) -> bool:
    """Write a trusted certificate; False when it was there."""
    values = {name: getattr(it, name) for name in TrustedRoot.__struct_fields__}
    statement = insert(trusted_root).values(**values, certificate=certificate, responders=list(responders))
    new = statement.on_conflict_do_nothing().returning(trusted_root.c.fingerprint)
    return await tx.scalar(new) is not None


async def roots(tx: Tx, *, use: str | None = None) -> list[TrustedRoot]:
    """Read the trust store."""
    statement = sa.select(*_ROOT).order_by(trusted_root.c.use, trusted_root.c.subject, trusted_root.c.fingerprint)
    if use is not None:
        statement = statement.where(trusted_root.c.use == use)
    return [TrustedRoot(**row) for row in (await tx.execute(statement)).mappings()]


async def count_roots(tx: Tx) -> int:
    """Count the trust store."""
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(trusted_root)) or 0)


async def root_pems(tx: Tx, uses: Sequence[str]) -> list[str]:
    """Read the trusted certificates of some uses, in PEM."""
    return list((await tx.execute(sa.select(trusted_root.c.certificate).where(trusted_root.c.use.in_(uses)))).scalars())


async def root_pem(tx: Tx, fingerprint: str, use: str | None = None) -> tuple[str, str] | None:
    """Read one in PEM, and its use."""
    statement = sa.select(trusted_root.c.certificate, trusted_root.c.use).where(
        trusted_root.c.fingerprint == fingerprint
    )
    if use is not None:
        statement = statement.where(trusted_root.c.use == use)
    row = (await tx.execute(statement.limit(1))).one_or_none()
    return None if row is None else (row.certificate, row.use)


async def drop_root(tx: Tx, fingerprint: str, use: str | None) -> bool:
    """Take a certificate out of the trust store; whether it was there."""
    statement = sa.delete(trusted_root).where(trusted_root.c.fingerprint == fingerprint)
    if use is not None:
        statement = statement.where(trusted_root.c.use == use)
    return (await tx.execute(statement.returning(trusted_root.c.use))).first() is not None


async def named_responders(tx: Tx) -> set[str]:
    """Read the OCSP URLs that stand in trusted certificates."""
    statement = sa.select(sa.func.unnest(trusted_root.c.responders))
    return set((await tx.execute(statement)).scalars())


async def note_installed(tx: Tx, station_id: str, use: str, fingerprint: str, at: dt.datetime) -> None:
    """Write that a station has taken a root."""
    values = {"station_id": station_id, "use": use, "fingerprint": fingerprint, "at": at}
    statement = insert(installed_root).values(**values)
    key = [installed_root.c.station_id, installed_root.c.use, installed_root.c.fingerprint]
    await tx.execute(statement.on_conflict_do_update(index_elements=key, set_={"at": at}))


async def installed(tx: Tx, station_id: str) -> list[Installed]:
    """Read which roots a station has taken."""
    statement = sa.select(installed_root).where(installed_root.c.station_id == station_id).order_by(installed_root.c.at)
    return [Installed(**row) for row in (await tx.execute(statement)).mappings()]


async def is_installed(tx: Tx, station_id: str, use: str, fingerprint: str) -> bool:
    """Whether a station has taken this root."""
    statement = sa.select(installed_root.c.at).where(
        installed_root.c.station_id == station_id,
        installed_root.c.use == use,
        installed_root.c.fingerprint == fingerprint,
    )
    return await tx.scalar(statement) is not None


async def answer(tx: Tx, asked: str, now: dt.datetime) -> sa.RowMapping | None:
    """Read a responder's answer that still holds."""
    statement = sa.select(ocsp_answer).where(ocsp_answer.c.asked == asked, ocsp_answer.c.next_update > now)
    return (await tx.execute(statement)).mappings().one_or_none()


async def put_answer(tx: Tx, **values: object) -> None:
    """Keep a responder's answer."""
    statement = insert(ocsp_answer).values(**values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[ocsp_answer.c.asked], set_=values))


async def drop_answers(tx: Tx, before: dt.datetime) -> None:
    """Forget answers that no longer hold."""
    await tx.execute(sa.delete(ocsp_answer).where(ocsp_answer.c.next_update < before))
