"""The bill and its explanation: the same fold, with its stretches kept as lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from zaryad.kernel.clock import utc
from zaryad.tariffs.model import Bill, Dimension, Line, Point, Running, TariffVersion
from zaryad.tariffs.plan import DENOMINATOR, Plan, plan_of
from zaryad.tariffs.price import Step, advance, begin, cost, cut

_TICK = dt.timedelta(microseconds=1)
_ORDER = tuple(Dimension)
_FREE = -1  # energy that no component prices


class _Draft:
    """A line in the making: one component over an unbroken stretch."""

    def __init__(self, index: int, kind: Dimension, at: dt.datetime) -> None:
        self.index, self.kind, self.started_at, self.ended_at = index, kind, at, at
        self.quantity = 0


def bill(version: TariffVersion, timezone: str, points: Iterable[Point]) -> Bill:
    """Price a whole timeline, whose first point is the start: the cost of the fold, and lines that add up to it."""
    plan = plan_of(version)
    rest = iter(points)
    first = next(rest)
    running = begin(version, timezone, first.at, first.energy_mwh)
    drafts: list[_Draft] = []
    open_: dict[Dimension, _Draft] = {}
    _extend(plan, drafts, open_, Step(running.at, running.at, 0, running.active), running.used)
    for point in rest:
        after = advance(version, running, point)
        if after is not running:
            steps, _ = cut(plan, running, utc(point.at), point.energy_mwh)
            for step in steps:
                _extend(plan, drafts, open_, step, after.used)
            running = after
    return _settle(version, plan, drafts, running)


def _extend(
    plan: Plan, drafts: list[_Draft], open_: dict[Dimension, _Draft], step: Step, used: tuple[int, ...]
) -> None:
    """Lengthen the open lines by a stretch, opening a new one where another component has come into force."""
    now = {plan.dimensions[index]: index for index in step.active}
    now.setdefault(Dimension.ENERGY, _FREE)
    for kind in [kind for kind in open_ if kind not in now]:
        del open_[kind]
    for kind, index in now.items():
        if kind is Dimension.SESSION:
            if used[index] and all(draft.kind is not kind for draft in drafts):
                drafts.append(_Draft(index, kind, step.started_at))
                drafts[-1].quantity = 1
            continue
        draft = open_.get(kind)
        if draft is None or draft.index != index:
            draft = open_[kind] = _Draft(index, kind, step.started_at)
            drafts.append(draft)
        draft.ended_at = step.ended_at
        draft.quantity += step.energy_mwh if kind is Dimension.ENERGY else (step.ended_at - step.started_at) // _TICK


def _settle(version: TariffVersion, plan: Plan, drafts: list[_Draft], running: Running) -> Bill:
    """Round the total once and share it out: every line rounded down, the rest to the largest fractions."""
    total = cost(version, running)
    kept = sorted((draft for draft in drafts if draft.quantity), key=lambda d: (d.started_at, _ORDER.index(d.kind)))
    exact = [draft.quantity * (plan.weights[draft.index] if draft.index != _FREE else 0) for draft in kept]
    amounts = [numerator // DENOMINATOR for numerator in exact]
    by_fraction = sorted(range(len(kept)), key=lambda place: (-(exact[place] % DENOMINATOR), place))
    for place in by_fraction[: total.minor - sum(amounts)]:
        amounts[place] += 1
    lines = tuple(
        Line(
            kind=draft.kind,
            started_at=draft.started_at,
            ended_at=draft.ended_at,
            energy_mwh=draft.quantity if draft.kind is Dimension.ENERGY else 0,
            seconds=draft.quantity // 1_000_000 if draft.kind is Dimension.TIME else 0,
            price_e4=plan.prices_e4[draft.index] if draft.index != _FREE else 0,
            amount_minor=amount,
        )
        for draft, amount in zip(kept, amounts, strict=True)
    )
    return Bill(lines, total)
