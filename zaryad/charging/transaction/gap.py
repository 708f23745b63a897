"""Events that are missing: an alarm, not an error. The station is asked whether it still has them (standards A.5).

Until it has answered, or for so long as is worth waiting, the bill of an ended transaction waits. A transaction that
is over by the station's own word, and whose end is not among what it still has to tell, is closed by evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.charging import store as sessions
from zaryad.charging.close import BY_EVIDENCE
from zaryad.charging.transaction import store
from zaryad.charging.transaction.sequence import Story, gaps
from zaryad.charging.transaction.store import Reported
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.facts import TransactionReported
from zaryad.link.orders import AskTransaction, OrderId
from zaryad.platform.db import Tx

GIVEN_UP = sessions.ASKED_ENOUGH


async def note(
    tx: Tx, row: Reported, story: Story, fact: TransactionReported, facts: Sequence[TransactionReported]
) -> Reported:
    """Note what is missing, or no more; ask at once where only that keeps the bill."""
    if not story.missing and story.end is None and row.ended_by == BY_EVIDENCE:
        return await store.update_row(tx, row, missing=0)  # its end still is
    if not story.missing:
        return await store.update_row(tx, row, missing=0, missing_since=None, settle_after=None)
    since = row.missing_since or fact.received_at
    if row.asked == GIVEN_UP:
        return await store.update_row(tx, row, missing=story.missing)
    if row.missing == 0 and row.session_id is not None:
        shown = [f"{first}-{last}" for first, last in gaps(it.seq_no for it in facts)]
        await sessions.note(tx, row.session_id, "events_missing", fact.received_at, missing=shown)
    row = await store.update_row(tx, row, missing=story.missing, missing_since=since)
    if story.end is not None and row.asked == 0:
        row = await ask(tx, row, fact.received_at)
    return row


async def ask(tx: Tx, row: Reported, now: dt.datetime) -> Reported:
    """Order the station to say whether the transaction runs, and whether messages of it are queued."""
    times = row.asked + 1
    await orders.place(
        tx,
        OrderId(derived_id("ask_transaction", row.id, times)),
        row.station_id,
        AskTransaction(row.charge_ref),
        author="system:events_missing",
        now=now,
        before=now + dt.timedelta(minutes=5),
    )
    return await store.update_row(tx, row, asked=times, asked_at=now)
