"""Which transaction a stop belongs to, where the station does not know its number (standards A.5).

A station whose start was never answered stops "-1" or "0"; some invent numbers of their own. The stop is matched by
its token, its register and its time among what is unfinished at the station, and only without doubt: a wrong match
would bill one driver for another's energy.
"""

from __future__ import annotations

from zaryad.charging import store
from zaryad.charging.model import same_token
from zaryad.charging.store import Candidate, Transaction
from zaryad.charging.timeline import STOP_BELOW_READINGS_MWH
from zaryad.link.facts import ChargingEnded
from zaryad.platform.db import Tx

NEAR_MWH = 20_000_000  # the next reading's worth and more: a register further on is hardly the same meter's
NAMELESS = frozenset({"", "-1", "0"})


async def transaction_of(tx: Tx, fact: ChargingEnded) -> tuple[Transaction | None, Transaction | None]:
    """Return the transaction that ended, or else the one a person should look at first."""
    if fact.charge_ref not in NAMELESS:
        known = await store.by_ref(tx, fact.station_id, fact.charge_ref)
        if known is not None:
            return known, None
    return choose(await store.candidates(tx, fact.station_id), fact)


def choose(candidates: list[Candidate], fact: ChargingEnded) -> tuple[Transaction | None, Transaction | None]:
    """Choose among unfinished transactions, newest first: (the match, or else a proposal)."""
    possible = [c for c in candidates if _possible(c, fact)]
    if fact.token is not None:
        key = same_token(fact.token)
        named = [c for c in possible if c.transaction.token_key == key]
        if named:
            return named[0].transaction, None
    near = [c for c in possible if fact.meter_stop_mwh - c.meter_mwh <= NEAR_MWH]
    if len(near) == 1 and (fact.token is None or len(possible) == 1):
        return near[0].transaction, None
    proposed = near or possible or candidates
    return None, proposed[0].transaction if proposed else None


def _possible(it: Candidate, fact: ChargingEnded) -> bool:
    """Whether the stop's register and time can follow the start's."""
    begun = it.transaction.began_at <= fact.at or it.transaction.received_at <= fact.received_at
    fits = fact.meter_stop_mwh >= it.transaction.meter_start_mwh
    return begun and fits and fact.meter_stop_mwh >= it.meter_mwh - STOP_BELOW_READINGS_MWH
