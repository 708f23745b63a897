"""Words of logs."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NewType
from uuid import UUID

import msgspec

LogId = NewType("LogId", UUID)
LogKind = Literal["diagnostics", "security", "data_collector"]
LogState = Literal["asked", "accepted", "uploading", "uploaded", "nothing", "refused", "failed", "expired"]
OPEN: frozenset[LogState] = frozenset({"asked", "accepted", "uploading"})

# The word of a station's status message -> where its upload is (1.6 DiagnosticsStatus, UploadLogStatus of all).
STEPS: dict[str, LogState] = {
    "Uploading": "uploading",
    "Uploaded": "uploaded",
    "UploadFailed": "failed",
    "UploadFailure": "failed",
    "BadMessage": "failed",
    "NotSupportedOperation": "failed",
    "PermissionDenied": "failed",
    "AcceptedCanceled": "failed",
}


class LogRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A log that a station was asked for, and how far it has come."""

    id: LogId
    station_id: str
    log: LogKind
    via: Literal["http", "ftp"]
    plain: bool
    since: dt.datetime | None
    until: dt.datetime | None
    author: str
    asked_at: dt.datetime
    state: LogState
    said: str | None
    file_name: str | None
    files: list[UUID]
    changed_at: dt.datetime
