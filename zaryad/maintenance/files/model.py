"""Words of files: what is kept, and who may fetch or send what, until when."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NewType
from uuid import UUID

import msgspec

from zaryad.link.facts import StationId

FileId = NewType("FileId", UUID)
FileKind = Literal["firmware", "log"]
Purpose = Literal["download", "upload"]
Via = Literal["http", "ftp"]

CHUNK = 1 << 20
NAME_MAX = 200
UPLOADS_MAX = 5  # files that one order's credentials may bring: a station may try again, and may split


class Ftp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[maintenance.files.ftp]`: for stations that know no other way. `host`: what they are told to call."""

    enabled: bool = False
    listen: str = "0.0.0.0"  # noqa: S104  # stations come from outside
    port: int = 2_121
    host: str = ""
    passive_first: int = 50_000
    passive_last: int = 50_063
    connections_max: int = 64
    idle_s: int = 300

    def __post_init__(self) -> None:
        ports = (self.port, self.passive_first, self.passive_last)
        if not all(1 <= port <= 65_535 for port in ports) or self.passive_first > self.passive_last:
            raise ValueError("port, passive_first and passive_last are 1 to 65535, in this order")
        if self.enabled and not self.host:
            raise ValueError("host is the name or address that stations are told to connect to")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[maintenance.files]`. `public_url`: where stations reach the http service, if not where people do."""

    public_url: str = ""
    firmware_bytes_max: int = 512 << 20
    log_bytes_max: int = 256 << 20
    grant_hours: int = 48
    logs_kept_days: int = 90
    ftp: Ftp = Ftp()

    def __post_init__(self) -> None:
        if self.public_url and not self.public_url.startswith(("http://", "https://")):
            raise ValueError("public_url begins with http:// or https://")
        if min(self.firmware_bytes_max, self.log_bytes_max, self.grant_hours, self.logs_kept_days) < 1:
            raise ValueError("sizes, hours and days are at least 1")


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is kept whole. Hashes are hex."""

    id: FileId
    kind: FileKind
    name: str
    size: int
    sha256: str
    md5: str
    station_id: str | None = None
    brought_by: str
    at: dt.datetime


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Leave for one station to fetch one file, or to send what one order asked for."""

    id: str
    station_id: StationId
    purpose: Purpose
    file_id: FileId | None
    order_id: UUID
    bytes_max: int
    expires_at: dt.datetime
    uploads: int = 0
