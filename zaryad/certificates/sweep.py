"""What the composition calls: the reaction to orders that ended, and the regular looks."""

from __future__ import annotations

import datetime as dt

from zaryad.certificates import give, keep
from zaryad.certificates.alarm import count_alarms
from zaryad.certificates.contracts import store, trust
from zaryad.certificates.events import tidy_events
from zaryad.certificates.model import Settings, WhoIs
from zaryad.link.orders import GiveCertificate, InstallCertificate, Placed
from zaryad.platform.db import Db, Tx


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order about certificates."""
    if isinstance(placed.order, GiveCertificate):
        await give.given(tx, placed, now)
    elif isinstance(placed.order, InstallCertificate):
        await trust.installed(tx, placed, now)


async def sweep(db: Db, rules: Settings, who_is: WhoIs, now: dt.datetime) -> None:
    """Call for renewals, watch ends, forget what is old, count alarms."""
    await keep.renew(db, who_is, now)
    await keep.watch_ends(db, rules, now)
    await tidy_events(db, rules, now)
    async with db.begin() as tx:
        await store.drop_answers(tx, now)
    await count_alarms(db)
