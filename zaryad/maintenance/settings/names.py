"""How settings are named across versions: 1.6's keys and 2.x's variables in one notation, and which mean the same.

A key of 1.6 stands as it is. A variable of 2.x is `Component(instance)@evse.outlet/Variable(instance)#attribute`,
where all but the two names may be absent; an absent attribute is the actual value.
"""

from __future__ import annotations

import re
from typing import Final, cast

from zaryad.link.orders import Attribute, Variable

KEY_MAX: Final = 250
_KEY = re.compile(
    r"(?P<component>[^()@/#]{1,50})(?:\((?P<component_instance>[^()]{1,50})\))?"
    r"(?:@(?P<evse>\d{1,4})(?:\.(?P<outlet>\d{1,4}))?)?"
    r"/(?P<name>[^()@/#]{1,50})(?:\((?P<instance>[^()]{1,50})\))?"
    r"(?:#(?P<attribute>target|min_set|max_set))?"
)

# OCPP 1.6's key -> the variable of 2.x that means the same. Where values are other words too, it is not listed.
SAME: Final[dict[str, str]] = {
    "AllowOfflineTxForUnknownId": "AuthCtrlr/OfflineTxForUnknownIdEnabled",
    "AuthorizationCacheEnabled": "AuthCacheCtrlr/Enabled",
    "AuthorizationKey": "SecurityCtrlr/BasicAuthPassword",
    "AuthorizeRemoteTxRequests": "AuthCtrlr/AuthorizeRemoteStart",
    "ChargeProfileMaxStackLevel": "SmartChargingCtrlr/ProfileStackLevel",
    "ChargingScheduleMaxPeriods": "SmartChargingCtrlr/PeriodsPerSchedule",
    "ClockAlignedDataInterval": "AlignedDataCtrlr/Interval",
    "ConnectionTimeOut": "TxCtrlr/EVConnectionTimeOut",
    "ConnectorSwitch3to1PhaseSupported": "SmartChargingCtrlr/Phases3to1",
    "CpoName": "SecurityCtrlr/OrganizationName",
    "HeartbeatInterval": "OCPPCommCtrlr/HeartbeatInterval",
    "LocalAuthListEnabled": "LocalAuthListCtrlr/Enabled",
    "LocalAuthorizeOffline": "AuthCtrlr/LocalAuthorizeOffline",
    "LocalPreAuthorize": "AuthCtrlr/LocalPreAuthorize",
    "MaxChargingProfilesInstalled": "SmartChargingCtrlr/Entries(ChargingProfiles)",
    "MaxEnergyOnInvalidId": "TxCtrlr/MaxEnergyOnInvalidId",
    "MeterValueSampleInterval": "SampledDataCtrlr/TxUpdatedInterval",
    "MeterValuesAlignedData": "AlignedDataCtrlr/Measurands",
    "MeterValuesSampledData": "SampledDataCtrlr/TxUpdatedMeasurands",
    "ReserveConnectorZeroSupported": "ReservationCtrlr/NonEvseSpecific",
    "ResetRetries": "OCPPCommCtrlr/ResetRetries",
    "SecurityProfile": "SecurityCtrlr/SecurityProfile",
    "SendLocalListMaxLength": "LocalAuthListCtrlr/ItemsPerMessage",
    "StopTransactionOnEVSideDisconnect": "TxCtrlr/StopTxOnEVSideDisconnect",
    "StopTransactionOnInvalidId": "TxCtrlr/StopTxOnInvalidId",
    "StopTxnAlignedData": "AlignedDataCtrlr/TxEndedMeasurands",
    "StopTxnSampledData": "SampledDataCtrlr/TxEndedMeasurands",
    "TransactionMessageAttempts": "OCPPCommCtrlr/MessageAttempts(TransactionEvent)",
    "TransactionMessageRetryInterval": "OCPPCommCtrlr/MessageAttemptInterval(TransactionEvent)",
    "UnlockConnectorOnEVSideDisconnect": "OCPPCommCtrlr/UnlockOnEVSideDisconnect",
    "WebSocketPingInterval": "OCPPCommCtrlr/WebSocketPingInterval",
}
_OLD = {new.lower(): old for old, new in SAME.items()}
_NEW = {old.lower(): new for old, new in SAME.items()}
_SECRET = re.compile(r"authorizationkey|password|secret|privatekey|\btoken\b", re.IGNORECASE)


def key_of(variable: Variable, attribute: Attribute = "actual") -> str:
    """Return the key of a variable's attribute.

    >>> key_of(Variable(component="EVSE", name="Power", evse=1), "max_set")
    'EVSE@1/Power#max_set'
    """
    if not variable.component:
        return variable.name
    component = variable.component + (f"({variable.component_instance})" if variable.component_instance else "")
    if variable.evse is not None:
        component += f"@{variable.evse}" + (f".{variable.outlet}" if variable.outlet is not None else "")
    name = variable.name + (f"({variable.instance})" if variable.instance else "")
    return f"{component}/{name}" + ("" if attribute == "actual" else f"#{attribute}")


def variable_of(key: str) -> tuple[Variable, Attribute] | None:
    """Return the variable and attribute that a key of 2.x names; None when it names none."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    part = match.groupdict()
    variable = Variable(
        component=part["component"],
        component_instance=part["component_instance"],
        evse=None if part["evse"] is None else int(part["evse"]),
        outlet=None if part["outlet"] is None else int(part["outlet"]),
        name=part["name"],
        instance=part["instance"],
    )
    return variable, cast("Attribute", part["attribute"] or "actual")


def in_version(key: str, protocol: str) -> str | None:
    """Return the key as this version names it; None when it has no such setting, or none that we know to be the same.

    >>> in_version("HeartbeatInterval", "ocpp2.0.1"), in_version("OCPPCommCtrlr/HeartbeatInterval", "ocpp1.6")
    ('OCPPCommCtrlr/HeartbeatInterval', 'HeartbeatInterval')
    """
    if old(protocol):
        return key if variable_of(key) is None else _OLD.get(key.lower())
    return key if variable_of(key) is not None else _NEW.get(key.lower())


def old_name(key: str, protocol: str) -> str | None:
    """Return 1.6's name of a setting: itself there, and what it is called by in 2.x when the two are the same."""
    return key if old(protocol) else _OLD.get(key.lower())


def old(protocol: str) -> bool:
    """Whether settings are keys, as in 1.6, and not variables."""
    return protocol.startswith("ocpp1.")


def secret(key: str) -> bool:
    """Whether the value is never shown, kept, or set from here: passwords are renewed, not configured."""
    return _SECRET.search(key) is not None


def folded(key: str) -> str:
    """Return the key as it is compared: names are case insensitive in every version."""
    return key.lower()
