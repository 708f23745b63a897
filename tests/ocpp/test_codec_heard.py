"""Every message of a station, in every version: its fullest form and its least are facts, and answered as published."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec import inspect as mi

from tests.ocpp.schemas import messages, published
from tests.ocpp.test_schema_samples import encode, full, smallest
from zaryad.link import answers, facts
from zaryad.link.facts import Fact, StationEvent, StationId, Topic
from zaryad.link.kinds.settings import Variable
from zaryad.ocpp import codec
from zaryad.ocpp.codec import Codec, Heard
from zaryad.ocpp.rpc import Call, Told
from zaryad.ocpp.v2.facts_reports import states_told

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
WHEN = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
BOX = StationId("KG-1")
VERSIONS = {"v16": "ocpp1.6", "v201": "ocpp2.0.1", "v21": "ocpp2.1"}

# What a message becomes, where its kind is not Notice; and how it may be answered.
KINDS: dict[str, type[Fact]] = {
    "Authorize": facts.TokenPresented,
    "BootNotification": facts.Booted,
    "DataTransfer": facts.DataReceived,
    "DiagnosticsStatusNotification": facts.DiagnosticsReported,
    "FirmwareStatusNotification": facts.FirmwareReported,
    "Get15118EVCertificate": facts.ContractAsked,
    "GetCertificateChainStatus": facts.ChainAsked,
    "GetCertificateStatus": facts.OcspAsked,
    "Heartbeat": facts.Beat,
    "LogStatusNotification": facts.LogReported,
    "MeterValues": facts.MeterRead,
    "NotifyCustomerInformation": facts.CustomerPart,
    "NotifyDisplayMessages": facts.DisplaysPart,
    "NotifyEvent": facts.EventsTold,
    "NotifyMonitoringReport": facts.MonitorsPart,
    "NotifyReport": facts.VariablesPart,
    "PublishFirmwareStatusNotification": facts.FirmwarePublished,
    "ReportChargingProfiles": facts.ProfilesPart,
    "ReservationStatusUpdate": facts.ReservationEnded,
    "SecurityEventNotification": facts.SecurityEvent,
    "SignCertificate": facts.CertificateAsked,
    "SignedFirmwareStatusNotification": facts.FirmwareReported,
    "StartTransaction": facts.ChargingBegan,
    "StatusNotification": facts.ConnectorChanged,
    "StopTransaction": facts.ChargingEnded,
    "TransactionEvent": facts.TransactionReported,
}
TOKEN = answers.TokenVerdict(
    answers.TokenStatus.UNKNOWN,
    expires_at=WHEN,
    group="GROUP",
    contract=answers.ContractStatus.CANCELLED,
    message="x" * 2_000,
    language="ru",
)
STATE = answers.CertificateState(index=0, status="revoked", source="crl", next_update=WHEN)
ANSWERS: dict[type[Fact], list[answers.Answer]] = {
    facts.TokenPresented: [TOKEN],
    facts.Booted: [answers.BootVerdict(status, 60, NOW) for status in answers.BootStatus],
    facts.Beat: [answers.TimeTold(NOW)],
    facts.ContractAsked: [
        answers.ContractGiven(accepted=True, exi="eHg=", remaining=1),
        answers.ContractGiven(accepted=False, why="no_provider"),
    ],
    facts.ChainAsked: [answers.ChainVerdict((STATE,))],
    facts.OcspAsked: [
        answers.OcspGiven(accepted=True, response="eHg="),
        answers.OcspGiven(accepted=False, why="responder_away"),
    ],
    facts.CertificateAsked: [answers.Judged(), answers.Judged(accepted=False, why="not_this_station")],
    facts.DataReceived: [answers.DataVerdict(status, "x") for status in answers.DataStatus],
    facts.ChargingBegan: [answers.BeginVerdict("7", TOKEN)],
    facts.ChargingEnded: [answers.EndVerdict(), answers.EndVerdict(TOKEN)],
    facts.TransactionReported: [
        answers.Noted(),
        answers.TransactionVerdict(TOKEN, 123_456, 2, "ещё 5 минут", "ru", 500_00, 20_000),
    ],
    facts.Notice: [answers.Noted(), answers.Judged(), answers.Judged(accepted=False, why="not_now")],
}
ALL = [(version, action) for version, name in VERSIONS.items() for action in sorted(codec.for_protocol(name).facts)]


def heard(version: str, action: str, body: object) -> Heard:
    raw = msgspec.Raw(json.dumps(body).encode())
    return spoken(version).fact(Call("1", action, raw), BOX, NOW)


def spoken(version: str) -> Codec:
    return codec.for_protocol(VERSIONS[version])


def asked(version: str, action: str) -> str:
    return action if version == "v16" else f"{action}Request"


def answered(version: str, understood: Heard, answer: answers.Answer) -> Any:
    return json.loads(encode(spoken(version).answer(understood, answer)))


def fullest(version: str, action: str) -> dict[str, Any]:
    """The fullest form, with what the schemas cannot say put right: places that there are, money that there is."""
    body = full(version, asked(version, action))
    if "evse" in body:
        body["evse"] |= {"id": 2, "connectorId": 2}
    return body


@pytest.mark.parametrize(("version", "action"), ALL)
def test_the_fullest_and_the_least_are_facts_and_are_answered_as_published(version: str, action: str) -> None:
    least = json.loads(encode(smallest(mi.type_info(messages(version)[asked(version, action)]))))
    for body in (fullest(version, action), least):
        understood = heard(version, action, body)
        fact = understood.fact
        assert type(fact) is KINDS.get(action, facts.Notice)
        assert (fact.station_id, fact.received_at) == (BOX, NOW)
        assert not [note for note in understood.violations if note.kind not in ("not_a_quantity", "unread_profile")]
        msgspec.json.encode(fact)
        for answer in ANSWERS.get(type(fact), [answers.Noted()]):
            jsonschema.validate(answered(version, understood, answer), published(version)[f"{action}Response"])


def test_every_action_of_every_version_is_read() -> None:
    for version, name in VERSIONS.items():
        shapes = {asked(version, action) for action in spoken(version).facts} | set(spoken(version).sent)
        told = {asked(version, action) for action in spoken(version).asked}
        both = {asked(version, "DataTransfer")}
        names = {name for name in messages(version) if not name.endswith("Response")}
        assert shapes | told == names, name
        assert shapes & told == both
    assert [len(spoken(version).facts) for version in VERSIONS] == [14, 25, 36]
    assert [len(spoken(version).asked) for version in VERSIONS] == [26, 40, 55]


# 2.x, field by field

TRANSACTION = {
    "eventType": "Started",
    "timestamp": "2026-11-21T10:00:00Z",
    "triggerReason": "CablePluggedIn",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "tx-1", "chargingState": "EVConnected", "remoteStartId": 9},
    "evse": {"id": 2, "connectorId": 2},
    "idToken": {"idToken": "04A1", "type": "ISO14443"},
    "reservationId": 5,
    "numberOfPhasesUsed": 3,
    "meterValue": [{"timestamp": "2026-11-21T10:00:00Z", "sampledValue": [{"value": 12.5}]}],
}
V2 = ("v201", "v21")


@pytest.mark.parametrize("version", V2)
def test_a_transactions_start_is_all_there(version: str) -> None:
    assert heard(version, "TransactionEvent", TRANSACTION).fact == facts.TransactionReported(
        station_id=BOX,
        received_at=NOW,
        told=facts.Told.STARTED,
        charge_ref="tx-1",
        seq_no=0,
        at=WHEN,
        trigger="CablePluggedIn",
        connector=102,
        outlet_named=True,
        state=facts.ChargingState.EV_CONNECTED,
        token="04A1",
        token_kind="rfid",
        readings=(facts.Reading(at=WHEN, energy_mwh=12_500),),
        remote_start=9,
        reservation_id=5,
        phases=3,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"evse": {"id": 3}}, {"connector": 3, "outlet_named": False}),
        ({"evse": {"id": 3, "connectorId": 0}}, {"connector": 3, "outlet_named": False}),
        ({"evse": {"id": 300}}, {"connector": -1}),
        ({"eventType": "Ended"}, {"told": facts.Told.ENDED, "cause": facts.StopCause.LOCAL}),
        ({"offline": True}, {"offline": True, "cause": None}),
        ({"idToken": {"idToken": "KG-X-1", "type": "eMAID"}}, {"token_kind": "emaid"}),
        ({"idToken": {"idToken": "", "type": "NoAuthorization"}}, {"token": "", "token_kind": "none"}),
        ({"idToken": {"idToken": "04A1", "type": "iso15693"}}, {"token_kind": "rfid_iso15693"}),
        ({"triggerReason": "SomethingNew"}, {"trigger": "SomethingNew"}),
        ({"timestamp": "yesterday"}, {"at": NOW}),
        ({"seqNo": "3"}, {"seq_no": 3}),
    ],
)
@pytest.mark.parametrize("version", V2)
def test_a_transactions_event_with_something_else(
    version: str, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    fact = heard(version, "TransactionEvent", TRANSACTION | changes).fact
    assert {name: getattr(fact, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("Local", facts.StopCause.LOCAL),
        ("Remote", facts.StopCause.REMOTE),
        ("EVDisconnected", facts.StopCause.EV_DISCONNECTED),
        ("EmergencyStop", facts.StopCause.EMERGENCY_STOP),
        ("DeAuthorized", facts.StopCause.DEAUTHORIZED),
        ("ImmediateReset", facts.StopCause.HARD_RESET),
        ("Reboot", facts.StopCause.REBOOT),
        ("PowerLoss", facts.StopCause.POWER_LOSS),
        ("StoppedByEV", facts.StopCause.OTHER),
        ("Angry", facts.StopCause.OTHER),
    ],
)
def test_why_a_transaction_ended(reason: str, cause: facts.StopCause) -> None:
    said = TRANSACTION | {"eventType": "Ended", "transactionInfo": {"transactionId": "t", "stoppedReason": reason}}
    fact = heard("v201", "TransactionEvent", said).fact
    assert isinstance(fact, facts.TransactionReported)
    assert fact.cause is cause


@pytest.mark.parametrize(
    ("place", "number"), [((0, 0), 0), ((1, 1), 1), ((2, 0), 2), ((2, 3), 202), ((65, 1), -1), ((1, 10), -1)]
)
def test_where_a_status_is(place: tuple[int, int], number: int) -> None:
    said = {
        "timestamp": "2026-11-21T10:00:00Z",
        "connectorStatus": "Occupied",
        "evseId": place[0],
        "connectorId": place[1],
    }
    fact = heard("v21", "StatusNotification", said).fact
    assert isinstance(fact, facts.ConnectorChanged)
    assert (fact.connector, fact.state, fact.at) == (number, facts.ConnectorState.PREPARING, WHEN)


def test_a_status_told_as_an_event_is_a_status_too() -> None:
    event = {
        "eventId": 1,
        "timestamp": "2026-11-21T10:00:00Z",
        "trigger": "Delta",
        "actualValue": "Faulted",
        "techCode": "E17",
        "component": {"name": "Connector", "evse": {"id": 2, "connectorId": 1}},
        "variable": {"name": "AvailabilityState"},
        "eventNotificationType": "HardWiredNotification",
    }
    other = event | {"eventId": 2, "component": {"name": "Controller"}}
    said = {"generatedAt": "2026-11-21T10:00:00Z", "seqNo": 0, "eventData": [event, other]}
    understood = heard("v21", "NotifyEvent", said)
    (told,) = understood.also
    assert isinstance(told, facts.ConnectorChanged)
    assert (told.connector, told.state, told.error_code) == (2, facts.ConnectorState.FAULTED, "E17")
    assert isinstance(understood.fact, facts.EventsTold)
    assert [each.id for each in understood.fact.events] == [1, 2]
    assert understood.fact.last


def _state(component: str, value: str, evse: int | None = None, outlet: int | None = None, **more: str) -> StationEvent:
    variable = Variable(component=component, name=more.pop("name", "AvailabilityState"), evse=evse, outlet=outlet)
    return StationEvent(id=1, at=NOW, variable=variable, value=value)


def test_an_evse_speaks_only_for_a_connector_that_is_mute() -> None:
    events = (
        _state("Connector", "Occupied", 2, 2),
        _state("EVSE", "Occupied", 2),
        _state("EVSE", "Available", 3),
        _state("evse", "faulted", 3),  # the last of it; words of any case
        _state("ChargingStation", "Unavailable"),
        _state("Connector", "Available", 1, 1),
        _state("Connector", "true", 1, 1, name="Problem"),
        _state("Connector", "Asleep", 1, 1),
        _state("Connector", "Available", 65, 1),
        _state("Connector", "Available", 1, 10),
        _state("Connector", "Available"),
        _state("Connector", "Faulted", 4, 9),
    )
    told = facts.EventsTold(station_id=BOX, received_at=NOW, at=NOW, seq_no=0, last=True, events=events)
    state = facts.ConnectorState
    assert [(each.connector, each.state, each.error_code) for each in states_told(told)] == [
        (102, state.PREPARING, "NoError"),
        (3, state.FAULTED, "OtherError"),
        (0, state.UNAVAILABLE, "NoError"),
        (1, state.AVAILABLE, "NoError"),
        (804, state.FAULTED, "OtherError"),
    ]


def test_a_notice_keeps_what_was_said() -> None:
    said = {
        "pspRef": "X1",
        "status": "Settled",
        "settlementAmount": 12.50,
        "settlementTime": "2026-11-21T10:00:00Z",
        "transactionId": "tx-1",
    }
    fact = heard("v21", "NotifySettlement", said).fact
    assert fact == facts.Notice(station_id=BOX, received_at=NOW, topic=Topic.SETTLEMENT, body=said, charge_ref="tx-1")


def test_what_is_told_without_an_answer_is_a_notice() -> None:
    said = full("v21", "NotifyPeriodicEventStream")
    told = Told("1", "NotifyPeriodicEventStream", msgspec.Raw(json.dumps(said).encode()))
    fact = spoken("v21").fact(told, BOX, NOW).fact
    assert isinstance(fact, facts.Notice)
    assert (fact.topic, fact.body["id"]) == (Topic.STREAM_DATA, said["id"])


def test_an_answers_detail_is_in_the_standards_words_or_is_not_said() -> None:
    asked = heard("v21", "VatNumberValidation", {"vatNumber": "KG1", "evseId": 1})
    company = {"name": "N", "address1": "A", "city": "C", "country": "KGZ"}
    assert answered("v21", asked, answers.Judged(detail={"company": company})) == {
        "vatNumber": "KG1",
        "status": "Accepted",
        "company": company,
        "evseId": 1,
    }
    with pytest.raises(ValueError, match="company"):
        answered("v21", asked, answers.Judged(detail={"company": "N"}))
    long = heard("v21", "VatNumberValidation", {"vatNumber": -(10**25)})
    assert len(answered("v21", long, answers.Judged())["vatNumber"]) == 20
    needs = heard("v21", "NotifyEVChargingNeeds", fullest("v21", "NotifyEVChargingNeeds"))
    assert answered("v21", needs, answers.Judged(detail={"status": "Processing"}))["status"] == "Processing"


def test_a_verdict_says_all_that_a_version_can() -> None:
    fact = heard("v201", "TransactionEvent", TRANSACTION)
    verdict = ANSWERS[facts.TransactionReported][1]
    old, new = (answered(version, heard(version, "TransactionEvent", TRANSACTION), verdict) for version in V2)
    assert old == {
        "totalCost": 1234.56,
        "idTokenInfo": {
            "status": "Unknown",
            "cacheExpiryDateTime": "2026-11-21T10:00:00Z",
            "groupIdToken": {"idToken": "GROUP", "type": "Central"},
            "language1": "ru",
            "personalMessage": {"format": "UTF8", "content": "x" * 512, "language": "ru"},
        },
        "updatedPersonalMessage": {"format": "UTF8", "content": "ещё 5 минут", "language": "ru"},
    }
    assert new == old | {"transactionLimit": {"maxCost": 500, "maxEnergy": 20_000}}
    exact = answers.TransactionVerdict(total_minor=5, exponent=3)
    assert encode(spoken("v201").answer(fact, exact)) == b'{"totalCost":0.005}'


def test_a_certificates_hash_is_written_in_one_way() -> None:
    data = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "AB",
        "issuerKeyHash": "CD",
        "serialNumber": "0x00A1",
        "responderURL": "http://ocsp",
    }
    fact = heard("v201", "GetCertificateStatus", {"ocspRequestData": data}).fact
    assert isinstance(fact, facts.OcspAsked)
    assert fact.hash == facts.CertificateHash(
        algorithm="sha256", issuer_name_hash="ab", issuer_key_hash="cd", serial="a1", responder_url="http://ocsp"
    )


def test_parts_of_a_report_know_their_end() -> None:
    body = full("v201", "NotifyReportRequest")
    for tbc, last in ((True, False), (False, True)):
        fact = heard("v201", "NotifyReport", body | {"tbc": tbc}).fact
        assert isinstance(fact, facts.VariablesPart)
        assert (fact.last, fact.request, fact.seq_no) == (last, body["requestId"], body["seqNo"])
        assert len(fact.variables) == sum(len(data["variableAttribute"]) for data in body["reportData"])
    without = {name: value for name, value in body.items() if name != "tbc"}
    fact = heard("v201", "NotifyReport", without).fact
    assert isinstance(fact, facts.VariablesPart)
    assert fact.last


@pytest.mark.parametrize(("protocol", "most"), [("ocpp2.0.1", 7_500), ("ocpp2.1", 17_000)])
def test_an_answer_of_a_provider_that_is_too_long_is_a_failure_and_not_cut(protocol: str, most: int) -> None:
    version = codec.for_protocol(protocol)
    asked = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "AA"}
    call = Call("1", "Get15118EVCertificate", msgspec.Raw(msgspec.json.encode(asked)))
    heard = version.fact(call, StationId("KG-1"), dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    for length, status in ((most, "Accepted"), (most + 1, "Failed")):
        said = msgspec.to_builtins(version.answer(heard, answers.ContractGiven(accepted=True, exi="A" * length)))
        assert (said["status"], len(said["exiResponse"])) == (status, length if status == "Accepted" else 0)
