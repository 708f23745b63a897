"""All kinds of orders as one type: what a row of an order is read as, by its tag."""

from __future__ import annotations

from zaryad.link.kinds.certificates import DeleteCertificate, GiveCertificate, InstallCertificate, ListCertificates
from zaryad.link.kinds.control import (
    AskTransaction,
    ChangeAvailability,
    ClearCache,
    RawCall,
    ResetStation,
    SendData,
    ShowCost,
    StartCharging,
    StopCharging,
    Trigger,
    UnlockConnector,
)
from zaryad.link.kinds.files import FetchLog, PublishFirmware, UnpublishFirmware, UpdateFirmware
from zaryad.link.kinds.profiles import ClearProfiles, ComposeSchedule, ReportProfiles, SetProfile
from zaryad.link.kinds.settings import (
    ChangeConfiguration,
    ClearMonitors,
    ReadConfiguration,
    ReadVariables,
    ReportBase,
    ReportMonitors,
    ReportVariables,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetMonitors,
    SetNetworkProfile,
    WriteVariables,
)
from zaryad.link.kinds.tokens import (
    AskListVersion,
    CancelReservation,
    ClearDisplay,
    CustomerData,
    ReportDisplays,
    Reserve,
    SendLocalList,
    SetDisplay,
)

AnyOrder = (
    StartCharging
    | StopCharging
    | ResetStation
    | UnlockConnector
    | ChangeAvailability
    | ClearCache
    | SendData
    | Trigger
    | AskTransaction
    | ShowCost
    | RawCall
    | ReadConfiguration
    | ChangeConfiguration
    | ReadVariables
    | WriteVariables
    | ReportBase
    | ReportVariables
    | SetNetworkProfile
    | SetMonitors
    | ClearMonitors
    | SetMonitoringBase
    | SetMonitoringLevel
    | ReportMonitors
    | SendLocalList
    | AskListVersion
    | Reserve
    | CancelReservation
    | SetDisplay
    | ReportDisplays
    | ClearDisplay
    | CustomerData
    | SetProfile
    | ClearProfiles
    | ReportProfiles
    | ComposeSchedule
    | UpdateFirmware
    | FetchLog
    | PublishFirmware
    | UnpublishFirmware
    | InstallCertificate
    | DeleteCertificate
    | ListCertificates
    | GiveCertificate
)
