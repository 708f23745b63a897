"""Every shape of every version against the published JSON schemas, field by field.

What differs is listed, with its reason; and every reason is needed.
"""

from __future__ import annotations

import json

import msgspec
import pytest
from msgspec import inspect as mi

from tests.ocpp.schemas import ALL, VERSIONS, differences, messages, published
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v16 import wire as wire16

NUMBERED = "0 to 9999: the schemas have no such limit, databases and our numbers of connectors do"
FREE = "any object will do: nobody here looks for its vendorId"
LIMITS = "2.1's schemas have this limit, and a shape serves both versions"
UNLIMITED = "a Decimal has no limits in msgspec; who sends it keeps them"
URI = "a text: who sends it makes it a URI"

# Path, from a message or a type with a name -> why our shape is not the schema's there. `*.` is any one of them.
DIFFERENT = {
    "v16": {
        "*.connectorId": NUMBERED,
        "*.limit": UNLIMITED,
        "*.minChargingRate": UNLIMITED,
        "GetDiagnostics.location": URI,
        "StartTransaction.meterStart": "bounded: the schema has no limits, databases do",
        "StopTransaction.meterStop": "bounded: the schema has no limits, databases do",
        "StopTransaction.transactionData.sampledValue": "one shape with MeterValues, whose schema wants at least one",
        "StopTransaction.transactionData.sampledValue.unit": "one shape with MeterValues, whose schema knows Hertz too",
        "UpdateFirmware.location": URI,
    },
    "v201": {
        "*.customData": FREE,
        "*.connectorId": NUMBERED,
        "*.evseId": NUMBERED,
        "EVSE.id": NUMBERED,
        "StatusInfo.additionalInfo": "2.1's length: one shape for both, which we hardly ever fill",
        **dict.fromkeys(
            [
                "CancelReservationRequest.reservationId",
                "ChargingProfile.stackLevel",
                "ChargingProfileCriterion.stackLevel",
                "ChargingSchedulePeriod.numberPhases",
                "ChargingSchedulePeriod.phaseToUse",
                "ClearChargingProfile.stackLevel",
                "ClearDisplayMessageRequest.id",
                "ClearMonitoringResult.id",
                "ClearVariableMonitoringRequest.id",
                "CustomerInformationRequest.requestId",
                "EventData.cause",
                "EventData.eventId",
                "EventData.variableMonitoringId",
                "GetDisplayMessagesRequest.id",
                "GetLogRequest.retries",
                "MessageInfo.id",
                "NetworkConnectionProfile.securityProfile",
                "NotifyCustomerInformationRequest.requestId",
                "NotifyCustomerInformationRequest.seqNo",
                "NotifyEventRequest.seqNo",
                "NotifyEVChargingNeedsRequest.maxScheduleTuples",
                "NotifyMonitoringReportRequest.seqNo",
                "NotifyReportRequest.seqNo",
                "PublishFirmwareRequest.requestId",
                "PublishFirmwareRequest.retries",
                "PublishFirmwareRequest.retryInterval",
                "PublishFirmwareStatusNotificationRequest.requestId",
                "ReservationStatusUpdateRequest.reservationId",
                "ReserveNowRequest.id",
                "SalesTariff.id",
                "SalesTariff.numEPriceLevels",
                "SetMonitoringData.id",
                "SetMonitoringData.severity",
                "SetMonitoringLevelRequest.severity",
                "SetMonitoringResult.id",
                "SetMonitoringResult.severity",
                "TransactionEventRequest.numberOfPhasesUsed",
                "TransactionEventRequest.reservationId",
                "TransactionEventRequest.seqNo",
                "UpdateFirmwareRequest.retries",
                "VariableMonitoring.id",
                "VariableMonitoring.severity",
            ],
            LIMITS,
        ),
    },
    "v21": {
        "*.customData": FREE,
        "*.connectorId": NUMBERED,
        "*.evseId": NUMBERED,
        "EVSE.id": NUMBERED,
        "*.dischargeLimit": UNLIMITED,
        "*.dischargeLimit_L2": UNLIMITED,
        "*.dischargeLimit_L3": UNLIMITED,
        "BatteryData.soC": UNLIMITED,
        "BatteryData.soH": UNLIMITED,
    },
}
COUNTS = {  # messages from the station, to it, and sent without an answer; DataTransfer goes both ways
    "v16": (wire16.FROM_STATION, 14, wire16.TO_STATION, 26, 39),
    "v201": (wire.FROM_STATION, 25, wire.TO_STATION, 40, 64),
    "v21": (wire21.FROM_STATION_21, 36, wire21.TO_STATION_21, 55, 90),
}


def excuse(version: str, path: str) -> str | None:
    """Return the entry that excuses a path."""
    return next((known for known in (path, f"*.{path.rpartition('.')[2]}") if known in DIFFERENT[version]), None)


@pytest.mark.parametrize(("version", "name"), ALL, ids=["-".join(found) for found in ALL])
def test_a_shape_is_the_schemas(version: str, name: str) -> None:
    assert [line for line in differences(version, name) if not excuse(version, line.partition(":")[0])] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_excuse_is_needed(version: str) -> None:
    found = {line.partition(":")[0] for name in messages(version) for line in differences(version, name)}
    assert {excuse(version, path) for path in found} == set(DIFFERENT[version])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_published_message_has_a_shape_and_goes_its_way(version: str) -> None:
    assert messages(version).keys() == published(version).keys()
    from_station, from_count, to_station, to_count, actions = COUNTS[version]
    assert (len(from_station), len(to_station)) == (from_count, to_count)
    assert from_station.keys() & to_station.keys() == {"DataTransfer"}
    assert len(from_station.keys() | to_station.keys()) == actions


def test_one_message_is_told_without_an_answer() -> None:
    assert {"NotifyPeriodicEventStream": wire21.NotifyPeriodicEventStream} == wire21.SENT_21


def test_all_of_1_6_is_known() -> None:
    assert {name for name in published("v16") if not name.endswith("Response")} == wire16.KNOWN


@pytest.mark.parametrize("version", VERSIONS)
def test_no_shape_is_there_for_nothing(version: str) -> None:
    front, base = {"v16": (wire16, wire16.Wire), "v201": (wire, wire.Wire), "v21": (wire21, wire.Wire)}[version]
    exported = {value for value in vars(front).values() if isinstance(value, type) and issubclass(value, base)}
    assert exported - reachable(tuple(messages(version).values())) == {base}


def reachable(roots: tuple[type, ...]) -> set[type]:
    found: set[type] = set()

    def look(shape: mi.Type) -> None:
        if isinstance(shape, mi.UnionType):
            for inner in shape.types:
                look(inner)
        elif isinstance(shape, mi.ListType):
            look(shape.item_type)
        elif isinstance(shape, mi.StructType) and shape.cls not in found:
            found.add(shape.cls)
            for field in shape.fields:
                look(field.type)

    for root in roots:
        look(mi.type_info(root))
    return found


def test_what_the_strict_decoder_takes_the_schema_takes() -> None:
    """An unknown field, a null, an unknown word: all are seen, since the schemas forbid them."""
    decode = msgspec.json.Decoder(wire16.StatusNotification).decode
    good = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "2026-01-01T00:00:00Z"}
    decode(json.dumps(good).encode())
    for bad in ({"x": 1}, {"status": "Occupied"}, {"connectorId": "1"}, {"timestamp": "2026-01-01T00:00:00"}):
        with pytest.raises(msgspec.ValidationError):
            decode(json.dumps(good | bad).encode())
