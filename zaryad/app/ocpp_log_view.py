"""The OCPP log as people see it: rows with the beginnings of their frames, one exchange whole, and what it means."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from zaryad.link import orders
from zaryad.link.orders import OrderId, Placed
from zaryad.ocpp import log
from zaryad.platform.db import Tx
from zaryad.ui import t


class FrameRow(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange in a list. `payload` and `answer` are beginnings of the frames; the whole is under its key."""

    key: str
    at: dt.datetime
    station_id: str
    connection: int
    protocol: str | None
    direction: str  # who asked: "in" the station, "out" the platform
    kind: str  # call, told, stray, junk, opened, closed, hushed
    action: str | None
    message_id: str | None
    outcome: str | None
    latency_ms: float | None
    charge_ref: str | None
    payload: str | None
    answer: str | None


class FramePage(msgspec.Struct, frozen=True):
    """Exchanges, newest first, what to ask for next, and the time that was looked through."""

    items: list[FrameRow]
    next: str | None
    since: dt.datetime
    until: dt.datetime


class StoryPage(msgspec.Struct, frozen=True):
    """One transaction's exchanges, oldest first. A page may hold fewer than asked for, and yet have a `next`."""

    items: list[FrameRow]
    next: str | None
    since: dt.datetime
    until: dt.datetime


class TailMessage(msgspec.Struct, frozen=True):
    """What the live tail sends: rows as they come, and how many were too many since the last message, at most."""

    items: list[FrameRow]
    lost: int = 0


class FrameSaid(msgspec.Struct, frozen=True):
    """A frame as it stood on the wire, secrets replaced by ***. `pretty`: the same, indented, if it is JSON."""

    by: str  # "station", "platform"
    text: str
    pretty: str | None
    cut: bool


class OrderBehind(msgspec.Struct, frozen=True, kw_only=True):
    """The order that made us ask."""

    id: UUID
    author: str
    state: str
    placed_at: dt.datetime
    sent_after_ms: int


class FrameWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange with its frames, and what it means in a sentence."""

    exchange: FrameRow
    frames: list[FrameSaid]
    age_s: int
    asked_by: str  # "station", "platform"
    order: OrderBehind | None
    explained: str


def row_of(frame: log.Frame) -> FrameRow:
    """Return a row of a list."""
    return FrameRow(
        key=frame.key,
        at=frame.at,
        station_id=frame.station_id,
        connection=frame.epoch,
        protocol=frame.protocol,
        direction=frame.direction,
        kind=frame.kind,
        action=frame.action,
        message_id=frame.message_id,
        outcome=frame.outcome,
        latency_ms=frame.latency_ms,
        charge_ref=frame.charge_ref,
        payload=frame.payload,
        answer=frame.answer,
    )


async def whole_of(tx: Tx, frame: log.Frame, language: str, now: dt.datetime) -> FrameWhole:
    """Return one exchange with what is known around it."""
    placed = await _order(tx, frame)
    asked_by = "station" if frame.direction == "in" else "platform"
    return FrameWhole(
        exchange=row_of(frame),
        frames=[FrameSaid(each.by, each.text, each.pretty, each.cut) for each in log.said(frame)],
        age_s=max(0, int((now - frame.at).total_seconds())),
        asked_by=asked_by,
        order=None if placed is None else _behind(placed, frame),
        explained=_explained(frame, language),
    )


async def _order(tx: Tx, frame: log.Frame) -> Placed | None:
    """Return the order whose id the frame carries: our calls are named by their orders."""
    if frame.direction != "out" or frame.message_id is None:
        return None
    try:
        id = OrderId(UUID(frame.message_id))
    except ValueError:
        return None
    return await orders.find(tx, id)


def _behind(placed: Placed, frame: log.Frame) -> OrderBehind:
    waited = frame.at - placed.placed_at
    return OrderBehind(
        id=placed.id,
        author=placed.author,
        state=placed.state.value,
        placed_at=placed.placed_at,
        sent_after_ms=max(0, waited // dt.timedelta(milliseconds=1)),
    )


_PLAIN = {"told", "stray", "junk", "opened", "closed", "hushed"}


def _explained(frame: log.Frame, language: str) -> str:
    """Say in a sentence what happened."""
    if frame.kind in _PLAIN:
        key = frame.kind
    else:
        how = {"answered": "answered", "unanswered": "unanswered"}.get(frame.outcome or "", "refused")
        key = f"{frame.direction}.{how}"
    return t(
        language,
        f"ocpp_log.explained.{key}",
        action=frame.action or "?",
        outcome=frame.outcome or "",
        ms=round(frame.latency_ms or 0),
        about=frame.payload or "" if frame.kind in ("opened", "closed", "hushed") else "",
    ).strip()


def batches(frames: list[log.Frame], size: int = 100) -> list[list[FrameRow]]:
    """Return rows of the tail in messages of a bearable length."""
    rows = [row_of(frame) for frame in frames]
    return [rows[at : at + size] for at in range(0, len(rows), size)]
