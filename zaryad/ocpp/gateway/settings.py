"""Section `[gateway]` of the configuration."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Count = Annotated[int, Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How stations' sockets are served. Every wait and every queue has its limit here."""

    host: str = "0.0.0.0"  # noqa: S104  # stations come from outside; a proxy's machine sets 127.0.0.1
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8_180
    node: Annotated[str, Meta(min_length=1, max_length=64)] = "gateway"  # unique among gateways
    trust_forwarded: bool = False  # believe X-Forwarded-For: only behind a proxy of ours
    without_subprotocol: str = "ocpp1.6"  # what a station speaks that names none; empty: it is turned away
    frame_bytes_max: Annotated[int, Meta(ge=65_536)] = 1_048_576
    backlog_max: Count = 64  # calls of one station waiting to be handled; then its socket is not read
    meter_values_at_once: Count = 8  # of one station, so that a burst joins one group commit
    handle_within_s: Seconds = 20
    answer_within_s: Seconds = 30  # for a station to answer an order
    ping_every_s: Seconds = 60  # of silence
    pong_within_s: Seconds = 30
    open_within_s: Seconds = 30
    close_within_s: Seconds = 2
    handshakes_at_once: Count = 8  # at the database: a storm of reconnects leaves it room for running sessions
    seen_every_s: Seconds = 15
    poll_orders_every_s: Seconds = 2  # for orders whose hint was lost
    log_frames: bool = True
    log_queue_max: Count = 20_000
    log_text_max: Count = 16_384
    log_keep_days: Count = 30
