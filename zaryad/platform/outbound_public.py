"""Calls to hosts that are not in the configuration: only where somebody trusted named them, and never inwards.

A URL that a station or a certificate carries may point at our own network. So a name is resolved here, every address of
it has to be a public one, and the call goes to the very address that was checked: a name that resolves to something
else a moment later gains nothing. Plain HTTP only, which is what revocation is asked over.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from zaryad.platform.outbound import Limits, Outcome, Rejected, Reply, Site

Resolve = Callable[[str, int], Awaitable[list[str]]]
NAMES_WITHIN_S = 3


class ForbiddenError(Exception):
    """The URL is not one that may be called."""


def parts_of(url: str) -> tuple[str, int, str]:
    """Return host, port and path of a plain HTTP URL. Raises ForbiddenError."""
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError as error:
        raise ForbiddenError("not a URL") from error
    if parts.scheme != "http" or not parts.hostname or parts.username or parts.fragment or not url.isprintable():
        raise ForbiddenError("only plain http")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if target.startswith("//"):
        raise ForbiddenError("not a path")
    return parts.hostname, port, target


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name."""
    async with asyncio.timeout(NAMES_WITHIN_S):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


async def public_address(host: str, port: int, ask: Resolve = resolve) -> str:
    """Return an address of the host, all of whose addresses are public ones. Raises ForbiddenError."""
    try:
        found = await ask(host, port)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise ForbiddenError("the name does not resolve") from error
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if not mapped.is_global or mapped.is_multicast:
            raise ForbiddenError("not a public address")
    if not found:
        raise ForbiddenError("the name does not resolve")
    return found[0]


async def call_public(  # what a call consists of
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    *,
    what: str,
    ask: Resolve = resolve,
) -> Outcome[Reply]:
    """Make one call to a public host; Rejected `forbidden` where it is none."""
    try:
        host, port, target = parts_of(url)
        address = await public_address(host, port, ask)
    except ForbiddenError as error:
        return Rejected(f"forbidden:{error}")
    shown = f"[{address}]" if ":" in address else address
    site = Site(f"http://{shown}:{port}", limits)
    try:
        return await site.call(
            method, target, what=what, headers={**headers, "host": host if port == 80 else f"{host}:{port}"}, body=body
        )
    finally:
        await site.close()
