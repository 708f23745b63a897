"""The ledger is examined in production, on a timer: a broken invariant is an alarm, not a surprise in December."""

from __future__ import annotations

import structlog
from prometheus_client import Gauge

from zaryad.platform.db import Db
from zaryad.wallet.verify import verify

log = structlog.get_logger()

VIOLATIONS = Gauge("zaryad_ledger_violations", "Broken invariants the ledger found at its last examination")


async def examine_ledger(db: Db) -> int:
    """Sweep `wallet.examine`: verify the ledger, log and count what is broken; return how many."""
    async with db.begin() as tx:
        violations = await verify(tx)
    VIOLATIONS.set(len(violations))
    for violation in violations:
        log.error("ledger.violation", rule=violation.rule, text=violation.text)
    return len(violations)
