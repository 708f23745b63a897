"""The orders that have a route each: what they are called, how their bodies look, and an example of each.

Setting a profile is with the profiles that are kept by name; the calls of technicians have a route of another shape.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from zaryad.link import orders as o
from zaryad.link.orders import AnyOrder


class OrderKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of order as the API offers it. `body` has the order's own fields, and no others."""

    order: type[o.Order]
    about: str
    example: dict[str, Any]
    body: type[msgspec.Struct]

    @property
    def tag(self) -> str:
        """Return the row's `kind`."""
        return str(self.order.__struct_config__.tag)

    @property
    def path(self) -> str:
        """Return the last word of the route: start-charging."""
        return self.tag.replace("_", "-")

    def read(self, body: msgspec.Struct) -> AnyOrder:
        """Make the order of a body."""
        values = {field: getattr(body, field) for field in self.order.__struct_fields__}
        return self.order(**values)  # type: ignore[return-value]  # each of the table is one of AnyOrder


def kind(order: type[o.Order], about: str, **example: object) -> OrderKind:
    """Make a row of the table; the body is the order without its tag, and takes no unknown fields."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(order):
        name, of = field.name, field.type
        if field.default is not msgspec.NODEFAULT:
            fields.append((name, of, field.default))
        elif field.default_factory is not msgspec.NODEFAULT:
            fields.append((name, of, msgspec.field(default_factory=field.default_factory)))
        else:
            fields.append((name, of))
    body = msgspec.defstruct(
        f"{order.__name__}Body",
        fields,
        namespace={"__doc__": about},
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    made = OrderKind(order=order, about=about, example=example, body=body)
    made.read(msgspec.convert(example, body))  # an example that is none is found at once
    return made


_VARIABLE: Final = {"component": "OCPPCommCtrlr", "name": "HeartbeatInterval"}
_HASH: Final = {"algorithm": "sha256", "issuer_name_hash": "5d" * 32, "issuer_key_hash": "1f" * 32, "serial": "3c0a"}
_PEM: Final = "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n"

KINDS: Final[tuple[OrderKind, ...]] = (
    # control
    kind(
        o.StartCharging,
        "Start charging at a connector in the name of a token.",
        connector=1,
        token="04A1B2C3D4",  # noqa: S106  # a card's number
        token_kind="rfid",  # noqa: S106
    ),
    kind(o.StopCharging, "End a transaction, named by its id at the station.", charge_ref="1042"),
    kind(o.ResetStation, "Restart the station, or one EVSE; soft lets transactions end first.", hard=False),
    kind(o.UnlockConnector, "Release a stuck cable.", connector=1),
    kind(o.ChangeAvailability, "Put a connector, or with 0 the station, in or out of service.",
         connector=1, operative=False),
    kind(o.ClearCache, "Make the station forget the tokens it remembers."),
    kind(o.SendData, "Send a vendor's own message.", vendor="com.example", message="Ping", data="{}"),
    kind(o.Trigger, "Ask the station to say something now, by OCPP's name of the message.",
         message="StatusNotification", connector=1),
    kind(o.AskTransaction, "Ask whether a transaction runs, and whether messages wait to be sent (2.x).",
         charge_ref="8a2b7c1e"),
    kind(o.ShowCost, "Show the cost so far on the display (2.x), in minor units.", charge_ref="8a2b7c1e",
         total_minor=12_350),
    # settings
    kind(o.ReadConfiguration, "Read configuration keys (1.6); none given: all.", keys=["HeartbeatInterval"]),
    kind(o.ChangeConfiguration, "Change a configuration key (1.6).", key="HeartbeatInterval", value="180"),
    kind(o.ReadVariables, "Read variables of the device model (2.x).", variables=[{"variable": _VARIABLE}]),
    kind(o.WriteVariables, "Write variables of the device model (2.x).",
         variables=[{"variable": _VARIABLE, "value": "180"}]),
    kind(o.ReportBase, "Ask for a report of the device model (2.x); it comes in parts.", base="full"),
    kind(o.ReportVariables, "Ask for a report of some variables (2.x); it comes in parts.", criteria=["problem"]),
    kind(o.SetNetworkProfile, "Write a slot of how the station connects (2.x); it is used after a restart.",
         slot=1, url="wss://ocpp.example.kg/ocpp/", security_profile=2),
    kind(o.SetMonitors, "Let the station watch variables (2.x).",
         monitors=[{"variable": {"component": "EVSE", "name": "Power", "evse": 1}, "kind": "upper_threshold",
                    "value": "22000", "severity": 5}]),
    kind(o.ClearMonitors, "Take monitors off (2.x).", ids=[12]),
    kind(o.SetMonitoringBase, "Choose which set of monitors is on (2.x).", base="factory_default"),
    kind(o.SetMonitoringLevel, "Choose up to which severity events are sent (2.x): 0 danger to 9 debug.", severity=4),
    kind(o.ReportMonitors, "Ask for a report of the monitors (2.x); it comes in parts.", criteria=["threshold"]),
    # tokens and texts
    kind(o.SendLocalList, "Send a local list as it stands; to keep one up to date, use its sync.",
         version=7, full=True, entries=[{"token": "04A1B2C3D4", "status": "accepted"}]),
    kind(o.AskListVersion, "Ask for the version of the local list."),
    kind(
        o.Reserve,
        "Keep a connector for a token; the same number again replaces. Numbers are yours here: see reservations.",
        reservation=7_001,
        connector=1,
        token="04A1B2C3D4",  # noqa: S106  # a card's number
        expires_at="2026-11-21T18:00:00Z",
    ),
    kind(o.CancelReservation, "Give a reservation up, by its number.", reservation=7_001),
    kind(o.SetDisplay, "Show a text on the display (2.x).",
         message={"number": 1, "text": "Кош келиңиз!", "language": "ky"}),
    kind(o.ReportDisplays, "Ask for the texts on the display (2.x); they come in parts.", numbers=[]),
    kind(o.ClearDisplay, "Take a text off the display (2.x).", number=1),
    kind(o.CustomerData, "Have the station tell, or forget, what it knows of a customer (2.x).",
         report=True, clear=False, token="04A1B2C3D4"),  # noqa: S106
    # charging profiles; SetProfile is with the profiles kept by name
    kind(o.ClearProfiles, "Take charging profiles off: by number, or all that match; nothing given: all.",
         connector=1, purpose="transaction_default"),
    kind(o.ReportProfiles, "Ask for the charging profiles (2.x); they come in parts.", connector=0),
    kind(o.ComposeSchedule, "Ask what all profiles together allow in the next seconds.",
         connector=1, duration_s=3_600, unit="watts"),
    # files
    kind(o.UpdateFirmware, "Have the station fetch and install firmware.",
         url="https://files.example.kg/fw/2.4.1.bin", retrieve_at="2026-11-22T20:00:00Z"),
    kind(o.FetchLog, "Have the station upload a log.", url="https://files.example.kg/logs/", log="diagnostics"),
    kind(o.PublishFirmware, "Have a local controller offer firmware to its stations (2.x).",
         url="https://files.example.kg/fw/2.4.1.bin", checksum="9e107d9d372bb6826bd81d3542a419d6"),
    kind(o.UnpublishFirmware, "Have a local controller offer it no more (2.x).",
         checksum="9e107d9d372bb6826bd81d3542a419d6"),
    # certificates
    kind(o.InstallCertificate, "Install a root certificate.", use="csms_root", certificate=_PEM),
    kind(o.DeleteCertificate, "Delete a certificate, by the hashes that the station told.", hash=_HASH),
    kind(o.ListCertificates, "Ask for the installed certificates; 1.6 wants one use.", uses=["csms_root"]),
    kind(o.GiveCertificate, "Hand the station its own signed certificate with its chain.", chain=_PEM),
)  # fmt: skip
