"""Block I: tariffs and cost."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal

from zaryad.ocpp.v2.wire.base import Text36, Wire


class CostUpdatedRequest(Wire, frozen=True, kw_only=True):
    total_cost: Decimal
    transaction_id: Text36


class CostUpdatedResponse(Wire, frozen=True):
    pass
