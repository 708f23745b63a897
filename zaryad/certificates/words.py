"""Kinds of security events, as OCPP 1.6's security extension and 2.x list them. The list is open."""

from __future__ import annotations

from typing import Final

# What the standards call critical: a station has to tell it, at once or as soon as it is online again.
CRITICAL: Final = frozenset({
    "FirmwareUpdated",
    "FailedToAuthenticateAtCentralSystem",
    "FailedToAuthenticateAtCsms",
    "CentralSystemFailedToAuthenticate",
    "CsmsFailedToAuthenticate",
    "SettingSystemTime",
    "StartupOfTheDevice",
    "ResetOrReboot",
    "SecurityLogWasCleared",
    "MemoryExhaustion",
    "TamperDetectionActivated",
    "MaintenanceLoginAccepted",
    "MaintenanceLoginFailed",
})  # fmt: skip

# What a person has to see. A start and an update are critical by the standard, and happen every day.
ALARM_KINDS: Final = (
    "FailedToAuthenticateAtCentralSystem",
    "FailedToAuthenticateAtCsms",
    "CentralSystemFailedToAuthenticate",
    "CsmsFailedToAuthenticate",
    "SecurityLogWasCleared",
    "MemoryExhaustion",
    "TamperDetectionActivated",
    "AttemptedReplayAttacks",
    "InvalidFirmwareSignature",
    "InvalidFirmwareSigningCertificate",
    "InvalidCentralSystemCertificate",
    "InvalidCsmsCertificate",
    "InvalidChargePointCertificate",
    "InvalidChargingStationCertificate",
    "MaintenanceLoginFailed",
)
