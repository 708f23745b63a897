"""Tries to connect are remembered: the newest few of each identity, for some days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.link.door import Attempt
from zaryad.platform.db import Db, Tx
from zaryad.stations.doctor import store
from zaryad.stations.model import OcppSettings
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.onboarding.inbox import clean

AT_ONCE = 10_000


async def note_attempts(tx: Tx, attempts: Sequence[Attempt]) -> None:
    """Write down tries to connect, or what came of them since; for the gateway to call for a handful at once."""
    for each in attempts:
        each.address = clean(each.address, 64)
        each.user_agent = clean(each.user_agent, 200)
        each.path = clean(each.path, 200)
        each.offered = [clean(name, 40) for name in each.offered[:10]]
        each.close_reason = None if each.close_reason is None else clean(each.close_reason, 123)
    if attempts:
        await store.put_attempts(tx, attempts)


async def tidy(db: Db, rules: OcppSettings, now: dt.datetime) -> None:
    """Forget what is old: knocks of whom nobody has heard since, and tries to connect."""
    async with db.begin() as tx:
        await strangers.drop_old_knocks(tx, now - dt.timedelta(days=rules.knock_keep_days))
    gone = AT_ONCE
    while gone == AT_ONCE:
        async with db.begin() as tx:
            gone = await store.drop_old_attempts(tx, now - dt.timedelta(days=rules.attempt_keep_days), AT_ONCE)
