"""Sampled values into columns: units, phases, places, and numbers that are none."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import MeterRead, Reading, StationId
from zaryad.ocpp import codec
from zaryad.ocpp.quantities import READINGS_MAX
from zaryad.ocpp.rpc import Call
from zaryad.ocpp.v16.readings import amount

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
AT = "2026-05-01T11:59:00Z"
V16 = codec.for_protocol("ocpp1.6")
E, P, I, U = "Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage"  # noqa: E741  # as physicists write


def sample(value: object, measurand: str | None = None, unit: str | None = None, **more: str) -> dict[str, Any]:
    said = {"value": value, "measurand": measurand, "unit": unit} | more
    return {name: word for name, word in said.items() if word is not None}


def read(*values: tuple[object, list[dict[str, Any]]]) -> tuple[Reading, ...]:
    body = {"connectorId": 1, "meterValue": [{"timestamp": at, "sampledValue": samples} for at, samples in values]}
    fact = V16.fact(Call("1", "MeterValues", msgspec.Raw(msgspec.json.encode(body))), StationId("X"), NOW).fact
    assert isinstance(fact, MeterRead)
    return fact.readings


def one(*samples: dict[str, Any]) -> Reading:
    (reading,) = read((AT, list(samples)))
    return reading


@pytest.mark.parametrize(
    ("said", "column", "expected"),
    [
        (sample("1500"), "energy_mwh", 1_500_000),
        (sample("1500.5", E, "Wh"), "energy_mwh", 1_500_500),
        (sample("1.5005", E, "kWh"), "energy_mwh", 1_500_500),
        (sample("1,5", E, "kWh"), "energy_mwh", 1_500_000),
        (sample(1500, E), "energy_mwh", 1_500_000),
        (sample(1500.25, E), "energy_mwh", 1_500_250),
        (sample("11000", P), "power_mw", 11_000_000),
        (sample("11", P, "kW"), "power_mw", 11_000_000),
        (sample("11000", P, "Wh"), "power_mw", 11_000_000),
        (sample("-500", P, "W"), "power_mw", -500_000),
        (sample("16.04", I, "A"), "current_ma", 16_040),
        (sample("231.9", U, "V"), "voltage_mv", 231_900),
        (sample("54.9", "SoC", "Percent", location="EV"), "soc_percent", 54),
        (sample("54", "SoC", "%"), "soc_percent", 54),
        (sample(" 7 ", E, "Wh"), "energy_mwh", 7_000),
    ],
)
def test_a_value_finds_its_column_in_our_unit(said: dict[str, Any], column: str, expected: int) -> None:
    reading = one(said)
    assert getattr(reading, column) == expected
    assert reading.extra is None


NO_NUMBERS = ["NaN", "Infinity", "-inf", "1e400000", "1e999999999", "", " ", "abc", "9" * 400, "1.2.3", "1,2,3"]


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_what_is_no_number_makes_no_reading_of_it(value: str) -> None:
    reading = one(sample(value, E, "Wh"), sample("5", P, "W"))
    assert reading.energy_mwh is None
    assert reading.power_mw == 5_000


def test_a_charge_of_more_than_everything_is_kept_as_text() -> None:
    warm = sample("41.5", "Temperature", "Celcius", location="Body")
    reading = one(sample("101", "SoC", "Percent"), sample("12", E, "varh"), warm)
    assert (reading.soc_percent, reading.energy_mwh) == (None, None)
    assert reading.extra == {"SoC": "101 Percent", E: "12 varh", "Temperature@Body": "41.5 Celcius"}


def test_phases_are_summed_only_without_a_total() -> None:
    lines = [sample(str(value), E, "Wh", phase=line) for line, value in (("L1", 100), ("L2", 200), ("L3", 300))]
    assert one(*lines).energy_mwh == 600_000
    assert one(*lines, sample("650", E, "Wh")).energy_mwh == 650_000
    powers = [sample("1000", P, "W", phase=line) for line in ("L1-N", "L2-N", "L3-N")]
    assert one(*powers).power_mw == 3_000_000
    currents = [sample(value, I, "A", phase=line) for line, value in (("L1", "15.9"), ("L2", "16.1"), ("L3", "0"))]
    reading = one(*currents, sample("0.5", I, "A", phase="N"))
    assert (reading.current_ma, reading.extra) == (16_100, {f"{I}.N": "0.5 A"})
    assert one(sample("400", U, "V", phase="L1-L2"), sample("231", U, "V", phase="L1-N")).voltage_mv == 231_000


def test_the_outlet_counts_before_any_other_place() -> None:
    inlet, outlet = sample("900", E, "Wh", location="Inlet"), sample("800", E, "Wh", location="Outlet")
    for samples in ((inlet, outlet), (outlet, inlet)):
        reading = one(*samples)
        assert (reading.energy_mwh, reading.extra) == (800_000, {f"{E}@Inlet": "900 Wh"})
    assert one(inlet).energy_mwh == 900_000


def test_signed_data_is_kept_and_read_by_nobody() -> None:
    reading = one(sample("OCMF|{}", E, "Wh", format="SignedData"), sample("5", E, "Wh"))
    assert reading.energy_mwh == 5_000
    assert reading.extra == {f"{E}#signed": "OCMF|{} Wh"}


def test_a_moment_said_in_pieces_is_one_reading() -> None:
    readings = read(
        (AT, [sample("5", E, "Wh", context="Sample.Clock")]),
        ("2026-05-01T11:58:00Z", [sample("4", E, "Wh")]),
        ("2026-05-01T17:59:00+06:00", [sample("7", P, "W")]),
    )
    assert [(r.at.minute, r.energy_mwh, r.power_mw) for r in readings] == [(59, 5_000, 7_000), (58, 4_000, None)]
    assert readings[0].context == "Sample.Clock"


def test_a_clock_that_was_never_set_is_kept_as_it_is() -> None:
    (reading,) = read(("1970-01-01T00:00:07.000Z", [sample("5")]))
    assert reading.at == dt.datetime(1970, 1, 1, 0, 0, 7, tzinfo=dt.UTC)


def test_the_newest_of_too_many_are_kept() -> None:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    moments = [((start + dt.timedelta(seconds=n)).isoformat(), [sample(str(n))]) for n in range(READINGS_MAX + 5)]
    readings = read(*moments)
    assert (len(readings), readings[0].energy_mwh) == (READINGS_MAX, 5_000)


def test_extras_are_bounded() -> None:
    reading = one(*(sample("x" * 500, f"Vendor.{n}" + "y" * 200) for n in range(100)))
    assert reading.extra is not None
    assert len(reading.extra) <= 40
    assert max(len(key) + len(value) for key, value in reading.extra.items()) <= 200


@given(st.text(max_size=60) | st.floats().map(str) | st.decimals().map(str), st.sampled_from([1, 1_000, 1_000_000]))
def test_any_text_is_a_bounded_whole_number_or_nothing(text: str, scale: int) -> None:
    value = amount(text, scale)
    assert value is None or abs(value) < QUANTITY_MAX


@given(st.integers(-(10**9), 10**9), st.integers(0, 999))
def test_three_decimals_of_a_watt_hour_survive(whole: int, thousandths: int) -> None:
    sign = "-" if whole < 0 else ""
    text = f"{sign}{abs(whole)}.{thousandths:03d}"
    expected = (abs(whole) * 1000 + thousandths) * (-1 if whole < 0 else 1)
    assert amount(text, 1_000) == expected
