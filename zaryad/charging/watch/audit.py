"""Facts that must always hold, asked of the production database every quarter of an hour."""

from __future__ import annotations

import datetime as dt

from zaryad import wallet
from zaryad.charging.model import SessionId, Settings
from zaryad.charging.watch import store
from zaryad.platform.db import Db
from zaryad.wallet import HoldState, Violation

LOOKED_BACK = dt.timedelta(days=2)


async def audit(db: Db, rules: Settings, now: dt.datetime) -> list[Violation]:
    """Return what is broken; nothing when all is well."""
    found: list[tuple[str, SessionId, str]] = []
    async with db.begin() as tx:
        ended = await store.ended_since(tx, now - dt.timedelta(seconds=rules.settle_again_s))
        found += [("session_not_settled", id, "has ended long ago and is not settled") for id in ended]
        starting = await store.starting_since(tx, now - dt.timedelta(seconds=2 * rules.start_within_s))
        found += [("session_still_starting", id, "neither began nor was given up") for id in starting]
        wrong = await store.settled_sums(tx, now - LOOKED_BACK)
        found += [("session_sum", id, "was settled in parts that are not its cost") for id in wrong]
        for id, hold_id in await store.finished_holds(tx, now - LOOKED_BACK):
            hold = await wallet.find_hold(tx, hold_id)
            if hold is not None and hold.state is HoldState.HELD:
                found.append(("hold_of_finished_session", id, "is over and still holds money"))
    return [Violation(rule, f"session {id} {text}") for rule, id, text in found]
