"""2.x sampled values: their unit and power of ten, their phases and places, in whole numbers of ours."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.ocpp.test_codec_heard import BOX, NOW, WHEN, spoken
from zaryad.link.facts import MeterRead, Reading
from zaryad.ocpp.rpc import Call


def sample(value: object, measurand: str | None = None, unit: str | None = None, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"value": value, **more}
    if measurand is not None:
        said["measurand"] = measurand
    if unit is not None:
        said["unitOfMeasure"] = {"unit": unit}
    return said


def heard(*samples: dict[str, Any], version: str = "v201") -> tuple[MeterRead, list[str]]:
    body = {"evseId": 1, "meterValue": [{"timestamp": "2026-11-21T10:00:00Z", "sampledValue": list(samples)}]}
    raw = msgspec.Raw(json.dumps(body).encode())
    found = spoken(version).fact(Call("1", "MeterValues", raw), BOX, NOW)
    assert isinstance(found.fact, MeterRead)
    return found.fact, [note.kind for note in found.violations]


def read(*samples: dict[str, Any], version: str = "v201") -> Reading:
    fact, notes = heard(*samples, version=version)
    assert not notes
    (reading,) = fact.readings
    assert reading.at == WHEN
    return reading


REGISTER, POWER = "Energy.Active.Import.Register", "Power.Active.Import"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (sample(1500), {"energy_mwh": 1_500_000}),
        (sample(1.5, REGISTER, "kWh"), {"energy_mwh": 1_500_000}),
        (sample(1.5, REGISTER, "Wh") | {"unitOfMeasure": {"unit": "Wh", "multiplier": 3}}, {"energy_mwh": 1_500_000}),
        (sample(15, REGISTER) | {"unitOfMeasure": {"multiplier": 2}}, {"energy_mwh": 1_500_000}),
        (sample(1500, REGISTER) | {"unitOfMeasure": {"unit": "Wh", "multiplier": -3}}, {"energy_mwh": 1_500}),
        (sample(0.0005, REGISTER), {"energy_mwh": 0}),
        (sample(-0.5, REGISTER), {"energy_mwh": -500}),
        (sample(11.04, POWER, "kW"), {"power_mw": 11_040_000}),
        (sample(11040, POWER), {"power_mw": 11_040_000}),
        (sample(16.1, "Current.Import", "A"), {"current_ma": 16_100}),
        (sample(230.4, "Voltage", "V"), {"voltage_mv": 230_400}),
        (sample(80.7, "SoC", "Percent"), {"soc_percent": 80}),
        (sample(80, "SoC", location="EV"), {"soc_percent": 80}),
        (sample(50, "Frequency", "Hz"), {"extra": {"Frequency": "50 Hz"}}),
        (sample(7, REGISTER, "MWh"), {"energy_mwh": None, "extra": {REGISTER: "7 MWh"}}),
        (sample(5, REGISTER, location="Inlet"), {"energy_mwh": 5_000}),
        (sample(1500, REGISTER, context="Transaction.End"), {"context": "Transaction.End"}),
    ],
)
def test_a_sample_in_our_units(said: dict[str, Any], expected: dict[str, Any]) -> None:
    found = read(said)
    assert {name: getattr(found, name) for name in expected} == expected


def test_phases_are_added_unless_there_is_a_total_and_currents_are_not() -> None:
    lines = [sample(1000 + number, POWER, phase=f"L{number}") for number in (1, 2, 3)]
    assert read(*lines).power_mw == 3_006_000
    assert read(*lines, sample(2_900, POWER)).power_mw == 2_900_000
    currents = [sample(value, "Current.Import", phase=phase) for value, phase in ((10, "L1"), (12, "L2"), (0.4, "N"))]
    found = read(*currents)
    assert found.current_ma == 12_000
    assert found.extra == {"Current.Import.N": "0.4"}
    assert read(sample(399, "Voltage", phase="L1-L2"), sample(231, "Voltage", phase="L1-N")).voltage_mv == 231_000


def test_the_outlet_counts_before_any_other_place() -> None:
    found = read(sample(100, REGISTER, location="Inlet"), sample(90, REGISTER))
    assert found.energy_mwh == 90_000
    assert found.extra == {f"{REGISTER}@Inlet": "100"}


@pytest.mark.parametrize("value", ["NaN", "1e999999", "-Infinity", "x", None, [], 10**30])
def test_what_is_no_quantity_is_noted_and_nothing_else_is_lost(value: object) -> None:
    fact, notes = heard(sample(value, REGISTER), sample(7, POWER))
    assert "not_a_quantity" in notes
    (found,) = fact.readings
    assert (found.energy_mwh, found.power_mw) == (None, 7_000)


def test_an_absurd_multiplier_is_no_quantity() -> None:
    for multiplier in (10**9, -(10**9), 25):
        _, notes = heard(sample(1, REGISTER) | {"unitOfMeasure": {"multiplier": multiplier}})
        assert notes == ["not_a_quantity"]


@pytest.mark.parametrize("version", ["v201", "v21"])
def test_a_signed_value_is_kept_uncut(version: str) -> None:
    signed = {
        "signedMeterData": "x" * (2_500 if version == "v201" else 30_000),
        "signingMethod": "ECDSA-secp256r1-SHA256",
        "encodingMethod": "OCMF",
        "publicKey": "k" * 100,
    }
    found = read(sample(1, REGISTER, signedMeterValue=signed), version=version)
    assert found.energy_mwh == 1_000
    assert found.extra == {
        f"{REGISTER}#signed": signed["signedMeterData"],
        f"{REGISTER}#encoding": "OCMF",
        f"{REGISTER}#signing": "ECDSA-secp256r1-SHA256",
        f"{REGISTER}#public_key": "k" * 100,
    }


def test_moments_are_kept_apart_and_the_same_moment_is_one() -> None:
    body = {
        "evseId": 0,
        "meterValue": [
            {"timestamp": "2026-11-21T10:00:00Z", "sampledValue": [sample(1)]},
            {"timestamp": "2026-11-21T16:00:00+06:00", "sampledValue": [sample(2, POWER)]},
            {"timestamp": "2026-11-21T10:01:00Z", "sampledValue": [sample(3)]},
        ],
    }
    found = spoken("v201").fact(Call("1", "MeterValues", msgspec.Raw(json.dumps(body).encode())), BOX, NOW).fact
    assert isinstance(found, MeterRead)
    assert (found.connector, found.charge_ref) == (0, None)
    assert [(reading.energy_mwh, reading.power_mw) for reading in found.readings] == [(1_000, 2_000), (3_000, None)]
