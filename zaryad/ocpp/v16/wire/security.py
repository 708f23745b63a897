"""The security extension: certificates, security events, logs, signed firmware."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v16.wire.base import At, Text50, Text255, Whole, Wire

Text40 = Annotated[str, Meta(max_length=40)]
Text128 = Annotated[str, Meta(max_length=128)]
Text512 = Annotated[str, Meta(max_length=512)]
Text800 = Annotated[str, Meta(max_length=800)]
Text5500 = Annotated[str, Meta(max_length=5_500)]
Text10000 = Annotated[str, Meta(max_length=10_000)]

RootCertificate = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
LogStatus = Literal[
    "BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded", "UploadFailure", "Uploading"
]
SignedFirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]


# From the station


class LogStatusNotification(Wire, frozen=True, kw_only=True):
    status: LogStatus
    request_id: Whole | None = None


class SecurityEventNotification(Wire, frozen=True, kw_only=True):
    """Types are an open list: one that nobody knows is kept."""

    type: Text50
    timestamp: At
    tech_info: Text255 | None = None


class SignCertificate(Wire, frozen=True):
    csr: Text5500


class SignedFirmwareStatusNotification(Wire, frozen=True, kw_only=True):
    status: SignedFirmwareStatus
    request_id: Whole | None = None


# To the station


class CertificateSigned(Wire, frozen=True):
    """The chain in PEM, the station's own certificate first."""

    certificate_chain: Text10000


class CertificateHashData(Wire, frozen=True, kw_only=True):
    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name_hash: Text128
    issuer_key_hash: Text128
    serial_number: Text40


class DeleteCertificate(Wire, frozen=True):
    certificate_hash_data: CertificateHashData


class DeleteAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Failed", "NotFound"]


class GetInstalledCertificateIds(Wire, frozen=True):
    certificate_type: RootCertificate


class InstalledCertificateIds(Wire, frozen=True, kw_only=True):
    certificate_hash_data: Annotated[list[CertificateHashData], Meta(min_length=1)] | None = None
    status: Literal["Accepted", "NotFound"]


class InstallCertificate(Wire, frozen=True):
    certificate_type: RootCertificate
    certificate: Text5500


class InstallAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Failed", "Rejected"]


class LogParameters(Wire, frozen=True, kw_only=True):
    remote_location: Text512
    oldest_timestamp: At | None = None
    latest_timestamp: At | None = None


class GetLog(Wire, frozen=True, kw_only=True):
    log: LogParameters
    log_type: Literal["DiagnosticsLog", "SecurityLog"]
    request_id: int
    retries: int | None = None
    retry_interval: int | None = None


class LogAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Rejected", "AcceptedCanceled"]
    filename: Text255 | None = None


class Firmware(Wire, frozen=True, kw_only=True):
    location: Text512
    retrieve_date_time: At
    install_date_time: At | None = None
    signing_certificate: Text5500
    signature: Text800


class SignedUpdateFirmware(Wire, frozen=True, kw_only=True):
    retries: int | None = None
    retry_interval: int | None = None
    request_id: int
    firmware: Firmware


class SignedUpdateAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]
