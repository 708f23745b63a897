"""Every action of 1.6 and its security extension, by who asks: what asks, and what answers."""

from __future__ import annotations

from zaryad.ocpp.v16.wire import core, firmware, lists, profiles, security, triggers
from zaryad.ocpp.v16.wire.base import Empty, Wire

FROM_STATION: dict[str, tuple[type[Wire], type[Wire]]] = {
    "Authorize": (core.Authorize, core.AuthorizeAnswer),
    "BootNotification": (core.BootNotification, core.BootAnswer),
    "DataTransfer": (core.DataTransfer, core.DataAnswer),
    "DiagnosticsStatusNotification": (firmware.DiagnosticsStatusNotification, Empty),
    "FirmwareStatusNotification": (firmware.FirmwareStatusNotification, Empty),
    "Heartbeat": (core.Heartbeat, core.HeartbeatAnswer),
    "LogStatusNotification": (security.LogStatusNotification, Empty),
    "MeterValues": (core.MeterValues, Empty),
    "SecurityEventNotification": (security.SecurityEventNotification, Empty),
    "SignCertificate": (security.SignCertificate, core.AcceptedOrNot),
    "SignedFirmwareStatusNotification": (security.SignedFirmwareStatusNotification, Empty),
    "StartTransaction": (core.StartTransaction, core.StartAnswer),
    "StatusNotification": (core.StatusNotification, Empty),
    "StopTransaction": (core.StopTransaction, core.StopAnswer),
}
TO_STATION: dict[str, tuple[type[Wire], type[Wire]]] = {
    "CancelReservation": (lists.CancelReservation, core.AcceptedOrNot),
    "CertificateSigned": (security.CertificateSigned, core.AcceptedOrNot),
    "ChangeAvailability": (core.ChangeAvailability, core.AvailabilityAnswer),
    "ChangeConfiguration": (core.ChangeConfiguration, core.ConfigurationChanged),
    "ClearCache": (core.ClearCache, core.AcceptedOrNot),
    "ClearChargingProfile": (profiles.ClearChargingProfile, profiles.ClearProfileAnswer),
    "DataTransfer": (core.DataTransfer, core.DataAnswer),
    "DeleteCertificate": (security.DeleteCertificate, security.DeleteAnswer),
    "ExtendedTriggerMessage": (triggers.ExtendedTriggerMessage, triggers.TriggerAnswer),
    "GetCompositeSchedule": (profiles.GetCompositeSchedule, profiles.CompositeSchedule),
    "GetConfiguration": (core.GetConfiguration, core.Configuration),
    "GetDiagnostics": (firmware.GetDiagnostics, firmware.DiagnosticsAnswer),
    "GetInstalledCertificateIds": (security.GetInstalledCertificateIds, security.InstalledCertificateIds),
    "GetLocalListVersion": (lists.GetLocalListVersion, lists.LocalListVersion),
    "GetLog": (security.GetLog, security.LogAnswer),
    "InstallCertificate": (security.InstallCertificate, security.InstallAnswer),
    "RemoteStartTransaction": (core.RemoteStartTransaction, core.AcceptedOrNot),
    "RemoteStopTransaction": (core.RemoteStopTransaction, core.AcceptedOrNot),
    "ReserveNow": (lists.ReserveNow, lists.ReserveAnswer),
    "Reset": (core.Reset, core.AcceptedOrNot),
    "SendLocalList": (lists.SendLocalList, lists.LocalListAnswer),
    "SetChargingProfile": (profiles.SetChargingProfile, profiles.SetProfileAnswer),
    "SignedUpdateFirmware": (security.SignedUpdateFirmware, security.SignedUpdateAnswer),
    "TriggerMessage": (triggers.TriggerMessage, triggers.TriggerAnswer),
    "UnlockConnector": (core.UnlockConnector, core.UnlockAnswer),
    "UpdateFirmware": (firmware.UpdateFirmware, Empty),
}

# What exists and is not offered is answered NotSupported, anything else NotImplemented.
KNOWN = frozenset({*FROM_STATION, *TO_STATION})
