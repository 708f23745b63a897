"""Money loses nothing, ids sort by time, an error tells its facts."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaryad.kernel.clock import ManualClock, utc
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import READABLE, derived_id, new_id, readable
from zaryad.kernel.money import Money, divide_half_up, exponent


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_a_split_loses_nothing_and_is_fair_to_one_unit(minor: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="weights"):
            Money(minor, "KGS").split(weights)
        return
    shares = Money(minor, "KGS").split(weights)
    assert sum(share.minor for share in shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        exact = minor * weight / sum(weights)
        assert abs(share.minor - exact) < 1.001


@given(st.integers(0, 10**12), st.integers(0, 100))
def test_a_percentage_never_exceeds_its_share(minor: int, percent: int) -> None:
    part = Money(minor, "KGS").percent(percent)
    assert 0 <= minor * percent - part.minor * 100 < 100


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    rounded = divide_half_up(numerator, denominator)
    assert abs(rounded * denominator - numerator) * 2 <= denominator
    assert divide_half_up(-numerator, denominator) == -rounded


def test_the_halfway_case() -> None:
    assert [divide_half_up(n, 2) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="KGS is not RUB"):
        _ = Money(1, "KGS") + Money(1, "RUB")
    assert (exponent("KGS"), exponent("JPY"), exponent("KWD")) == (2, 0, 3)


def test_ids_are_version_7_and_differ() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {id.version for id in ids} == {7}
    assert {id.variant for id in ids} == {uuid.RFC_4122}
    assert ids[0].int >> 80 <= ids[-1].int >> 80


def test_a_derived_id_is_the_same_everywhere() -> None:
    assert derived_id("wallet", "x") == derived_id("wallet", "x") != derived_id("wallet", "y")


@given(st.uuids())
def test_a_readable_id_has_no_letter_that_people_misread(id: uuid.UUID) -> None:
    assert len(readable(id)) == 8
    assert set(readable(id)) <= set(READABLE)
    assert not set("01OILAEU") & set(READABLE)


def test_a_manual_clock_stands_still() -> None:
    clock = ManualClock(dt.datetime(2026, 1, 1, 6, tzinfo=dt.timezone(dt.timedelta(hours=6))))
    assert clock.now() == clock.now() == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert clock.advance(dt.timedelta(hours=1)).hour == 1
    with pytest.raises(ValueError, match="zone"):
        utc(dt.datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake under test


def test_an_error_tells_its_facts() -> None:
    assert str(DomainError(Kind.CONFLICT, "connector_busy", connector=2)) == "connector_busy (connector=2)"
