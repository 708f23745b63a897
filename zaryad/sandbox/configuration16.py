"""The station's configuration keys (OCPP 1.6, 9): defaults, who may write them, what a value may be."""

from __future__ import annotations

from typing import Any

import msgspec

from zaryad.sandbox.model import StationMemory, StationModel

TRUE, FALSE = "true", "false"
PASSWORD_HEX = range(32, 41)  # AuthorizationKey is 16 to 20 bytes in hex
MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"


class Key(msgspec.Struct, frozen=True):
    """A key as the station knows it."""

    default: str
    kind: str = "int"  # int, bool, list, text, hex, upwards
    readonly: bool = False
    reboot: bool = False  # takes effect after a restart


KEYS: dict[str, Key] = {
    "AllowOfflineTxForUnknownId": Key(FALSE, "bool"),
    "AuthorizationCacheEnabled": Key(TRUE, "bool"),
    "AuthorizationKey": Key("", "hex"),
    "AuthorizeRemoteTxRequests": Key(FALSE, "bool"),
    "ChargeProfileMaxStackLevel": Key("10", readonly=True),
    "ChargingScheduleAllowedChargingRateUnit": Key("Current,Power", "list", readonly=True),
    "ChargingScheduleMaxPeriods": Key("24", readonly=True),
    "ClockAlignedDataInterval": Key("0"),
    "ConnectionTimeOut": Key("120"),
    "ConnectorPhaseRotation": Key("NotApplicable", "text"),
    "CpoName": Key("", "text"),
    "GetConfigurationMaxKeys": Key("60", readonly=True),
    "HeartbeatInterval": Key("300"),
    "LocalAuthListEnabled": Key(TRUE, "bool"),
    "LocalAuthListMaxLength": Key("1000", readonly=True),
    "LocalAuthorizeOffline": Key(TRUE, "bool"),
    "LocalPreAuthorize": Key(FALSE, "bool"),
    "MaxChargingProfilesInstalled": Key("20", readonly=True),
    "MeterValuesAlignedData": Key("Energy.Active.Import.Register", "list"),
    "MeterValuesSampledData": Key(MEASURANDS, "list"),
    "MeterValueSampleInterval": Key("30"),
    "NumberOfConnectors": Key("", readonly=True),
    "ReserveConnectorZeroSupported": Key(TRUE, "bool", readonly=True),
    "ResetRetries": Key("1"),
    "SecurityProfile": Key("1", "upwards"),
    "SendLocalListMaxLength": Key("500", readonly=True),
    "StopTransactionOnEVSideDisconnect": Key(TRUE, "bool"),
    "StopTransactionOnInvalidId": Key(TRUE, "bool"),
    "StopTxnAlignedData": Key("", "list"),
    "StopTxnSampledData": Key("", "list"),
    "SupportedFeatureProfiles": Key(
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger", "list", readonly=True
    ),
    "TransactionMessageAttempts": Key("20"),
    "TransactionMessageRetryInterval": Key("60"),
    "UnlockConnectorOnEVSideDisconnect": Key(TRUE, "bool"),
    "WebSocketPingInterval": Key("0", reboot=True),
}


class Configuration:
    """Values by key: what was changed, then what the model was delivered with, then the default."""

    def __init__(self, model: StationModel, memory: StationMemory) -> None:
        self._model = model
        self._memory = memory

    def __getitem__(self, key: str) -> str:
        if key == "NumberOfConnectors":
            return str(len(self._model.outlets))
        changed = self._memory.configuration.get(key)
        return changed if changed is not None else self._model.configuration.get(key, KEYS[key].default)

    def number(self, key: str) -> int:
        """Return a whole number."""
        return int(self[key])

    def on(self, key: str) -> bool:
        """Return a yes or no."""
        return self[key].lower() == TRUE

    def words(self, key: str) -> list[str]:
        """Return a comma-separated list."""
        return [word.strip() for word in self[key].split(",") if word.strip()]

    @property
    def password(self) -> bytes | None:
        """The Basic password as it goes into the header: the key it was given, as raw bytes, else the delivered one."""
        key, delivered = self["AuthorizationKey"], self._model.password
        if key:
            return bytes.fromhex(key)
        return None if delivered is None else delivered.encode()

    def told(self, asked: list[str]) -> dict[str, Any]:
        """Answer GetConfiguration; nothing asked means everything. The password is never shown."""
        known = {key.lower(): key for key in KEYS}
        names = [known[name.lower()] for name in asked if name.lower() in known] if asked else list(KEYS)
        listed = [{"key": n, "readonly": KEYS[n].readonly, "value": self[n]} for n in names if KEYS[n].kind != "hex"]
        unknown = [name for name in asked if name.lower() not in known]
        return {"configurationKey": listed} | ({"unknownKey": unknown} if unknown else {})

    def change(self, name: str, value: str) -> str:
        """Answer ChangeConfiguration, and keep the value when it may be kept."""
        known = {key.lower(): key for key in KEYS}.get(name.lower())
        if known is None:
            return "NotSupported"
        key = KEYS[known]
        if key.readonly or not _fits(key.kind, value):
            return "Rejected"
        if key.kind == "upwards" and not (int(value) > self.number(known) and self._ready_for(int(value))):
            return "Rejected"
        self._memory.configuration[known] = value
        return "RebootRequired" if key.reboot else "Accepted"

    def _ready_for(self, profile: int) -> bool:
        """Whether a security profile can be gone to (1.6 security, A05): a root for 2, its own certificate for 3."""
        roots = any(it.use == "CSMSRootCertificate" for it in self._memory.certificates)
        return profile == 1 or (roots and (profile == 2 or self._memory.chain is not None))


def _fits(kind: str, value: str) -> bool:
    match kind:
        case "upwards":
            return value in ("1", "2", "3")
        case "int":
            return value.isascii() and value.isdecimal() and len(value) <= 9  # 31 years of seconds
        case "bool":
            return value.lower() in (TRUE, FALSE)
        case "hex":
            return (
                len(value) in PASSWORD_HEX and len(value) % 2 == 0 and all(c in "0123456789abcdefABCDEF" for c in value)
            )
        case _:
            return len(value) <= 500
