"""What a handshake is judged by, and what is remembered of it: the gateway reads it, the stations' module judges."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from zaryad.link.facts import StationId

HIDDEN = "***"  # stands in a path where a token was


class Approach(msgspec.Struct, frozen=True, kw_only=True):
    """A handshake as it came. `user` and `password` are the bytes of Basic auth, None without it.

    `path` is fit to be shown: a registration token in it is hidden, `token` is the token itself. `may_note`: whether a
    stranger may be written down; the gateway says no when too many come.
    """

    station_id: StationId
    user: bytes | None = None
    password: bytes | None = None
    unreadable_auth: bool = False  # there is an Authorization header, and it is not Basic
    address: str = ""
    user_agent: str = ""
    offered: tuple[str, ...] = ()  # subprotocols, in the station's order
    path: str = ""
    path_known: bool = True
    token: str | None = None
    tls: dict[str, str] | None = None  # version, cipher, client_certificate: none | presented | verified; at: proxy
    may_note: bool = True
    certificate: bytes | None = None  # DER of the client's, as it was shown
    proof: str = "none"  # what that came to: none, good, or why it is no good (`certificate_expired` and the like)

    @property
    def secure(self) -> bool:
        """Whether nobody could listen: TLS here, or at a proxy of ours."""
        return self.tls is not None


class Attempt(msgspec.Struct, kw_only=True):
    """One try to connect, and what came of it. It is written again when its connection ends.

    `reason` is the verdict's word (`ok`, `unknown`, `bad_password`, ...), or why a handshake failed before there was
    anything to judge; `status` the HTTP status, None when it never came that far. `auth` is none, unreadable,
    not_needed, text, hex, raw, wrong_user or wrong_password.
    """

    id: UUID
    station_id: StationId
    at: dt.datetime
    node: str
    address: str = ""
    path: str = ""
    user_agent: str = ""
    tls: dict[str, str] | None = None
    auth: str = "none"
    offered: list[str] = []
    chosen: str | None = None
    status: int | None = None
    reason: str
    detail: dict[str, str] = {}
    epoch: int | None = None
    closed_at: dt.datetime | None = None
    close_code: int | None = None
    close_reason: str | None = None
    rtt_ms: int | None = None
    quirks: dict[str, int] = {}  # liberties that were taken in reading its messages, by kind
