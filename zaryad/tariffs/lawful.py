"""Whether a version can be made of these elements and terms: what cannot be evaluated is not published."""

from __future__ import annotations

from zaryad.kernel.errors import DomainError, Kind
from zaryad.tariffs.terms import PRICED, TIMES, Component, Dimension, Element, Restrictions, Terms

ELEMENTS_MAX = 64
RULES_MAX = 16
PRICE_E4_MAX = 10**12  # a million of a currency of two decimals
BOUND_MAX = 10**12
STEP_MAX = 1_000_000
SECONDS_MAX = 30 * 86_400
WATTS_MAX = 10_000_000
WATT_HOURS_MAX = 10_000_000
PERMILLE_MAX = 10_000
NAMES_MAX = 64
WORD_MAX = 64


def check(elements: tuple[Element, ...], terms: Terms | None = None) -> None:
    """Raise DomainError INVALID unless a version can be made of these elements and terms."""
    if not 0 < len(elements) <= ELEMENTS_MAX:
        raise DomainError(Kind.INVALID, "tariff_elements_count", most=ELEMENTS_MAX)
    for place, element in enumerate(elements, start=1):
        kinds = [component.dimension for component in element.components]
        if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(PRICED):
            raise DomainError(Kind.INVALID, "tariff_components_invalid", element=place)
        if not all(0 <= component.price_e4 <= PRICE_E4_MAX for component in element.components):
            raise DomainError(Kind.INVALID, "tariff_price_invalid", element=place)
        if not all(map(_component_lawful, element.components)):
            raise DomainError(Kind.INVALID, "tariff_component_invalid", element=place)
        check_when(element.when, place)
        if element.when.by_power and Dimension.SESSION in kinds:
            raise DomainError(Kind.INVALID, "tariff_fee_by_power", element=place)
        if element.when.booking is not None:
            _check_booking(element, place)
    if all(element.when.booking is not None for element in elements):
        raise DomainError(Kind.INVALID, "tariff_prices_no_session")
    _check_terms(terms or Terms())


def check_when(when: Restrictions, place: int) -> None:
    """Raise unless the restrictions can hold at all; `place` is what the error names."""
    if when.weekdays is not None and not (when.weekdays and when.weekdays <= set(range(1, 8))):
        raise DomainError(Kind.INVALID, "tariff_weekdays_invalid", element=place)
    if when.start_date is not None and when.end_date is not None and when.end_date <= when.start_date:
        raise DomainError(Kind.INVALID, "tariff_dates_invalid", element=place)
    if any(clock is not None and clock.tzinfo is not None for clock in (when.start, when.end)):
        raise DomainError(Kind.INVALID, "tariff_time_with_zone", element=place)
    for least, most, top in (
        (when.plate_min_w, when.plate_max_w, WATTS_MAX),
        (when.power_min_w, when.power_max_w, WATTS_MAX),
        (when.min_wh, when.max_wh, WATT_HOURS_MAX),
        (when.min_duration_s, when.max_duration_s, SECONDS_MAX),
    ):
        if not 0 <= (least or 0) < (top + 1 if most is None else most) <= top + 1:
            raise DomainError(Kind.INVALID, "tariff_range_invalid", element=place)
    for names in (when.connectors, when.groups, when.contracts):
        if names is not None and not (0 < len(names) <= NAMES_MAX and all(0 < len(it) <= WORD_MAX for it in names)):
            raise DomainError(Kind.INVALID, "tariff_names_restriction", element=place, most=NAMES_MAX)


def _component_lawful(it: Component) -> bool:
    if not (0 <= it.step <= STEP_MAX and 0 <= it.grace_s <= SECONDS_MAX and 0 <= it.free_s <= SECONDS_MAX):
        return False
    if it.step and it.dimension is Dimension.SESSION:
        return False
    if it.grace_s and it.dimension is not Dimension.IDLE:
        return False
    if it.free_s and it.dimension not in TIMES:
        return False
    return it.vat_permille is None or 0 <= it.vat_permille <= 1_000


def _check_booking(element: Element, place: int) -> None:
    """A booking has a fee and a time, and nothing that a meter tells (OCPI, ReservationRestrictionType)."""
    when = element.when
    allowed = {Dimension.SESSION, Dimension.TIME}
    if not {each.dimension for each in element.components} <= allowed or when.by_course:
        raise DomainError(Kind.INVALID, "tariff_booking_invalid", element=place)
    if any(component.free_s for component in element.components):
        raise DomainError(Kind.INVALID, "tariff_booking_invalid", element=place)


def _check_terms(terms: Terms) -> None:
    if len(terms.rules) > RULES_MAX:
        raise DomainError(Kind.INVALID, "tariff_rules_count", most=RULES_MAX)
    for place, rule in enumerate(terms.rules, start=1):
        check_when(rule.when, place)
        named = rule.dimensions is None or (rule.dimensions and rule.dimensions <= set(PRICED))
        if not (-1_000 <= rule.permille <= PERMILLE_MAX and named) or rule.when.booking is not None:
            raise DomainError(Kind.INVALID, "tariff_rule_invalid", rule=place)
    for bound in (terms.least, terms.most):
        if bound is not None and not 0 <= (bound.before_tax or 0) <= bound.after_tax <= BOUND_MAX:
            raise DomainError(Kind.INVALID, "tariff_bound_invalid")
    if terms.least is not None and terms.most is not None and terms.least.after_tax > terms.most.after_tax:
        raise DomainError(Kind.INVALID, "tariff_bound_invalid")
    if not 0 <= terms.idle_below_w <= 10_000:
        raise DomainError(Kind.INVALID, "tariff_idle_below_invalid", most=10_000)
