"""From what was used to what is owed: whole steps, tax, one rounding per total, the bounds of the total.

Amounts stay exact numerators until the end. The total after tax is what is paid; the total before tax is rounded and
bounded on its own (OCPI 2.2.1: `min_price` and `max_price` hold for both, independently).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from zaryad.kernel.money import divide_half_up
from zaryad.tariffs.model import Part, Tax
from zaryad.tariffs.plan import DENOMINATOR, WEIGHT, Plan
from zaryad.tariffs.terms import PERMILLE, Bound, Dimension

_STEP_UNIT = {
    Dimension.ENERGY: 1_000,
    Dimension.TIME: 1_000_000,
    Dimension.CHARGING: 1_000_000,
    Dimension.IDLE: 1_000_000,
}


class Sums(NamedTuple):
    """What a bill comes to, in minor units. `natural`: what is paid before the bounds act."""

    natural: int
    after_tax: int
    before_tax: int
    taxes: tuple[Tax, ...]


def stepped(plan: Plan, parts: Sequence[Part], last: tuple[int, int, int]) -> dict[int, int]:
    """Return what whole steps add to which of the parts (OCPI 2.2.1, `step_size`).

    Once per session: energy by the step of the component that was priced last; of charging and idle time only the
    dimension that was priced last, by its last component. The whole of the dimension is rounded up, and what that adds
    is billed at the price that was last.
    """
    added: dict[int, int] = {}
    for place in last:
        if place < 0:
            continue
        component = plan.components[parts[place].component]
        if component.step:
            step = component.step * _STEP_UNIT[component.dimension]
            whole = sum(part.used for part in parts if plan.dimensions[part.component] is component.dimension)
            if rest := -whole % step:
                added[place] = rest
    return added


def sums(plan: Plan, parts: Sequence[Part], last: tuple[int, int, int]) -> Sums:
    """Return what the parts come to."""
    added = stepped(plan, parts, last)
    by_rate: dict[int, int] = {}
    for place, part in enumerate(parts):
        component = plan.components[part.component]
        exact = (part.used + added.get(place, 0)) * part.price_e4 * WEIGHT[component.dimension]
        rate = component.vat_permille or 0
        by_rate[rate] = by_rate.get(rate, 0) + exact
    whole = sum(by_rate.values())
    if plan.terms.tax_included:
        scale = prod(PERMILLE + rate for rate in by_rate)
        without = {rate: exact * PERMILLE * (scale // (PERMILLE + rate)) for rate, exact in by_rate.items()}
        natural, natural_before = divide_half_up(whole, DENOMINATOR), _rounded(without, scale)
        taxed = {rate: by_rate[rate] * scale - without[rate] for rate in by_rate}
    else:
        without, taxed = by_rate, {rate: exact * rate for rate, exact in by_rate.items()}
        with_tax = sum(exact * (PERMILLE + rate) for rate, exact in by_rate.items())
        natural, natural_before = divide_half_up(with_tax, DENOMINATOR * PERMILLE), divide_half_up(whole, DENOMINATOR)
    after, before = _bounded(natural, natural_before, plan.terms.least, plan.terms.most)
    return Sums(natural, after, before, _taxes(plan, after, before, without, taxed))


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Share out a sum by weights: each share rounded down, the rest to the largest fractions, the first first."""
    whole = sum(weights)
    if not whole:
        return [total if place == 0 else 0 for place in range(len(weights))]
    shares = [total * weight // whole for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_fraction[: total - sum(shares)]:
        shares[place] += 1
    return shares


def _rounded(without: dict[int, int], scale: int) -> int:
    return divide_half_up(sum(without.values()), DENOMINATOR * scale)


def _bounded(after: int, before: int, least: Bound | None, most: Bound | None) -> tuple[int, int]:
    """Hold both totals within their bounds; never more before tax than after it."""
    for bound, choose in ((least, max), (most, min)):
        if bound is None:
            continue
        bounded = choose(after, bound.after_tax)
        if bound.before_tax is not None:
            before = choose(before, bound.before_tax)
        elif bounded != after:
            before = divide_half_up(before * bounded, after) if after else bounded
        after = bounded
    return after, min(before, after)


def _taxes(plan: Plan, after: int, before: int, without: dict[int, int], taxed: dict[int, int]) -> tuple[Tax, ...]:
    """Tell the tax by rates; they add up to the difference of the totals."""
    if not plan.taxed:
        return ()
    rates = sorted(without)
    if not any(without.values()):  # only a minimum: at the rate of what would have been sold first
        rates = [next(each.vat_permille for each in plan.components if each.vat_permille is not None)]
    bases = shared(before, [without.get(rate, 0) for rate in rates])
    taxes = shared(after - before, [taxed.get(rate, 0) for rate in rates])
    return tuple(Tax(rate, base, tax) for rate, base, tax in zip(rates, bases, taxes, strict=True))
