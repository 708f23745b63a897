"""Does a station's errands on the network: HTTP through the platform's own client, FTP with the standard library."""

from __future__ import annotations

import asyncio
import ftplib
import io
from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit

from zaryad.platform.outbound import Accepted, Limits, Reply, Site
from zaryad.sandbox.errands import CONTENT_MAX, Bring, Done, Errand, Fetch

RANGE = 256 * 1024
LIMITS = Limits(total_s=60, body_bytes=CONTENT_MAX)
FTP_WITHIN_S = 20


async def run(errand: Errand) -> Done:
    """Do it, and say how it went. Nothing here raises: a station has to be told."""
    try:
        parts = urlsplit(errand.url)
        if parts.scheme in ("http", "https"):
            return await _http(errand, parts)
        if parts.scheme in ("ftp", "ftps"):
            return await asyncio.to_thread(_ftp, errand, parts)
    except ftplib.error_perm as error:
        return Done(False, why=str(error), denied=str(error).startswith(("530", "550", "553")))
    except (OSError, ValueError, ftplib.Error) as error:
        return Done(False, why=str(error) or type(error).__name__)
    return Done(False, why=f"no way to {parts.scheme}")


async def _http(errand: Errand, parts: SplitResult) -> Done:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    site = Site(f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else ""), LIMITS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        if isinstance(errand, Bring):
            return await _bring(site, path, errand, _authorization(parts))
        return await _fetch(site, path, errand, _authorization(parts))
    finally:
        await site.close()


async def _bring(site: Site, path: str, errand: Bring, headers: dict[str, str]) -> Done:
    told = headers | {
        "content-type": "application/octet-stream",
        "content-disposition": f'attachment; filename="{errand.name}"',
    }
    method = "POST" if errand.post else "PUT"
    outcome = await site.call(method, path, what="sandbox.upload", headers=told, body=errand.content)
    if not isinstance(outcome, Accepted):
        return Done(False, why=repr(outcome))
    status = outcome.value.status
    return Done(200 <= status < 300, why=f"HTTP {status}", denied=status in (401, 403))


async def _fetch(site: Site, path: str, errand: Fetch, headers: dict[str, str]) -> Done:
    """Fetch in ranges; a server that knows none gives the whole at once."""
    got = bytearray()
    while len(got) < CONTENT_MAX:
        begin = errand.begin + len(got)
        asked = headers | {"range": f"bytes={begin}-{begin + RANGE - 1}"}
        outcome = await site.call("GET", path, what="sandbox.download", headers=asked)
        if not isinstance(outcome, Accepted):
            return Done(False, bytes(got), repr(outcome))
        reply = outcome.value
        if reply.status == 200:
            return Done(True, reply.body[errand.begin :])
        if reply.status == 416 and begin:
            return Done(True, bytes(got))
        if reply.status != 206:
            return Done(False, bytes(got), f"HTTP {reply.status}", reply.status in (401, 403))
        got += reply.body
        if errand.begin + len(got) >= _total(reply) or not reply.body:
            return Done(True, bytes(got))
    return Done(False, why="too large")


def _total(reply: Reply) -> int:
    total = reply.headers.get("content-range", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else 0


def _authorization(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"authorization": "Basic " + b64encode(pair.encode()).decode()}


def _ftp(errand: Errand, parts: SplitResult) -> Done:
    client = ftplib.FTP_TLS() if parts.scheme == "ftps" else ftplib.FTP()  # noqa: S321  # stations do
    with client as ftp:
        ftp.connect(parts.hostname or "", parts.port or 21, timeout=FTP_WITHIN_S)
        ftp.login(unquote(parts.username or "anonymous"), unquote(parts.password or ""))
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        path = unquote(parts.path.lstrip("/"))
        if isinstance(errand, Bring):
            ftp.storbinary(f"STOR {path}", io.BytesIO(errand.content))
            return Done(True)
        got = bytearray()

        def take(part: bytes) -> None:
            if len(got) + len(part) > CONTENT_MAX:
                raise OSError("too large")
            got.extend(part)

        ftp.retrbinary(f"RETR {path}", take, rest=errand.begin or None)
        return Done(True, bytes(got))
