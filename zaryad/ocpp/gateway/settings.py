"""Section `[gateway]` of the configuration."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Count = Annotated[int, Meta(ge=1)]


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[gateway.tls]`. Each certificate is a PEM file of key and chain, or two: `chain.pem` and `chain.key`.

    For all four suites that OCPP requires give an RSA and an EC certificate for the same name.
    """

    port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    enabled: bool = False
    certificates: tuple[str, ...] = ()
    static_rsa: bool = True  # TLS_RSA_*: OCPP requires it, and it has no forward secrecy
    reload_every_s: Annotated[float, Meta(gt=0, le=86_400)] = 30

    def __post_init__(self) -> None:
        if self.enabled and not self.certificates:
            raise ValueError("certificates: at least one PEM file; make them with: zaryad certificates issue NAME")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How stations' sockets are served. Every wait and every queue has its limit here."""

    host: str = "0.0.0.0"  # noqa: S104  # stations come from outside; a proxy's machine sets 127.0.0.1
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8_180
    plain: bool = True  # listen on it: security profiles 0 and 1, or a proxy that ends TLS
    tls: Tls = Tls()
    node: Annotated[str, Meta(min_length=1, max_length=64)] = "gateway"  # unique among gateways
    trust_forwarded: bool = False  # believe X-Forwarded-*, X-Client-Cert: only behind a proxy of ours that sets them
    without_subprotocol: str = "ocpp1.6"  # what a station speaks that names none; empty: it is turned away
    frame_bytes_max: Annotated[int, Meta(ge=65_536)] = 1_048_576
    deflate: bool = True  # compress where a 2.0.1 or 2.1 station asks for it (RFC 7692)
    deflate_16: bool = False  # where a 1.6 station asks too: its standard does not know of it
    backlog_max: Count = 64  # calls of one station waiting to be handled; then its socket is not read
    meter_values_at_once: Count = 8  # of one station, so that a burst joins one group commit
    handle_within_s: Seconds = 20
    answer_within_s: Seconds = 30  # for a station to answer an order
    ping_every_s: Seconds = 60  # of silence
    pong_within_s: Seconds = 30
    open_within_s: Seconds = 30
    close_within_s: Seconds = 2
    handshakes_at_once: Count = 8  # at the database: a storm of reconnects leaves it room for running sessions
    strangers_per_s: Annotated[float, Meta(gt=0, le=10_000)] = 20  # unknown, or with a wrong password: written down
    strangers_burst: Count = 200
    listened_to_at_once: Count = 20  # strangers who say who they are (`ocpp.inbox_listens`)
    listened_to_s: Seconds = 30
    attempts_every_s: Seconds = 1  # tries to connect are written down
    seen_every_s: Seconds = 15
    poll_orders_every_s: Seconds = 2  # for orders whose hint was lost
    log_frames: bool = True
    log_queue_max: Count = 20_000
    log_queue_bytes_max: Annotated[int, Meta(ge=1_048_576)] = 67_108_864
    log_text_max: Annotated[int, Meta(ge=64)] = 16_384
    log_keep_days: Count = 30
    log_keep_bulk_days: Count = 7  # heartbeats and readings that went as they should
    log_odd_at_once: Count = 60  # rows of one station's junk, strays and refused calls; more are counted
    log_odd_per_minute: Count = 10
