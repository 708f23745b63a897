"""What of an order could be told to no station, or not to one of this version: refused before it is written down."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, NoReturn

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders as o
from zaryad.link.station import numbered
from zaryad.stations.orders.check_profile import check_profile

V16: Final = "ocpp1.6"
INT_MAX: Final = 2**31 - 1  # what every station can hold
TEXT_MAX: Final = 100_000
ITEMS_MAX: Final = 1_000
PAYLOAD_MAX: Final = 65_536
_HEX = re.compile(r"[0-9a-fA-F]+")


def check(what: o.AnyOrder, protocol: str | None = None) -> None:
    """Raise DomainError INVALID `order_field_invalid` with the path of the field that could not be told.

    With a protocol, by its limits; without, by the widest: the station's own version judges when it is sent.
    """
    _plain(what, "")
    rule = _RULES.get(type(what))
    if rule is not None:
        rule(what, protocol == V16)


def wrong(field: str) -> NoReturn:
    """Refuse a field."""
    raise DomainError(Kind.INVALID, "order_field_invalid", field=field)


def need(right: bool, field: str) -> None:
    """Refuse the field unless it is right."""
    if not right:
        wrong(field)


def _plain(value: Any, path: str) -> None:
    """Refuse what no message can carry: NUL, huge texts and numbers, times without a zone."""
    match value:
        case bool() | None | Enum():
            pass
        case int():
            need(-INT_MAX <= value <= INT_MAX, path)
        case str():
            need(len(value) <= TEXT_MAX and "\0" not in value, path)
        case dt.datetime():
            need(value.tzinfo is not None, path)
        case msgspec.Struct():
            for field in msgspec.structs.fields(value):
                if not (field.name == "payload" and isinstance(value, o.RawCall)):
                    _plain(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
        case tuple():
            need(len(value) <= ITEMS_MAX, path)
            for at, each in enumerate(value):
                _plain(each, f"{path}[{at}]")
        case _:
            wrong(path)


def _text(text: str | None, least: int, most: int, field: str) -> None:
    need(text is None or least <= len(text) <= most, field)


def _connector(number: int | None, field: str = "connector", *, least: int = 1) -> None:
    need(number is None or (number >= least and numbered(number)), field)


def _token(text: str | None, old: bool, field: str = "token") -> None:
    _text(text, 1, 20 if old else 36, field)


def _count(things: Sequence[object], least: int, most: int, field: str) -> None:
    need(least <= len(things) <= most, field)


def _variable(it: o.Variable, path: str) -> None:
    _text(it.component, 1, 50, f"{path}.component")
    _text(it.name, 1, 50, f"{path}.name")
    _text(it.component_instance, 1, 50, f"{path}.component_instance")
    _text(it.instance, 1, 50, f"{path}.instance")
    need(it.evse is None or it.evse >= 0, f"{path}.evse")
    need(it.outlet is None or (it.evse is not None and it.outlet >= 0), f"{path}.outlet")


def _hash(it: o.CertificateHash | None, path: str) -> None:
    if it is None:
        return
    for name, most in (("issuer_name_hash", 128), ("issuer_key_hash", 128), ("serial", 40)):
        text = getattr(it, name)
        need(len(text) <= most and _HEX.fullmatch(text) is not None, f"{path}.{name}")


def _pem(text: str, most: int, field: str) -> None:
    need(len(text) <= most and "-----BEGIN CERTIFICATE-----" in text, field)


# By kind


def _start(it: o.StartCharging, old: bool) -> None:
    _connector(it.connector)
    _token(it.token, old)
    _token(it.group, old, "group")
    if it.profile is not None:
        need(it.profile.purpose == "transaction", "profile.purpose")
        need(it.profile.charge_ref is None, "profile.charge_ref")
        check_profile(it.profile, it.connector, bound=False)


def _stop(it: o.StopCharging, old: bool) -> None:
    _text(it.charge_ref, 1, 36, "charge_ref")
    need(not old or it.charge_ref.isdecimal(), "charge_ref")


def _send_data(it: o.SendData, _old: bool) -> None:
    _text(it.vendor, 1, 255, "vendor")
    _text(it.message, 1, 50, "message")


def _trigger(it: o.Trigger, _old: bool) -> None:
    need(it.message.isalnum() and it.message.isascii() and len(it.message) <= 50, "message")
    _text(it.custom, 1, 50, "custom")
    _connector(it.connector, least=0)


def _show_cost(it: o.ShowCost, _old: bool) -> None:
    _text(it.charge_ref, 1, 36, "charge_ref")
    need(it.total_minor >= 0, "total_minor")
    need(0 <= it.exponent <= 4, "exponent")


def _raw(it: o.RawCall, _old: bool) -> None:
    need(it.action.isalnum() and it.action.isascii() and len(it.action) <= 50, "action")
    need(len(msgspec.json.encode(it.payload)) <= PAYLOAD_MAX, "payload")
    need(b"\\u0000" not in msgspec.json.encode(it.payload), "payload")


def _read_keys(it: o.ReadConfiguration, _old: bool) -> None:
    _count(it.keys, 0, 100, "keys")
    for at, key in enumerate(it.keys):
        _text(key, 1, 50, f"keys[{at}]")


def _change_key(it: o.ChangeConfiguration, _old: bool) -> None:
    _text(it.key, 1, 50, "key")
    _text(it.value, 0, 500, "value")


def _read_variables(it: o.ReadVariables, _old: bool) -> None:
    _count(it.variables, 1, 200, "variables")
    for at, each in enumerate(it.variables):
        _variable(each.variable, f"variables[{at}].variable")


def _write_variables(it: o.WriteVariables, _old: bool) -> None:
    _count(it.variables, 1, 200, "variables")
    for at, each in enumerate(it.variables):
        _variable(each.variable, f"variables[{at}].variable")
        _text(each.value, 0, 2_500, f"variables[{at}].value")


def _report(it: o.ReportVariables | o.ReportMonitors, _old: bool) -> None:
    _count(it.variables, 0, 200, "variables")
    for at, each in enumerate(it.variables):
        _variable(each, f"variables[{at}]")
    need(len(set(it.criteria)) == len(it.criteria), "criteria")


def _network(it: o.SetNetworkProfile, _old: bool) -> None:
    need(it.slot >= 0, "slot")
    need(it.url.startswith(("ws://", "wss://")) and len(it.url) <= 512, "url")
    need(0 <= it.security_profile <= 3, "security_profile")
    need(it.security_profile < 2 or it.url.startswith("wss://"), "url")
    _text(it.interface, 1, 20, "interface")
    need(it.timeout_s >= 1, "timeout_s")
    _text(it.identity, 1, 48, "identity")
    _text(it.password, 16, 64, "password")


def _monitors(it: o.SetMonitors, _old: bool) -> None:
    _count(it.monitors, 1, 200, "monitors")
    for at, each in enumerate(it.monitors):
        _variable(each.variable, f"monitors[{at}].variable")
        need(0 <= each.severity <= 9, f"monitors[{at}].severity")
        try:
            need(Decimal(each.value).is_finite() and len(each.value) <= 50, f"monitors[{at}].value")
        except InvalidOperation:
            wrong(f"monitors[{at}].value")


def _local_list(it: o.SendLocalList, old: bool) -> None:
    need(it.version >= 1, "version")
    for at, each in enumerate(it.entries):
        _token(each.token, old, f"entries[{at}].token")
        _token(each.group, old, f"entries[{at}].group")
        need(each.status is not None or not it.full, f"entries[{at}].status")
    need(len({each.token.upper() for each in it.entries}) == len(it.entries), "entries")


def _reserve(it: o.Reserve, old: bool) -> None:
    need(it.reservation >= 1, "reservation")
    _connector(it.connector, least=0)
    _token(it.token, old)
    _token(it.group, old, "group")


def _display(it: o.SetDisplay, _old: bool) -> None:
    message = it.message
    need(message.number >= 0, "message.number")
    _text(message.text, 1, 1_024, "message.text")
    _text(message.language, 2, 8, "message.language")
    _text(message.charge_ref, 1, 36, "message.charge_ref")
    backwards = message.from_at is not None and message.until_at is not None and message.from_at >= message.until_at
    need(not backwards, "message.until_at")


def _customer(it: o.CustomerData, _old: bool) -> None:
    need(it.report or it.clear, "report")
    named = [name for name in ("token", "customer", "certificate") if getattr(it, name) is not None]
    need(len(named) == 1, (named or ["token"])[-1])
    _text(it.token, 1, 36, "token")
    _text(it.customer, 1, 64, "customer")
    _hash(it.certificate, "certificate")


def _set_profile(it: o.SetProfile, _old: bool) -> None:
    _connector(it.connector, least=0)
    check_profile(it.profile, it.connector)


def _compose(it: o.ComposeSchedule, _old: bool) -> None:
    _connector(it.connector, least=0)
    need(1 <= it.duration_s <= 7 * 86_400, "duration_s")


def _files(it: o.UpdateFirmware | o.FetchLog | o.PublishFirmware, _old: bool) -> None:
    need(re.fullmatch(r"(https?|ftps?|sftp)://\S+", it.url) is not None and len(it.url) <= 2_000, "url")
    need(it.retries is None or 0 <= it.retries <= 100, "retries")
    need(it.retry_interval_s is None or 0 <= it.retry_interval_s <= 86_400, "retry_interval_s")
    if isinstance(it, o.UpdateFirmware):
        need((it.certificate is None) == (it.signature is None), "signature")
        need(it.install_at is None or it.install_at >= it.retrieve_at, "install_at")
    if isinstance(it, o.FetchLog):
        need(it.since is None or it.until is None or it.since < it.until, "until")
    if isinstance(it, o.PublishFirmware):
        _checksum(it, _old)


def _checksum(it: o.PublishFirmware | o.UnpublishFirmware, _old: bool) -> None:
    need(len(it.checksum) == 32 and _HEX.fullmatch(it.checksum) is not None, "checksum")


_RULES: dict[type[o.Order], Callable[[Any, bool], None]] = {
    o.StartCharging: _start,
    o.StopCharging: _stop,
    o.ResetStation: lambda it, _: _connector(it.connector),
    o.UnlockConnector: lambda it, _: _connector(it.connector),
    o.ChangeAvailability: lambda it, _: _connector(it.connector, least=0),
    o.SendData: _send_data,
    o.Trigger: _trigger,
    o.AskTransaction: lambda it, _: _text(it.charge_ref, 1, 36, "charge_ref"),
    o.ShowCost: _show_cost,
    o.RawCall: _raw,
    o.ReadConfiguration: _read_keys,
    o.ChangeConfiguration: _change_key,
    o.ReadVariables: _read_variables,
    o.WriteVariables: _write_variables,
    o.ReportVariables: _report,
    o.ReportMonitors: _report,
    o.SetNetworkProfile: _network,
    o.SetMonitors: _monitors,
    o.ClearMonitors: lambda it, _: _count(it.ids, 1, 200, "ids"),
    o.SetMonitoringLevel: lambda it, _: need(0 <= it.severity <= 9, "severity"),
    o.SendLocalList: _local_list,
    o.Reserve: _reserve,
    o.CancelReservation: lambda it, _: need(it.reservation >= 1, "reservation"),
    o.SetDisplay: _display,
    o.CustomerData: _customer,
    o.SetProfile: _set_profile,
    o.ClearProfiles: lambda it, _: _connector(it.connector, least=0),
    o.ReportProfiles: lambda it, _: _connector(it.connector, least=0),
    o.ComposeSchedule: _compose,
    o.UpdateFirmware: _files,
    o.FetchLog: _files,
    o.PublishFirmware: _files,
    o.UnpublishFirmware: _checksum,
    o.InstallCertificate: lambda it, _: _pem(it.certificate, 10_000, "certificate"),
    o.GiveCertificate: lambda it, _: _pem(it.chain, 10_000, "chain"),
    o.DeleteCertificate: lambda it, _: _hash(it.hash, "hash"),
}
