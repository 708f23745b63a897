"""A message is a row and a job on the transaction that wants it; the job hands it over when that has committed."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import structlog

from zaryad.kernel.ids import new_id
from zaryad.notify import store
from zaryad.notify.model import GIVE_UP_AFTER, TEXT_MAX, Message, Settings, SmsProvider
from zaryad.notify.segments import segments
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx
from zaryad.platform.outbound import Accepted, Rejected, Uncertain
from zaryad.ui.i18n import t

log = structlog.get_logger()

JOB = "notify.send_sms"


class NotSentYetError(Exception):
    """The provider could not take it now; the job comes back, ever later, until the message is out of date."""


async def send_sms(
    tx: Tx,
    phone: str,
    key: str,
    language: str,
    now: dt.datetime,
    *,
    not_after: dt.datetime | None = None,
    **values: object,
) -> UUID:
    """Send the text `key` to a phone (E.164) once the transaction commits; after `not_after` it is not sent any more.

    The text is made now, so that it tells the truth of this moment. The job carries the row's id and nothing else.
    """
    id = new_id()
    text = t(language, key, **values)[:TEXT_MAX]
    until = not_after or now + GIVE_UP_AFTER
    await store.add(
        tx,
        id=id,
        phone=phone,
        key=key,
        language=language,
        text=text,
        segments=segments(text),
        at=now,
        not_after=until,
    )
    await jobs.defer(tx, JOB, message_id=str(id))
    return id


async def send(db: Db, channel: SmsProvider, now: dt.datetime, message_id: str) -> None:
    """Carry out the job: hand one message to the channel, and write down what became of it.

    May run twice, or end between the two transactions: the provider gets the same id again.
    """
    id = UUID(message_id)
    async with db.begin() as tx:
        row = await store.lock(tx, id)
        if row is None or row.state != "queued":
            return
        if row.not_after <= now:
            await store.end(tx, id, state="expired", text=None)
            log.warning("sms.expired", message=message_id, key=row.key)
            return
    outcome = await channel.send(id, row.phone, row.text)
    kept = row.text if channel.keeps_text else None
    match outcome:
        case Accepted(value=accepted):
            async with db.begin() as tx:
                await store.end(
                    tx,
                    id,
                    state="sent",
                    sent_at=now,
                    channel=channel.name,
                    external_id=accepted.external_id,
                    segments=accepted.segments,
                    text=kept,
                )
            log.info("sms.sent", message=message_id, key=row.key, segments=accepted.segments, phone=row.phone)
        case Rejected(code=code, retryable=False):
            async with db.begin() as tx:
                await store.end(tx, id, state="failed", error=code, channel=channel.name, text=None)
            log.error("sms.refused", message=message_id, key=row.key, why=code, phone=row.phone)
        case Rejected(code=why) | Uncertain(cause=why):
            raise NotSentYetError(f"{channel.name}: {why}")


async def recent(tx: Tx, limit: int = 30) -> list[Message]:
    """Return the newest messages with their texts: those of the development channel, and those not sent yet."""
    return await store.latest(tx, limit)


async def tidy(db: Db, rules: Settings, now: dt.datetime) -> None:
    """Delete messages that have been kept long enough."""
    async with db.begin() as tx:
        await store.forget(tx, now - dt.timedelta(days=rules.keep_days))
