"""One connector as a physical thing: a cable, a meter, a car, and the word OCPP has for its condition."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import msgspec

from zaryad.sandbox.battery import MWMS_PER_MWH, acceptable_mw, charge
from zaryad.sandbox.kept import Profile
from zaryad.sandbox.model import OutletMemory, OutletModel

MILLISECOND = dt.timedelta(milliseconds=1)
MW_PER_W = 1_000


class Running(Protocol):
    """A transaction, as far as the outlet cares."""

    suspended: bool


class Permission(msgspec.Struct, frozen=True):
    """A token that may charge here, while the driver fetches the cable."""

    token: str
    until: dt.datetime
    not_before: dt.datetime
    group: str | None = None
    profile: Profile | None = None  # came with a remote start


class Condition:
    """What a connector (0: the station) is in OCPP's words, since when, and what was last told of it."""

    def __init__(self) -> None:
        self.word = ""
        self.since: dt.datetime | None = None  # by the station's clock
        self.told: str | None = None
        self.not_before: dt.datetime | None = None  # an unanswered one is repeated then

    def due(self, now: dt.datetime) -> bool:
        """Whether it has to be told, now."""
        return self.told != self.word and (self.not_before is None or self.not_before <= now)

    def become(self, word: str, at: dt.datetime) -> bool:
        """Note a change; True when it is one."""
        if word == self.word:
            return False
        self.word, self.since, self.not_before = word, at, None
        return True


class Outlet:
    """The running side of an outlet; `memory` is what outlives a power cut."""

    def __init__(self, model: OutletModel, memory: OutletMemory) -> None:
        self.model = model
        self.memory = memory
        self.permission: Permission | None = None
        self.power_mw = 0
        self.limit_mw: int | None = None  # what charging profiles leave

    @property
    def offer_mw(self) -> int:
        """Most that may flow now."""
        built = self.model.power_w * MW_PER_W
        return built if self.limit_mw is None else min(built, self.limit_mw)

    @property
    def register_wh(self) -> int:
        """The meter as stations tell it: whole watt-hours, rounded down."""
        return self.memory.register_mwh // 1_000

    @property
    def usable(self) -> bool:
        """Whether a charge may begin."""
        return self.memory.fault is None and self.memory.operative and self.memory.transaction is None

    def count(self, now: dt.datetime, speed: int, transaction: Running | None) -> None:
        """Let the time since the last count pass: energy flows, the car fills, the meter turns."""
        memory = self.memory
        since, memory.counted_to = memory.counted_to, now
        self.power_mw = 0
        if transaction is None or transaction.suspended or memory.car is None or memory.fault is not None:
            return
        elapsed_ms = 0 if since is None else max(0, (now - since) // MILLISECOND)
        memory.car, drawn = charge(memory.car, self.offer_mw, elapsed_ms * speed, dc=self.model.dc)
        self.power_mw = drawn.power_mw
        if not memory.frozen:
            whole, memory.carry_mwms = divmod(memory.carry_mwms + drawn.energy_mwms, MWMS_PER_MWH)
            memory.register_mwh += whole

    def energise(self, transaction: Running) -> None:
        """Show the power that flows from now on."""
        if not transaction.suspended and self.memory.car is not None and self.memory.fault is None:
            self.power_mw = acceptable_mw(self.memory.car, self.offer_mw, dc=self.model.dc)

    def word(self, transaction: Running | None, *, station_operative: bool, reserved: bool = False) -> str:  # noqa: PLR0911  # one for each word
        """Return the ChargePointStatus that is true now (OCPP 1.6, 7.7 and 4.9)."""
        memory = self.memory
        if memory.fault is not None:
            return "Faulted"
        if transaction is not None:
            if transaction.suspended or self.limit_mw == 0:
                return "SuspendedEVSE"
            return "Charging" if self.power_mw else "SuspendedEV"
        if not (memory.operative and station_operative):
            return "Unavailable"
        if memory.car is not None:
            return "Finishing" if memory.spent and self.permission is None else "Preparing"
        if self.permission is not None:
            return "Preparing"
        return "Reserved" if reserved else "Available"
