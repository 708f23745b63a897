"""Orders about files: firmware that a station fetches, logs that it sends."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from zaryad.link.kinds.base import Order


class UpdateFirmware(Order, frozen=True, tag="update_firmware"):
    """UpdateFirmware; with a certificate and a signature 1.6 says SignedUpdateFirmware."""

    url: str
    retrieve_at: dt.datetime
    install_at: dt.datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    certificate: str | None = None  # PEM
    signature: str | None = None  # base64


class FetchLog(Order, frozen=True, tag="fetch_log"):
    """GetLog; where 1.6 has no security extension, `plain` asks for it as GetDiagnostics."""

    url: str
    log: Literal["diagnostics", "security", "data_collector"] = "diagnostics"
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    plain: bool = False


class PublishFirmware(Order, frozen=True, tag="publish_firmware"):
    """PublishFirmware (2.x) by a local controller; the checksum is MD5 in hex."""

    url: str
    checksum: str
    retries: int | None = None
    retry_interval_s: int | None = None


class UnpublishFirmware(Order, frozen=True, tag="unpublish_firmware"):
    """UnpublishFirmware (2.x)."""

    checksum: str
