"""A running bill that is moved in place, for the meter book: the same fold as `advance`, without an object each step.

Between two moments of a local clock the components in force are the same: energy and time then only add up, and so
does the cost. Everything else (such a moment is passed, a session fee is not counted yet) is `advance` itself.
"""

from __future__ import annotations

import datetime as dt

from zaryad.tariffs.model import Point, Running, TariffVersion
from zaryad.tariffs.plan import DENOMINATOR, plan_of
from zaryad.tariffs.price import advance, cost
from zaryad.tariffs.terms import Dimension

_TICK = dt.timedelta(microseconds=1)
_HALF = DENOMINATOR // 2


class Tab:
    """A running bill in place. `at` is the moment of its last point, in UTC; `cost_minor` what it comes to."""

    __slots__ = (
        "_energy",
        "_numerator",
        "_per_mwh",
        "_per_us",
        "_running",
        "_time",
        "_until",
        "_used",
        "at",
        "cost_minor",
        "energy_mwh",
        "version",
    )

    at: dt.datetime
    energy_mwh: int
    cost_minor: int
    _energy: int | None  # the place of the component in force, and what it adds
    _time: int | None
    _per_mwh: int
    _per_us: int
    _numerator: int
    _until: dt.datetime | None

    def __init__(self, version: TariffVersion, running: Running) -> None:
        self.version = version
        self._load(running)

    def move(self, at: dt.datetime, energy_mwh: int) -> None:
        """Move it to a later reading, `at` in UTC; an earlier one, or a lower register, changes nothing."""
        gained = energy_mwh - self.energy_mwh
        if at < self.at or gained < 0:
            return
        if self._until is None or at > self._until:
            self._load(advance(self.version, self.running, Point(at, energy_mwh)))
            return
        lasted = (at - self.at) // _TICK
        self.at, self.energy_mwh = at, energy_mwh
        used = self._used
        if self._energy is not None:
            used[self._energy] += gained
        if self._time is not None:
            used[self._time] += lasted
        self._numerator += gained * self._per_mwh + lasted * self._per_us
        self.cost_minor = (self._numerator + _HALF) // DENOMINATOR  # prices are not negative: rounded as `cost` does

    @property
    def running(self) -> Running:
        """The bill as a value."""
        known = self._running
        return Running(
            timezone=known.timezone,
            began_at=known.began_at,
            began_mwh=known.began_mwh,
            at=self.at,
            energy_mwh=self.energy_mwh,
            until=known.until,
            active=known.active,
            used=tuple(self._used),
            more=known.more,
        )

    def parts(self) -> tuple[object, ...]:
        """Return what `running` is written as, which is an array, without making it."""
        known = self._running
        return (
            known.timezone,
            known.began_at,
            known.began_mwh,
            self.at,
            self.energy_mwh,
            known.until,
            known.active,
            self._used,
            known.more,
        )

    def _load(self, running: Running) -> None:
        """Take over a bill, and work out what a step within its stretch adds."""
        plan = plan_of(self.version)
        self._running = running
        self.at, self.energy_mwh = running.at, running.energy_mwh
        self._used = list(running.used)
        self.cost_minor = cost(self.version, running).minor
        if plan.general:  # more than sums: `advance` itself, step by step
            self._numerator, self._energy, self._time, self._per_mwh, self._per_us = 0, None, None, 0, 0
            self._until = None
            return
        self._numerator = sum(used * weight for used, weight in zip(running.used, plan.weights, strict=True))
        of = {plan.dimensions[index]: index for index in running.active}  # one component of each at most
        self._energy, self._time = of.get(Dimension.ENERGY), of.get(Dimension.TIME)
        self._per_mwh = 0 if self._energy is None else plan.weights[self._energy]
        self._per_us = 0 if self._time is None else plan.weights[self._time]
        owed = Dimension.SESSION in of and not any(running.used[index] for index in plan.sessions)
        # Until when a step is no more than a sum; a version without moments of change has one all the same.
        self._until = None if owed else running.until or dt.datetime.max.replace(tzinfo=dt.UTC)
