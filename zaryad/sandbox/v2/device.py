"""The device model of a 2.x station: components and variables as built, their values, who may change them (block B).

A variable's key is text: `TxCtrlr/TxStartPoint`, `OCPPCommCtrlr/MessageAttempts[TransactionEvent]`,
`EVSE@1/Power`, `Connector@1.2/AvailabilityState`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from zaryad.link.station import evse_of
from zaryad.sandbox.model import OutletModel, StationMemory, StationModel

TRUE, FALSE = "true", "false"
PASSWORD = re.compile(r"[\x21-\x7e]{16,40}")  # 2.x: printable, as it is
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
VALUE_MAX = 1_000


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A variable as built."""

    component: str
    variable: str
    instance: str | None = None  # of the variable
    evse: int = 0
    connector: int = 0
    default: str = ""
    type: str = "string"
    unit: str | None = None
    mutability: str = "ReadOnly"
    reboot: bool = False
    values: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    live: bool = False  # its value is what is now
    monitored: bool = False
    inventory: bool = False  # told in the summary too

    @property
    def key(self) -> str:
        """Its name in one text."""
        place = f"@{self.evse}" if self.evse else ""
        place += f".{self.connector}" if self.connector else ""
        instance = f"[{self.instance}]" if self.instance else ""
        return f"{self.component}{place}/{self.variable}{instance}"

    def names(self) -> dict[str, Any]:
        """Return component and variable as messages name them."""
        component: dict[str, Any] = {"name": self.component}
        if self.evse:
            component["evse"] = {"id": self.evse} | ({"connectorId": self.connector} if self.connector else {})
        variable = {"name": self.variable} | ({"instance": self.instance} if self.instance else {})
        return {"component": component, "variable": variable}


def _slot(text: str, default: str = "", kind: str = "string", **more: Any) -> Slot:
    component, _, variable = text.partition("/")
    name, _, instance = variable.partition("[")
    return Slot(
        component=component, variable=name, instance=instance.rstrip("]") or None, default=default, type=kind, **more
    )


def _set(text: str, default: str, kind: str = "integer", **more: Any) -> Slot:
    return _slot(text, default, kind, mutability="ReadWrite", **more)


MEASURANDS = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC", "Temperature")
POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer")
SAMPLED = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"
ENERGY = "Energy.Active.Import.Register"
STATES = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")

STATION: tuple[Slot, ...] = (
    _slot("ChargingStation/AvailabilityState", kind="OptionList", values=STATES, live=True, inventory=True),
    _slot("ChargingStation/Available", TRUE, "boolean"),
    _slot("ChargingStation/Model", live=True),
    _slot("ChargingStation/VendorName", live=True),
    _slot("ChargingStation/SupplyPhases", "3", "integer"),
    _slot("ChargingStation/Problem", kind="boolean", live=True, inventory=True),
    _slot("Controller/FirmwareVersion", live=True),
    _slot("Controller/Temperature", kind="decimal", unit="Celsius", live=True, monitored=True, low=-40, high=120),
    _set("AlignedDataCtrlr/Interval", "0", unit="s", low=0),
    _set("AlignedDataCtrlr/Measurands", ENERGY, "MemberList", values=MEASURANDS),
    _set("AlignedDataCtrlr/TxEndedInterval", "0", unit="s", low=0),
    _set("AlignedDataCtrlr/TxEndedMeasurands", "", "MemberList", values=MEASURANDS),
    _set("AuthCacheCtrlr/Enabled", TRUE, "boolean"),
    _set("AuthCtrlr/AuthorizeRemoteStart", FALSE, "boolean"),
    _set("AuthCtrlr/Enabled", TRUE, "boolean"),
    _set("AuthCtrlr/LocalAuthorizeOffline", TRUE, "boolean"),
    _set("AuthCtrlr/LocalPreAuthorize", FALSE, "boolean"),
    _set("AuthCtrlr/MasterPassGroupId", "", "string"),
    _set("AuthCtrlr/OfflineTxForUnknownIdEnabled", FALSE, "boolean"),
    _slot("ClockCtrlr/DateTime", kind="dateTime", live=True),
    _set("ClockCtrlr/TimeSource", "Heartbeat", "SequenceList", values=("Heartbeat", "NTP", "RealTimeClock")),
    _set("ClockCtrlr/TimeZone", "", "string"),
    _slot("DeviceDataCtrlr/BytesPerMessage[GetReport]", "65000", "integer"),
    _slot("DeviceDataCtrlr/BytesPerMessage[GetVariables]", "65000", "integer"),
    _slot("DeviceDataCtrlr/BytesPerMessage[SetVariables]", "65000", "integer"),
    _slot("DeviceDataCtrlr/ItemsPerMessage[GetReport]", "12", "integer"),
    _slot("DeviceDataCtrlr/ItemsPerMessage[GetVariables]", "20", "integer"),
    _slot("DeviceDataCtrlr/ItemsPerMessage[SetVariables]", "10", "integer"),
    _slot("DisplayMessageCtrlr/Available", TRUE, "boolean"),
    _slot("DisplayMessageCtrlr/DisplayMessages", kind="integer", live=True),
    _slot("DisplayMessageCtrlr/SupportedFormats", "ASCII,UTF8", "MemberList", values=("ASCII", "HTML", "URI", "UTF8")),
    _slot("DisplayMessageCtrlr/SupportedPriorities", "AlwaysFront,InFront,NormalCycle", "MemberList"),
    _slot("ISO15118Ctrlr/Enabled", TRUE, "boolean"),
    _set("ISO15118Ctrlr/CentralContractValidationAllowed", TRUE, "boolean"),
    _set("ISO15118Ctrlr/ContractValidationOffline", FALSE, "boolean"),
    _set("ISO15118Ctrlr/PnCEnabled", TRUE, "boolean"),
    _slot("LocalAuthListCtrlr/BytesPerMessage", "65000", "integer"),
    _set("LocalAuthListCtrlr/Enabled", TRUE, "boolean"),
    _slot("LocalAuthListCtrlr/Entries", kind="integer", live=True, high=20_000),
    _slot("LocalAuthListCtrlr/ItemsPerMessage", "500", "integer"),
    _slot(
        "MonitoringCtrlr/ActiveMonitoringBase", "All", "OptionList", values=("All", "FactoryDefault", "HardWiredOnly")
    ),
    _slot("MonitoringCtrlr/ActiveMonitoringLevel", "9", "integer"),
    _slot("MonitoringCtrlr/BytesPerMessage[SetVariableMonitoring]", "65000", "integer"),
    _set("MonitoringCtrlr/Enabled", TRUE, "boolean"),
    _slot("MonitoringCtrlr/ItemsPerMessage[ClearVariableMonitoring]", "10", "integer"),
    _slot("MonitoringCtrlr/ItemsPerMessage[SetVariableMonitoring]", "10", "integer"),
    _slot("OCPPCommCtrlr/ActiveNetworkProfile", kind="string", live=True),
    _slot("OCPPCommCtrlr/FileTransferProtocols", "HTTP,HTTPS,FTP,FTPS", "MemberList"),
    _set("OCPPCommCtrlr/HeartbeatInterval", "300", unit="s", low=1),
    _set("OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]", "60", unit="s", low=0),
    _set("OCPPCommCtrlr/MessageAttempts[TransactionEvent]", "20", low=1),
    _slot("OCPPCommCtrlr/MessageTimeout[Default]", "30", "integer", unit="s"),
    _set("OCPPCommCtrlr/NetworkConfigurationPriority", "0", "SequenceList", reboot=True),
    _set("OCPPCommCtrlr/NetworkProfileConnectionAttempts", "3", low=1),
    _set("OCPPCommCtrlr/OfflineThreshold", "60", unit="s", low=0),
    _set("OCPPCommCtrlr/ResetRetries", "1", low=0),
    _set("OCPPCommCtrlr/UnlockOnEVSideDisconnect", TRUE, "boolean"),
    _set("OCPPCommCtrlr/WebSocketPingInterval", "0", unit="s", low=0, reboot=True),
    _slot("ReservationCtrlr/Available", TRUE, "boolean"),
    _set("ReservationCtrlr/Enabled", TRUE, "boolean"),
    _set("ReservationCtrlr/NonEvseSpecific", TRUE, "boolean"),
    _set("SampledDataCtrlr/TxEndedInterval", "0", unit="s", low=0),
    _set("SampledDataCtrlr/TxEndedMeasurands", ENERGY, "MemberList", values=MEASURANDS),
    _set("SampledDataCtrlr/TxStartedMeasurands", ENERGY, "MemberList", values=MEASURANDS),
    _set("SampledDataCtrlr/TxUpdatedInterval", "30", unit="s", low=0),
    _set("SampledDataCtrlr/TxUpdatedMeasurands", SAMPLED, "MemberList", values=MEASURANDS),
    _set("SecurityCtrlr/AdditionalRootCertificateCheck", FALSE, "boolean"),
    Slot(component="SecurityCtrlr", variable="BasicAuthPassword", mutability="WriteOnly"),
    _slot("SecurityCtrlr/CertificateEntries", kind="integer", live=True, high=10),
    _set("SecurityCtrlr/CertSigningRepeatTimes", "3", low=0),
    _set("SecurityCtrlr/CertSigningWaitMinimum", "60", unit="s", low=0),
    _slot("SecurityCtrlr/Identity", live=True),
    _set("SecurityCtrlr/OrganizationName", "Zaryad", "string"),
    _slot("SecurityCtrlr/SecurityProfile", kind="integer", live=True),
    _set("SmartChargingCtrlr/Enabled", TRUE, "boolean"),
    _slot("SmartChargingCtrlr/Entries[ChargingProfiles]", kind="integer", live=True, high=50),
    _set("SmartChargingCtrlr/LimitChangeSignificance", "1.0", "decimal", unit="Percent"),
    _slot("SmartChargingCtrlr/PeriodsPerSchedule", "24", "integer"),
    _slot("SmartChargingCtrlr/ProfileStackLevel", "10", "integer"),
    _slot("SmartChargingCtrlr/RateUnit", "A,W", "MemberList"),
    _slot("TariffCostCtrlr/Available[Cost]", TRUE, "boolean"),
    _set("TxCtrlr/EVConnectionTimeOut", "120", unit="s", low=1),
    _slot("TxCtrlr/MaxEnergyOnInvalidId", "0", "integer", unit="Wh"),
    _set("TxCtrlr/StopTxOnEVSideDisconnect", TRUE, "boolean"),
    _set("TxCtrlr/StopTxOnInvalidId", TRUE, "boolean"),
    _set("TxCtrlr/TxStartPoint", "Authorized,EVConnected", "MemberList", values=POINTS),
    _set("TxCtrlr/TxStopPoint", "Authorized,EVConnected", "MemberList", values=POINTS),
)
PLUGS = {"type2": "cType2", "ccs2": "cCCS2", "chademo": "cG105", "gbt_ac": "Unknown", "gbt_dc": "Unknown"}


def _of_outlet(it: OutletModel) -> Iterator[Slot]:
    evse, connector = evse_of(it.number)
    at: dict[str, Any] = {"component": "EVSE", "evse": evse}
    if connector == 1:
        yield Slot(**at, variable="AvailabilityState", type="OptionList", values=STATES, live=True, inventory=True)
        yield Slot(**at, variable="Available", type="boolean", default=TRUE)
        yield Slot(**at, variable="Power", type="decimal", unit="W", live=True, monitored=True, low=0, high=it.power_w)
        yield Slot(**at, variable="SupplyPhases", type="integer", default="0" if it.dc else "3")
        yield Slot(**at, variable="AllowReset", type="boolean", default=TRUE)
    at = {"component": "Connector", "evse": evse, "connector": connector}
    yield Slot(**at, variable="AvailabilityState", type="OptionList", values=STATES, live=True, inventory=True)
    yield Slot(**at, variable="Available", type="boolean", default=TRUE)
    yield Slot(**at, variable="ConnectorType", default=PLUGS[it.kind])
    yield Slot(**at, variable="Problem", type="boolean", live=True, inventory=True)
    yield Slot(**at, variable="SupplyPhases", type="integer", default="0" if it.dc else "3")


class Device:
    """Values by key: what was changed, then what the model was delivered with, then the default."""

    def __init__(self, model: StationModel, memory: StationMemory, live: Callable[[Slot], str]) -> None:
        self._model = model
        self._memory = memory
        self._live = live
        found = [*STATION, *(slot for outlet in model.outlets for slot in _of_outlet(outlet))]
        self.slots = {slot.key: slot for slot in found}
        self._by_lower = {slot.key.lower(): slot for slot in found}
        self._components = {slot.key.lower().partition("/")[0] for slot in found}

    def __getitem__(self, key: str) -> str:
        slot = self.slots[key]
        if slot.live:
            return self._live(slot)
        changed = self._memory.variables.get(key)
        return changed if changed is not None else self._model.configuration.get(key, slot.default)

    def number(self, key: str) -> int:
        """Return a whole number."""
        return int(self[key])

    def on(self, key: str) -> bool:
        """Return a yes or no."""
        return self[key].lower() == TRUE

    def words(self, key: str) -> list[str]:
        """Return a list."""
        return [word.strip() for word in self[key].split(",") if word.strip()]

    def find(self, component: Any, variable: Any) -> Slot | str:
        """Find a variable by what a message names; UnknownComponent or UnknownVariable when there is none."""
        place = ""
        if component.evse is not None:
            place = f"@{component.evse.id}" + (f".{component.evse.connector_id}" if component.evse.connector_id else "")
        head = f"{component.name}{place}".lower()
        if component.instance is not None or head not in self._components:
            return "UnknownComponent"
        instance = f"[{variable.instance}]" if variable.instance else ""
        return self._by_lower.get(f"{head}/{variable.name}{instance}".lower(), "UnknownVariable")

    def set(self, slot: Slot, value: str) -> str:
        """Change a value; the status says whether, and whether it takes a reboot."""
        if slot.mutability == "ReadOnly" or not self._fits(slot, value):
            return "Rejected"
        if slot.reboot:
            self._memory.variables_next[slot.key] = value
            return "RebootRequired"
        self._memory.variables[slot.key] = value
        return "Accepted"

    def booted(self) -> None:
        """Let become true what waited for a boot."""
        self._memory.variables.update(self._memory.variables_next)
        self._memory.variables_next.clear()

    def _fits(self, slot: Slot, value: str) -> bool:  # noqa: PLR0911  # a table of rules
        if len(value) > VALUE_MAX:
            return False
        if slot.key == "SecurityCtrlr/BasicAuthPassword":
            return PASSWORD.fullmatch(value) is not None
        if slot.key == "OCPPCommCtrlr/NetworkConfigurationPriority":
            slots = value.split(",")
            known = {"0", *(str(number) for number in self._memory.network_profiles)}
            return len(set(slots)) == len(slots) and set(slots) <= known
        match slot.type:
            case "boolean":
                return value.lower() in (TRUE, FALSE)
            case "integer" | "decimal":
                return self._number_fits(slot, value)
            case "OptionList":
                return value in slot.values
            case "MemberList" | "SequenceList":
                words = [word.strip() for word in value.split(",") if word.strip()]
                return len(set(words)) == len(words) and (not slot.values or set(words) <= set(slot.values))
            case _:
                return True

    def _number_fits(self, slot: Slot, value: str) -> bool:
        if NUMBER.fullmatch(value) is None or (slot.type == "integer" and "." in value):
            return False
        whole = int(value.partition(".")[0])
        return (slot.low is None or whole >= slot.low) and (slot.high is None or whole <= slot.high)

    def told(self, slot: Slot) -> dict[str, Any]:
        """Return a variable as a report tells it."""
        attribute: dict[str, Any] = {"type": "Actual", "mutability": slot.mutability, "persistent": not slot.live}
        if slot.mutability != "WriteOnly":
            attribute["value"] = self[slot.key]
        traits: dict[str, Any] = {"dataType": slot.type, "supportsMonitoring": slot.monitored}
        traits |= {"unit": slot.unit} if slot.unit else {}
        traits |= {"minLimit": slot.low} if slot.low is not None else {}
        traits |= {"maxLimit": slot.high} if slot.high is not None else {}
        traits |= {"valuesList": ",".join(slot.values)} if slot.values else {}
        return slot.names() | {"variableAttribute": [attribute], "variableCharacteristics": traits}
