"""Vendors' ways: every file is as it should be, applies to whom it names, and does what it says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.ocpp.test_codec_heard import BOX, NOW, VERSIONS, spoken
from zaryad.link import facts, orders
from zaryad.ocpp import quirks
from zaryad.ocpp.codec import PROTOCOLS, Heard
from zaryad.ocpp.quirks.model import Quirk, fits, put_together
from zaryad.ocpp.rpc import Call


def ways(**entry: Any) -> quirks.Quirks:
    return put_together([("test", msgspec.convert({"vendor": "*", "why": "a test of what quirks do", **entry}, Quirk))])


def heard(action: str, body: object, using: quirks.Quirks, version: str = "v16") -> Heard:
    raw = msgspec.Raw(json.dumps(body).encode())
    return spoken(version).fact(Call("1", action, raw), BOX, NOW, using)


@pytest.mark.parametrize(("name", "entry"), quirks.load(), ids=[name for name, _ in quirks.load()])
def test_every_file_names_actions_and_fields_that_there_are(name: str, entry: Quirk) -> None:
    assert set(entry.protocols) <= set(PROTOCOLS), name
    spoken_of = [PROTOCOLS[each] for each in entry.protocols or PROTOCOLS]
    for path in (*entry.words, *entry.defaults):
        action, _, field = path.partition(".")
        for codec in spoken_of:
            assert quirks.spare(codec.facts[action].shape, {field: ""}), f"{codec.protocol} has no {path}"
    nothing = Quirk(vendor=entry.vendor, why=entry.why, model=entry.model, firmware=entry.firmware)
    assert msgspec.structs.replace(entry, protocols=()) != nothing, "an entry that does nothing"


def test_an_unknown_key_or_a_missing_reason_is_an_error() -> None:
    for odd in ({"vendor": "A"}, {"vendor": "A", "why": "x" * 30, "energy_scale": 0}, {"why": "x" * 30}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(odd, Quirk)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"vendor": "A", "why": "x" * 30, "scale": 3}, Quirk)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"vendor": "A", "why": "x" * 30, "words": {"status": {}}}, Quirk)


def test_whom_an_entry_is_about() -> None:
    assert quirks.find("openevse", "any", "v4.2.2", "ocpp1.6").names == ("openevse",)
    assert not quirks.find("OpenEVSE", "any", "v5.0.0", "ocpp1.6")
    assert not quirks.find("OpenEVSE", "any", "v4.2.2", "ocpp2.0.1")
    assert not quirks.find("", "", None, "ocpp1.6")
    assert fits("autel*", " Autel Energy ")


def test_kilowatt_hours_that_are_called_watt_hours() -> None:
    values = [{"timestamp": "2026-11-21T10:00:00Z", "sampledValue": [{"value": "361", "unit": "Wh"}]}]
    body = {"connectorId": 1, "transactionId": 7, "meterValue": values}
    for using, energy in ((quirks.NONE, 361_000), (quirks.find("OpenEVSE", "", "4.2.2", "ocpp1.6"), 361_000_000)):
        fact = heard("MeterValues", body, using).fact
        assert isinstance(fact, facts.MeterRead)
        assert fact.readings[0].energy_mwh == energy
    huge = heard("MeterValues", body, ways(energy_scale=1_000_000, power_scale=2)).fact
    assert isinstance(huge, facts.MeterRead)
    assert huge.readings[0].energy_mwh == 361_000_000_000
    ended = {"transactionId": 7, "meterStop": 5, "timestamp": "2026-11-21T10:00:00Z", "transactionData": values}
    fact = heard("StopTransaction", ended, ways(register_scale=1_000, energy_scale=10)).fact
    assert isinstance(fact, facts.ChargingEnded)
    assert (fact.meter_stop_mwh, fact.readings[0].energy_mwh) == (5_000_000, 3_610_000)


def test_a_word_of_the_vendors_own_is_the_standards_and_not_counted() -> None:
    body = {"connectorId": 1, "errorCode": "Error", "status": "Parked", "timestamp": "2026-11-21T10:00:00Z"}
    using = ways(words={"StatusNotification.status": {"Parked": "Finishing"}}, ignore=["unknown_word:errorCode"])
    found = heard("StatusNotification", body, using)
    assert isinstance(found.fact, facts.ConnectorChanged)
    assert found.fact.state is facts.ConnectorState.FINISHING
    assert not found.violations
    legrand = quirks.find("Legrand", "Green'Up", "1", "ocpp1.6")
    assert heard("StatusNotification", body | {"status": "Faulted"}, legrand).fact.error_code == "OtherError"  # type: ignore[attr-defined]


def test_a_required_field_that_is_never_sent_has_a_default() -> None:
    using = ways(defaults={"StartTransaction.connectorId": 1}, ignore=["missing"])
    found = heard("StartTransaction", {"idTag": "A", "meterStart": 0, "timestamp": "2026-11-21T10:00:00Z"}, using)
    assert isinstance(found.fact, facts.ChargingBegan)
    assert (found.fact.connector, found.violations) == (1, ())


CARD, TURNED = "04A1B2C3", "C3B2A104"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_reader_that_turns_cards_round_is_understood_and_spoken_to(version: str) -> None:
    using = ways(tokens_reversed=True)
    said: Any = {"idTag": CARD} if version == "v16" else {"idToken": {"idToken": CARD, "type": "ISO14443"}}
    fact = heard("Authorize", said, using, version).fact
    assert isinstance(fact, facts.TokenPresented)
    assert fact.token == TURNED
    _, body = spoken(version).order(orders.StartCharging(connector=1, token=TURNED), 1, using)
    assert CARD in msgspec.json.encode(body).decode()
    entries = (orders.ListEntry(token=TURNED),)
    _, body = spoken(version).order(orders.SendLocalList(version=1, full=False, entries=entries), 1, using)
    assert CARD in msgspec.json.encode(body).decode()


@pytest.mark.parametrize("token", ["S1", "KG-BIS-1", "GGGGGGGG", "04A1B2", ""])
def test_what_is_no_cards_number_stays_as_it_is(token: str) -> None:
    assert quirks.of_order(orders.StartCharging(connector=1, token=token), ways(tokens_reversed=True)) == (
        orders.StartCharging(connector=1, token=token)
    )
