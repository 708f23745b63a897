"""Credentials for one purpose: a station gets one with the order that needs it, and it ends with that order's time.

Over HTTP they are in the path, over FTP user and password: stations agree on nothing else. Only a hash is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from urllib.parse import quote
from uuid import UUID

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.maintenance.files import store
from zaryad.maintenance.files.model import FileId, Grant, Settings, Via
from zaryad.platform.db import Tx

PATH = "/files"
SECRET_MAX = 100


async def grant_download(  # noqa: PLR0917  # who, what, by which rules
    tx: Tx,
    rules: Settings,
    station_id: StationId,
    file_id: FileId,
    name: str,
    order_id: UUID,
    until: dt.datetime,
    via: Via = "http",
) -> str:
    """Let a station fetch a file until then, and return the URL to tell it."""
    id, secret = await _grant(tx, rules, station_id, order_id, until, file_id=file_id)
    return url(rules, id, secret, name, via)


async def grant_upload(  # noqa: PLR0917  # who, what, by which rules
    tx: Tx, rules: Settings, station_id: StationId, name: str, order_id: UUID, until: dt.datetime, via: Via = "http"
) -> str:
    """Let a station send what an order asks for until then, and return the URL to tell it."""
    id, secret = await _grant(tx, rules, station_id, order_id, until, file_id=None)
    return url(rules, id, secret, name, via)


async def open_grant(tx: Tx, id: str, secret: str, now: dt.datetime) -> Grant:
    """Return the grant that these credentials are for; DomainError NOT_FOUND tells nobody which part was wrong."""
    found = await store.grant(tx, id[:40], _hash(secret), now) if len(secret) <= SECRET_MAX else None
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "file_unknown")
    return found


def url(rules: Settings, id: str, secret: str, name: str, via: Via) -> str:
    """Return the address of a file, or of where to put one."""
    if via == "ftp":
        if not rules.ftp.enabled:
            raise DomainError(Kind.INVALID, "ftp_off")
        return f"ftp://{id}:{secret}@{rules.ftp.host}:{rules.ftp.port}/{quote(name)}"
    return f"{rules.public_url.rstrip('/')}{PATH}/{id}/{secret}/{quote(name)}"


async def _grant(  # as above
    tx: Tx, rules: Settings, station_id: StationId, order_id: UUID, until: dt.datetime, *, file_id: FileId | None
) -> tuple[str, str]:
    id, secret = secrets.token_hex(8), secrets.token_hex(16)
    it = Grant(
        id=id,
        station_id=station_id,
        purpose="upload" if file_id is None else "download",
        file_id=file_id,
        order_id=order_id,
        bytes_max=rules.log_bytes_max if file_id is None else 0,
        expires_at=until,
    )
    await store.add_grant(tx, it, _hash(secret))
    return id, secret


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
