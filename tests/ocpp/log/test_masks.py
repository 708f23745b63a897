"""Secrets of every version are hidden, and nothing else is."""

import json
import time
from typing import Any

import pytest

from zaryad.ocpp.log.masks import masked

LEAVE = (
    '[2,"1","UpdateFirmware",{"location":"https://z.example/files/0123456789abcdef/5ec2e75ec2e75ec2e75ec2e75ec2e75e/fw.bin",'
    '"retrieveDate":"2026-01-01T00:00:00Z"}]'
)
PEM = "-----BEGIN EC PRIVATE KEY-----\\nMHcSECRET\\n-----END EC PRIVATE KEY-----"


def set_variable(component: str, variable: str, value: str) -> str:
    one = {"attributeValue": value, "component": {"name": component}, "variable": {"name": variable}}
    return json.dumps([2, "1", "SetVariables", {"setVariableData": [one]}])


def reported(**attribute: Any) -> str:
    one = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "variableAttribute": [{"type": "Actual", "mutability": "WriteOnly", **attribute}],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False},
    }
    return json.dumps([2, "1", "NotifyReport", {"requestId": 1, "seqNo": 0, "reportData": [one]}])


NETWORK = {
    "configurationSlot": 1,
    "connectionData": {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://user:SECRET@csms.example/ocpp",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
        "basicAuthPassword": "SECRET",
        "apn": {
            "apn": "internet",
            "apnUserName": "me",
            "apnPassword": "SECRET",
            "simPin": 731234,
            "apnAuthentication": "PAP",
        },
        "vpn": {"server": "vpn.example", "user": "me", "password": "SECRET", "key": "SECRET", "type": "IKEv2"},
    },
}


@pytest.mark.parametrize(
    "frame",
    [
        '{"key":"AuthorizationKey","value":"SECRET"}',
        '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"SECRET"}]',
        '{ "key" : "authorizationkey" , "readonly" : false , "value" : "SECRET\\" SECRET" }',
        '{"value":"SECRET","readonly":true,"key":"BasicAuthPassword"}',
        '{"key":"A","value":"x"},{"key":"AuthorizationKey","value":"SECRET',
        '[3,"1",{"configurationKey":[{"key":"Vendor_WiFi_PSK","readonly":false,"value":"SECRET"}]}]',
        '[2,"1","ChangeConfiguration",{"key":"\\u0041uthorizationKey","value":"SECRET"}]',
        set_variable("SecurityCtrlr", "BasicAuthPassword", "SECRET"),
        set_variable("SecurityCtrlr", "basicauthpassword", "SECRET"),
        set_variable("NetworkConfiguration", "VpnKey", "SECRET"),
        set_variable("NetworkConfiguration", "ApnPassword", "SECRET"),
        set_variable("SecurityCtrlr", "BasicAuthPassword", "SECRET")[:-5],
        reported(value="SECRET"),
        json.dumps([2, "1", "SetNetworkProfile", NETWORK]),
        json.dumps([2, "1", "SetNetworkProfile", NETWORK])[:-10],
        '[2,"1","UpdateFirmware",{"location":"ftp://zaryad:SECRET@files.example/fw.bin","retrieveDate":"2026-01-01T00:00:00Z"}]',
        '[2,"1","UpdateFirmware",{"location":"ftp:\\/\\/zaryad:SECRET@files.example\\/fw.bin"}]',
        '[2,"1","UpdateFirmware",{"location":"ftp:\\/\\/zaryad:SECRET@files.example\\/fw.b',
        '[2,"1","GetDiagnostics",{"location":"https://u:SE@SECRET@files.example/up"}]',
        '[2,"1","GetLog",{"log":{"remoteLocation":"sftp://u:SECRET@10.0.0.1:22/"},"logType":"SecurityLog","requestId":1}]',
        LEAVE,
        LEAVE.replace("/", "\\/"),
        LEAVE[:-20],
        f'[2,"1","DataTransfer",{{"vendorId":"x","data":"{PEM}"}}]',
        f'[2,"1","DataTransfer",{{"vendorId":"x","data":"{PEM[:-30]}',
        json.dumps([2, "1", "DataTransfer", {"vendorId": "x", "data": json.dumps({"wifi": {"password": "SECRET"}})}]),
        json.dumps([2, "1", "DataTransfer", {"vendorId": "x", "data": '{"wifi":{"password":"SECRET'}]),
        '[4,"1","InternalError","cannot reach ftp://u:SECRET@host/",{}]',
    ],
)
def test_a_secret_is_hidden(frame: str) -> None:
    shown = masked(frame)
    assert "SECRET" not in shown
    assert "5ec2e7" not in shown
    assert "731234" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "frame",
    [
        '[{"key":"HeartbeatInterval","value":"300"},{"key":"AuthorizationKey","readonly":false}]',
        '{"key":"HeartbeatInterval","value":"300',
        '[3, "1", {"configurationKey": [{"key": "AuthorizationKey"}, {"key": "MeterPin", "value": "7"}]}]',
        '[2,"1","ChangeConfiguration",{"key":"LocalAuthListEnabled","value":"true"}]',
        '[2, "1", "Authorize", {"idTag": "04A2B3C4"}]',
        '[2,"1","TransactionEvent",{"idToken":{"idToken":"04A2B3C4","type":"ISO14443"},"eventType":"Started"}]',
        '[3,"1",{"currentTime":"2026-01-01T00:00:00Z"}]',
        '[2,"1","UpdateFirmware",{"location":"https://files.example/fw.bin?mail=a:b@c"}]',
        '[2,"1","UpdateFirmware",{"location":"ftp://zaryad@files.example/fw.bin"}]',
        '[2,"1","DataTransfer",{"data":"10:20@home"}]',
        '[2,"1","InstallCertificate",{"certificate":"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"}]',
        '[2,"1","SignCertificate",{"csr":"-----BEGIN CERTIFICATE REQUEST-----\\nMIIB"}]',
        set_variable("SecurityCtrlr", "OrganizationName", "Zaryad"),
        set_variable("AuthCtrlr", "MasterPassGroupId", "G1"),
        reported(),
        "not json\n\t\\. key",
        '[2,"1","Heartbeat",{}]',
    ],
)
def test_what_is_no_secret_stays_byte_for_byte(frame: str) -> None:
    assert masked(frame) == frame


def test_only_the_secret_is_replaced() -> None:
    said = json.loads(masked(json.dumps([2, "1", "SetNetworkProfile", NETWORK])))
    data = said[3]["connectionData"]
    assert data["ocppCsmsUrl"] == "wss://user:***@csms.example/ocpp"
    assert (data["securityProfile"], data["messageTimeout"]) == (2, 30)
    assert data["apn"] == {
        "apn": "internet",
        "apnUserName": "me",
        "apnPassword": "***",
        "simPin": "***",
        "apnAuthentication": "PAP",
    }
    assert data["vpn"] == {"server": "vpn.example", "user": "me", "password": "***", "key": "***", "type": "IKEv2"}
    report = json.loads(masked(reported(value="SECRET")))[3]["reportData"][0]
    assert report["variableAttribute"] == [{"type": "Actual", "mutability": "WriteOnly", "value": "***"}]
    assert report["component"] == {"name": "SecurityCtrlr"}


def test_what_cannot_be_read_loses_every_value_beside_a_secrets_name() -> None:
    frame = '{"key":"HeartbeatInterval","value":"300"},{"key":"AuthorizationKey","value":"SECRET'
    assert masked(frame) == '{"key":"HeartbeatInterval","value":"***"},{"key":"AuthorizationKey","value":"***'


@pytest.mark.parametrize("depth", [50, 5_000])
def test_a_nest_of_brackets_is_no_trouble(depth: int) -> None:
    frame = "[" * depth + '"password"' + "]" * depth
    assert "password" in masked(frame)


@pytest.mark.parametrize(
    "piece",
    ['"value":"', '{"key":"password"', '"passw', "passw", "ftp://a:", "-----BEGIN PRIVATE KEY-----", '{"value":"x"',
     '"value":"x"{', '"vpn":{', '"password":', '"name":"', "a://", '"key" : ', "\\\\", '"value":"\\'],
)  # fmt: skip
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    began = time.perf_counter()
    masked('x:"@://passw' + piece * (32_000 // len(piece)))
    assert time.perf_counter() - began < 0.5
