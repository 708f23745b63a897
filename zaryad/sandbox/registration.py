"""Whether the central system knows the station: boot, heartbeat and the time they bring (1.6, 4.2, 4.6; 2.x B, G)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.model import StationMemory, StationModel
from zaryad.sandbox.timekeeping import parse, tell

RETRY_BOOT_S = 60  # when the central system leaves the interval to us
DAILY_S = 86_400  # no interval: the one a day that keeps the clock right


class Registration:
    """The state of the boot, and when to speak next about it."""

    def __init__(
        self, model: StationModel, memory: StationMemory, interval: Callable[[], int], remember: Callable[[int], None]
    ) -> None:
        self._model = model
        self._memory = memory
        self._interval = interval
        self._remember = remember
        self.state = "off"  # off, unknown, pending, rejected, accepted
        self.boot_due: dt.datetime | None = None
        self.heartbeat_due: dt.datetime | None = None

    @property
    def accepted(self) -> bool:
        """Whether we may say anything but BootNotification."""
        return self.state == "accepted"

    @property
    def due(self) -> dt.datetime | None:
        """When the next BootNotification or Heartbeat is due; None while its answer is awaited."""
        return self.heartbeat_due if self.accepted else self.boot_due

    def begin(self, now: dt.datetime) -> None:
        """Forget it all: a boot is due."""
        self.state, self.boot_due = "unknown", now

    def booted(self, reply: Reply, now: dt.datetime) -> bool:
        """Take the outcome of the BootNotification; True when we are accepted."""
        interval = reply.body.get("interval")
        interval = interval if isinstance(interval, int) and interval > 0 else 0
        status = str(reply.body.get("status")) if reply.outcome is Outcome.ANSWERED else ""
        self._set_clock(reply, now)
        if status != "Accepted":
            self.state = {"Pending": "pending", "Rejected": "rejected"}.get(status, "unknown")
            self.boot_due = now + dt.timedelta(seconds=interval or RETRY_BOOT_S)
            return False
        self.state = "accepted"
        if interval:
            self._remember(interval)
        self._plan_heartbeat(now)
        return True

    def time_told(self, reply: Reply, now: dt.datetime) -> None:
        """Take the outcome of a Heartbeat."""
        self._set_clock(reply, now)
        self._plan_heartbeat(now)

    def _plan_heartbeat(self, now: dt.datetime) -> None:
        self.heartbeat_due = now + dt.timedelta(seconds=self._interval() or DAILY_S)

    def _set_clock(self, reply: Reply, now: dt.datetime) -> None:
        told = parse(reply.body.get("currentTime"))
        if told is not None and not self._model.quirks.ignores_time:
            tell(self._memory, told, now)
