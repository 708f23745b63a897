"""Static files of the pages: few, small, read once, named by their content so that a browser keeps them for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

DIRECTORY = Path(__file__).parent / "files"
PREFIX = "/static"
_KEPT = "public, max-age=31536000, immutable"
_TEXT = ("text/", "application/javascript", "image/svg", "application/manifest")


class Asset(msgspec.Struct, frozen=True):
    """One file as it is served."""

    content: bytes
    packed: bytes | None  # gzip, where it helps
    media_type: str
    version: str  # of the content


@cache
def assets() -> dict[str, Asset]:
    """Read the files once; a running program serves what it started with."""
    return {path.name: _read(path) for path in sorted(DIRECTORY.iterdir()) if path.is_file()}


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        media_type = "text/javascript"  # machines disagree about it, and a module needs it
    if path.suffix == ".webmanifest":
        media_type = "application/manifest+json"
    packed = gzip.compress(content, 9, mtime=0) if media_type.startswith(_TEXT) else None
    return Asset(content, packed, media_type, hashlib.sha256(content).hexdigest()[:10])


def url(name: str) -> str:
    """Return the address of a file: it changes with the content. An unknown file is a bug and raises."""
    return f"{PREFIX}/{assets()[name].version}/{name}"


@get(f"{PREFIX}/{{version:str}}/{{name:str}}", opt={"roles": "public"}, include_in_schema=False, sync_to_thread=False)
def static_file(request: Request[Any, Any, Any], version: str, name: str) -> Response[bytes]:
    """Serve one file. An address of an older version gives today's content, and is not kept."""
    asset = assets().get(name)
    if asset is None:
        raise NotFoundException
    headers = {
        "Cache-Control": _KEPT if version == asset.version else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    content = asset.content
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = asset.packed, "gzip"
    return Response(content, media_type=asset.media_type, headers=headers)
