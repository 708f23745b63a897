"""A log that the central system wants (1.6 GetDiagnostics and GetLog; 2.x GetLog, block N): written, sent, told of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from zaryad.sandbox.errands import Bring, Done
from zaryad.sandbox.kept import LogOrder
from zaryad.sandbox.timekeeping import read, stamp

if TYPE_CHECKING:
    from zaryad.sandbox.body import Body

LINES_MAX = 500


class Logs:
    """The log of one station, and the order for it: at most one is on its way."""

    def __init__(self, station: Body) -> None:
        self._station = station
        self._lines: list[str] = []
        self._errand = 0

    @property
    def due_at(self) -> dt.datetime | None:
        """When an upload begins, again."""
        order = self._station.memory.log_order
        return None if order is None else order.next_at

    def note(self, line: str, now: dt.datetime) -> None:
        """Write a line of the log."""
        self._lines.append(f"{stamp(read(self._station.memory, now))} {line}")
        del self._lines[:-LINES_MAX]

    def order(self, order: LogOrder, now: dt.datetime) -> str:
        """Take an order: Accepted, or AcceptedCanceled when another one is dropped for it."""
        before = self._station.memory.log_order
        order.next_at = now + dt.timedelta(seconds=1)
        self._station.memory.log_order = order
        return "Accepted" if before is None else "AcceptedCanceled"

    def status(self) -> tuple[str, LogOrder | None]:
        """Return what a trigger gets."""
        order = self._station.memory.log_order
        return ("Idle", None) if order is None else ("Uploading", order)

    def tick(self, now: dt.datetime) -> None:
        """Begin the upload when it is due."""
        order = self._station.memory.log_order
        if order is None or order.next_at is None or now < order.next_at:
            return
        order.next_at = None
        if not order.sending:
            order.sending = True
            self._station.tell_log("Uploading", order)
        content = self._content(order)
        post = self._station.model.quirks.posts_files
        self._errand = self._station.errand(
            lambda number: Bring(number, order.url, order.name, content, post),
            lambda done, at: self._sent(order, done, at),
        )

    def came_up(self, now: dt.datetime) -> None:
        """After a boot an upload that was cut begins again."""
        order = self._station.memory.log_order
        if order is not None:
            order.next_at = now

    def _sent(self, order: LogOrder, done: Done, now: dt.datetime) -> None:
        if self._station.memory.log_order is not order:
            return  # another one took its place
        behaviour = self._station.memory.behaviour
        if done.ok and behaviour.upload == "works":
            self._station.tell_log("Uploaded", order)
        elif behaviour.upload == "denied" or done.denied:
            self._station.tell_log("PermissionDenied", order)
        elif order.retries > 0:
            order.retries -= 1
            order.next_at = now + dt.timedelta(seconds=order.retry_s)
            return
        else:
            self._station.tell_log("UploadFailure", order)
        self._station.memory.log_order = None

    def _content(self, order: LogOrder) -> bytes:
        kind = "security" if order.security else "diagnostics"
        head = f"{kind} log of {self._station.model.id}, firmware {self._station.firmware}\n"
        return (head + "\n".join(self._lines) + "\n").encode()
