"""Routes of files: staff bring firmware and read logs; stations fetch and send with credentials in the path."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Response, get, post, route
from litestar.datastructures import UploadFile
from litestar.params import Parameter
from litestar.response import Stream

from zaryad.auth import PUBLIC, Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.maintenance.files import store
from zaryad.maintenance.files.grant import PATH, open_grant
from zaryad.maintenance.files.keep import Taker, give_out, take_in
from zaryad.maintenance.files.model import UPLOADS_MAX, FileId, FileKind, Grant, StoredFile
from zaryad.maintenance.logs.arrive import arrived
from zaryad.maintenance.model import Settings as Rules
from zaryad.platform.db import Db

LOOK = needs(Role.OPERATOR, Role.TECHNICIAN)
CHANGE = needs(Role.TECHNICIAN)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# A station is no browser: nothing it fetches is kept by anybody on the way, or shown as a page.
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes"}
Open = {**PUBLIC, "cross_site": True, "csrf": False}


class FilePage(msgspec.Struct, frozen=True):
    """Files, the latest first, and what to ask for next."""

    items: list[StoredFile]
    next: dt.datetime | None


@post("/files", opt=CHANGE, status_code=201, request_max_body_size=None)
async def bring_file(  # noqa: PLR0917  # what the framework brings
    request: Request[Any, Any, Any],
    db: Db,
    now: dt.datetime,
    caller: Caller,
    maintenance_rules: Rules,
    name: Annotated[str, Parameter(max_length=200)],
    sha256: Annotated[str | None, Parameter(max_length=64)] = None,
) -> StoredFile:
    """Bring a firmware file, as the body of the request; with `sha256` it is refused unless it arrived whole."""
    most = maintenance_rules.files.firmware_bytes_max
    taker = Taker(db, kind="firmware", name=name, most=most, by=f"staff:{caller.person_id}")
    return await take_in(taker, request.stream(), now, sha256=sha256)


@get("/files", opt=LOOK)
async def list_files(  # what may be asked for
    db: Db,
    kind: FileKind | None = None,
    station: Annotated[str | None, Parameter(max_length=48)] = None,
    before: dt.datetime | None = None,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
) -> FilePage:
    """List files, the latest first."""
    async with db.begin() as tx:
        items = await store.files(tx, kind, station, before, limit)
    return FilePage(items, items[-1].at if len(items) == limit else None)


@get("/files/{id:uuid}/content", opt=LOOK, media_type="application/octet-stream")
async def read_file(id: UUID, request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Give out a file, or the range of it that is asked for."""
    async with db.begin() as tx:
        found = await store.find(tx, FileId(id))
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "file_unknown")
    return _given(request, db, found)


@route(
    [f"{PATH}/{{grant:str}}/{{secret:str}}", f"{PATH}/{{grant:str}}/{{secret:str}}/{{name:path}}"],
    http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.PUT, HttpMethod.POST],
    opt=Open,
    request_max_body_size=None,
    include_in_schema=False,
    status_code=200,
)
async def station_file(  # noqa: PLR0917  # what the framework brings
    request: Request[Any, Any, Any], grant: str, secret: str, db: Db, now: dt.datetime, name: str = ""
) -> Response[Any]:
    """Let a station fetch the file it was told of, or send the one it was asked for."""
    async with db.begin() as tx:
        leave = await open_grant(tx, grant, secret, now)
        found = None if leave.file_id is None else await store.find(tx, leave.file_id)
    if request.method in ("GET", "HEAD"):
        if found is None:
            raise DomainError(Kind.NOT_FOUND, "file_unknown")
        return _given(request, db, found)
    if leave.purpose != "upload":
        raise DomainError(Kind.FORBIDDEN, "file_not_to_be_sent")
    await _taken(request, db, leave, name, now)
    return Response(b"", status_code=201, media_type="text/plain")


async def _taken(request: Request[Any, Any, Any], db: Db, leave: Grant, name: str, now: dt.datetime) -> None:
    """Take in what a station sends: the body as it is, or the first file of a form."""
    async with db.begin() as tx:
        if not await store.take_upload(tx, leave.id, UPLOADS_MAX):
            raise DomainError(Kind.TOO_MANY, "file_sent_too_often")
    stream: AsyncIterator[bytes] = request.stream()
    if request.content_type[0] == "multipart/form-data":
        said = int(request.headers.get("content-length") or 0)
        if not 0 < said <= leave.bytes_max:
            raise DomainError(Kind.INVALID, "file_too_large", most_mib=leave.bytes_max >> 20)
        form = await request.form()
        part = next((value for value in form.values() if isinstance(value, UploadFile)), None)
        if part is None:
            raise DomainError(Kind.INVALID, "file_empty")
        name, stream = part.filename or name, _pieces(part)
    taker = Taker(db, kind="log", name=name or "log", most=leave.bytes_max, by="station", station_id=leave.station_id)
    whole = await take_in(taker, stream, now)
    await arrived(db, leave, whole, now)


async def _pieces(part: UploadFile) -> AsyncIterator[bytes]:
    while data := await part.read(1 << 16):
        yield data


def _given(request: Request[Any, Any, Any], db: Db, it: StoredFile) -> Response[Any]:
    """Answer a request for a file; one range of it where one is asked for (RFC 9110, 14)."""
    etag = f'"{it.sha256[:32]}"'
    headers = _HEADERS | {"ETag": etag, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(it.name)}"}
    asked = request.headers.get("range")
    if asked is not None and request.headers.get("if-range", etag) != etag:
        asked = None
    span = (0, it.size) if asked is None else _span(asked, it.size)
    if span is None:
        return Response(b"", status_code=416, headers=headers | {"Content-Range": f"bytes */{it.size}"})
    start, end = span
    status = 200
    if (start, end) != (0, it.size):
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{it.size}"
    headers["Content-Length"] = str(end - start)
    media = "application/octet-stream"
    if request.method == "HEAD":
        return Response(b"", status_code=status, headers=headers, media_type=media)
    return Stream(give_out(db, it, start, end), status_code=status, headers=headers, media_type=media)


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return the range as start and end without; the whole for what is not one range; None when it cannot be."""
    match = _RANGE.fullmatch(asked.replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        return 0, size
    first, last = match[1], match[2]
    if not first:
        return (max(size - int(last), 0), size) if int(last) else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None


routes: list[Any] = [bring_file, list_files, read_file]
root_routes: list[Any] = [station_file]
