"""The bill and its explanation: the course of a session with its stretches kept as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from zaryad.kernel.clock import utc
from zaryad.kernel.money import Money
from zaryad.tariffs.course import UNPRICED, Active, Course, Stretch, microseconds, moment
from zaryad.tariffs.model import Bill, Line, Part, Point, TariffVersion
from zaryad.tariffs.plan import WEIGHT, Plan, plan_of
from zaryad.tariffs.terms import NOTHING, PERMILLE, TIMES, About, Dimension
from zaryad.tariffs.total import Sums, shared, stepped, sums

_ORDER = tuple(Dimension)


class _Draft:
    """A line in the making: one component at one price over an unbroken stretch."""

    def __init__(self, it: Active, at_us: int) -> None:
        self.it, self.started_us, self.ended_us = it, at_us, at_us
        self.quantity = self.added = 0


def bill(version: TariffVersion, timezone: str, points: Iterable[Point], about: About = NOTHING) -> Bill:
    """Price a whole timeline, whose first point is the start: the cost of the fold, and lines that add up to it.

    Of points of the same moment their order does not matter.
    """
    plan = plan_of(version)
    stretches: list[Stretch] = []
    course = Course(plan, timezone, about, stretches)
    rest = _ordered(points)
    first = next(rest)
    course.doing = first.doing
    course.begin(microseconds(utc(first.at)), first.energy_mwh)
    for point in rest:
        if course.move(microseconds(point.at), point.energy_mwh) and point.doing is not None:
            course.doing = point.doing
    parts, last = course.finish()
    drafts = _drafts(stretches)
    lines, owed = _settled(plan, drafts, parts, last)
    if owed.after_tax != owed.natural:
        lines.append(_bound_line(course, owed))
    return Bill(tuple(lines), Money(owed.after_tax, version.currency), owed.taxes)


def _ordered(points: Iterable[Point]) -> Iterator[Point]:
    """Put points of the same moment in the order of their registers."""
    for _, group in groupby(points, key=lambda point: point.at):
        same = list(group)
        yield from same if len(same) == 1 else sorted(same, key=_register)


def _register(point: Point) -> tuple[int, str]:
    return point.energy_mwh, "" if point.doing is None else point.doing.value


def _drafts(stretches: list[Stretch]) -> list[_Draft]:
    """Lengthen the open lines by each stretch, opening a new one where another price has come into force."""
    drafts: list[_Draft] = []
    open_: dict[Dimension, _Draft] = {}
    for stretch in stretches:
        if stretch.started_us == stretch.ended_us and not stretch.energy_mwh:  # a session fee
            drafts.append(_Draft(stretch.active[0], stretch.started_us))
            drafts[-1].quantity = 1
            continue
        now = {it.dimension: it for it in stretch.active if it.dimension is not Dimension.SESSION}
        for kind in [kind for kind in open_ if kind not in now]:
            del open_[kind]
        for kind, it in now.items():
            draft = open_.get(kind)
            if draft is None or draft.it != it:
                draft = open_[kind] = _Draft(it, stretch.started_us)
                drafts.append(draft)
            draft.ended_us = stretch.ended_us
            draft.quantity += stretch.energy_mwh if kind is Dimension.ENERGY else stretch.ended_us - stretch.started_us
    kept = [draft for draft in drafts if draft.quantity]
    return sorted(kept, key=lambda draft: (draft.started_us, _ORDER.index(draft.it.dimension)))


def _settled(
    plan: Plan, drafts: list[_Draft], parts: list[Part], last: tuple[int, int, int]
) -> tuple[list[Line], Sums]:
    """Round the total once and share it out among the lines."""
    for place, added in stepped(plan, parts, last).items():
        key = (parts[place].component, parts[place].price_e4, None)
        draft = next(draft for draft in reversed(drafts) if draft.it[1:] == key)
        draft.added = added
    owed = sums(plan, parts, last)
    amounts = shared(owed.natural, [_exact(plan, draft) for draft in drafts])
    return [_line(plan, draft, amount) for draft, amount in zip(drafts, amounts, strict=True)], owed


def _exact(plan: Plan, draft: _Draft) -> int:
    it = draft.it
    if it.component == UNPRICED or it.free is not None:
        return 0
    on_top = 0 if plan.terms.tax_included else plan.components[it.component].vat_permille or 0
    return (draft.quantity + draft.added) * it.price_e4 * WEIGHT[it.dimension] * (PERMILLE + on_top)


def _line(plan: Plan, draft: _Draft, amount: int) -> Line:
    it = draft.it
    billed = draft.quantity + draft.added
    timed = it.dimension in TIMES
    return Line(
        kind=it.dimension,
        started_at=moment(draft.started_us),
        ended_at=moment(draft.ended_us),
        energy_mwh=billed if it.dimension is Dimension.ENERGY else 0,
        seconds=billed // 1_000_000 if timed else 0,
        price_e4=it.price_e4 if it.free is None else 0,
        amount_minor=amount,
        rounded_up=draft.added // 1_000_000 if timed else draft.added,
        free=it.free,
        vat_permille=None if it.component == UNPRICED else plan.components[it.component].vat_permille,
    )


def _bound_line(course: Course, owed: Sums) -> Line:
    """Tell what a minimum adds, or a maximum takes off."""
    difference = owed.after_tax - owed.natural
    return Line(
        kind=Dimension.MINIMUM if difference > 0 else Dimension.MAXIMUM,
        started_at=moment(course.began_us),
        ended_at=moment(course.at_us),
        price_e4=0,
        amount_minor=difference,
    )
