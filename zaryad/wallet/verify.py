"""The ledger examines itself: what must always hold, checked against the rows. Run by a sweep and by hand."""

from __future__ import annotations

from zaryad.platform.db import Tx
from zaryad.wallet import store
from zaryad.wallet.model import Violation


async def verify(tx: Tx) -> list[Violation]:
    """Return every broken invariant (at most 100 of each rule); an empty list is health.

    Each rule is one statement, so each sees one moment of the ledger.
    """
    return [Violation(rule, text) for rule in store.EXAMINATIONS for text in await store.examine(tx, rule)]
