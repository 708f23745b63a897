import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from zaryad.sandbox.battery import MWMS_PER_MWH, PERMILLE, Car, acceptable_mw, charge

KWH = 1_000_000
KW = 1_000_000


@settings(deadline=None)
@given(
    st.integers(1, 120),
    st.integers(0, 100),
    st.integers(1, 100),
    st.lists(st.integers(0, 3_600_000), max_size=30),
    st.booleans(),
)
def test_what_is_drawn_is_stored_or_lost_to_the_last_unit(
    capacity: int, soc: int, full_at: int, steps: list[int], dc: bool
) -> None:
    car = first = Car(capacity_mwh=capacity * KWH, stored_mwh=capacity * KWH * soc // 100, full_at_percent=full_at)
    total = 0
    for step in steps:
        before = car
        car, drawn = charge(car, 60 * KW, step, dc=dc)
        assert drawn.energy_mwms >= 0
        assert car.stored_mwh >= before.stored_mwh
        total += drawn.energy_mwms
    stored = (car.stored_mwh - first.stored_mwh) * MWMS_PER_MWH * PERMILLE + car.carry
    assert total * car.efficiency_permille == stored
    assert car.stored_mwh <= max(first.stored_mwh, car.target_mwh)


def test_many_small_steps_equal_few_large_ones_while_the_power_is_level() -> None:
    slow = fast = Car(capacity_mwh=60 * KWH, stored_mwh=20 * KWH)
    once, _ = charge(fast, 22 * KW, 600_000, dc=False)
    for _ in range(600):
        slow, _ = charge(slow, 22 * KW, 1_000, dc=False)
    assert (slow.stored_mwh, slow.carry) == (once.stored_mwh, once.carry)


def test_an_ac_car_takes_what_its_onboard_charger_can() -> None:
    assert acceptable_mw(Car(ac_mw=7_400_000), 22 * KW, dc=False) == 7_400_000
    assert acceptable_mw(Car(ac_mw=22 * KW), 11 * KW, dc=False) == 11 * KW


def test_dc_power_falls_as_the_battery_fills() -> None:
    powers = [
        acceptable_mw(Car(capacity_mwh=100 * KWH, stored_mwh=soc * KWH), 360 * KW, dc=True) for soc in range(10, 100)
    ]
    assert powers == sorted(powers, reverse=True)
    assert powers[0] == 120 * KW
    assert powers[-1] < powers[0] // 8


def test_a_full_or_moody_car_takes_nothing() -> None:
    full = Car(capacity_mwh=60 * KWH, stored_mwh=48 * KWH, full_at_percent=80)
    assert charge(full, 22 * KW, 60_000, dc=True)[1].energy_mwms == 0
    moody = msgspec.structs.replace(Car(), takes_power=False)
    assert charge(moody, 22 * KW, 60_000, dc=True)[1].energy_mwms == 0


def test_ten_minutes_at_eleven_kilowatts() -> None:
    _, drawn = charge(Car(), 22 * KW, 600_000, dc=False)
    assert drawn.energy_mwms // MWMS_PER_MWH == 1_833_333
