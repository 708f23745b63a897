"""A session's course through its prices, where more than the clock decides them: one mutable fold over a meter.

Between two points energy flows evenly, so their mean power and whether the vehicle takes anything are the same all
the way. The way is cut where the components in force may change: at moments of the location's clock, after so much
time or energy of the session, when a grace or free minutes end. What lies between two cuts is added up in one go,
so most points cost a few comparisons.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from bisect import bisect_right
from typing import Literal, NamedTuple

from msgspec.structs import astuple

from zaryad.kernel.money import divide_half_up
from zaryad.tariffs.model import Doing, InForce, More, Part, Running
from zaryad.tariffs.plan import Plan, rules_for
from zaryad.tariffs.terms import PERMILLE, TIMES, About, Dimension, Restrictions, Rule

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
US_PER_HOUR = 3_600_000_000
NEVER = 1 << 62
UNPRICED = -1  # the component of energy that nothing prices
TAKING, RESTING, AWAY = 0, 1, 2  # what the vehicle does
SPENT = {Dimension.TIME: 0, Dimension.CHARGING: 1, Dimension.IDLE: 2}
LAST = {Dimension.ENERGY: 0, Dimension.CHARGING: 1, Dimension.IDLE: 1, Dimension.TIME: 2}

Free = Literal["grace", "free"] | None


class Active(NamedTuple):
    """A component in force, at the price that percent rules made of it."""

    dimension: Dimension
    component: int
    price_e4: int
    free: Free


class Stretch(NamedTuple):
    """A piece of a session in which the same prices hold; a session fee is a piece without length."""

    started_us: int
    ended_us: int
    energy_mwh: int
    active: tuple[Active, ...]


def microseconds(at: dt.datetime) -> int:
    """Return a moment as a whole number."""
    return (at - EPOCH) // TICK


def moment(us: int) -> dt.datetime:
    """Return the moment of a whole number."""
    return EPOCH + us * TICK


class Course:
    """A bill in the making. `journal`, if given, gets every stretch."""

    def __init__(self, plan: Plan, timezone: str, about: About, journal: list[Stretch] | None = None) -> None:
        self._plan, self._timezone, self._about, self._journal = plan, timezone, about, journal
        self._zone = zoneinfo.ZoneInfo(timezone)
        self._elements = [
            (when, indexes) for when, indexes in plan.elements if when.booking is None and when.fit(about)
        ]
        self._rules = [rule for rule in plan.terms.rules if rule.when.fit(about)]
        whens = [when for when, _ in self._elements] + [rule.when for rule in self._rules]
        self._powers = _marks(whens, "power_min_w", "power_max_w", 1_000)
        self._energies = _marks(whens, "min_wh", "max_wh", 1_000)
        self._durations = _marks(whens, "min_duration_s", "max_duration_s", 1_000_000)
        dimensions = {plan.dimensions[index] for _, indexes in self._elements for index in indexes}
        self._flows = bool(self._powers) or bool(dimensions & TIMES)
        self._resting_below = plan.terms.idle_below_w * 1_000
        self.doing: Doing | None = None
        self._flow: tuple[int, int] | None = None
        self._idle_us = 0
        self._spent = [0, 0, 0]
        self._used: dict[tuple[int, int], int] = {}
        self._last: list[tuple[int, int] | None] = [None, None, None]
        self._owed = False
        self._clock_until = 0
        self._clocked: list[tuple[Restrictions, tuple[int, ...]]] = []
        self._ruling: list[Rule] = []
        self._active: tuple[Active, ...] = ()
        self._until_us = self._until_mwh = NEVER

    def begin(self, at_us: int, energy_mwh: int) -> None:
        """Open the bill; a session fee in force is owed at once."""
        self.began_us = self.at_us = self._from_us = at_us
        self.began_mwh = self.energy_mwh = self._from_mwh = energy_mwh
        self._look()

    def resume(self, running: Running) -> None:
        """Go on with a bill that was put aside."""
        more = running.more
        assert more is not None, "the version asks for more"
        self.began_us, self.began_mwh = microseconds(running.began_at), running.began_mwh
        self.at_us = self._from_us = microseconds(running.at)
        self.energy_mwh = self._from_mwh = running.energy_mwh
        self.doing, self._flow, self._idle_us = more.doing, more.flow, more.idle_us
        self._spent = list(more.spent_us)
        self._used = {(part.component, part.price_e4): part.used for part in more.parts}
        keys = list(self._used)
        self._last = [None if place < 0 else keys[place] for place in more.last]
        self._owed = any(self._plan.dimensions[part.component] is Dimension.SESSION for part in more.parts)
        self._until_us = NEVER if running.until is None else microseconds(running.until)
        self._until_mwh = NEVER if more.until_mwh is None else more.until_mwh
        dimensions = self._plan.dimensions
        self._active = tuple(
            Active(Dimension.ENERGY if it.component == UNPRICED else dimensions[it.component], *astuple(it))
            for it in more.active
        )

    def running(self) -> Running:
        """Put the bill aside."""
        self._close(self.at_us, self.energy_mwh)
        keys = list(self._used)
        return Running(
            timezone=self._timezone,
            began_at=moment(self.began_us),
            began_mwh=self.began_mwh,
            at=moment(self.at_us),
            energy_mwh=self.energy_mwh,
            until=None if self._until_us >= NEVER else moment(self._until_us),
            active=(),
            used=(),
            more=More(
                about=self._about,
                parts=tuple(Part(component, price, used) for (component, price), used in self._used.items()),
                last=(self._place(keys, 0), self._place(keys, 1), self._place(keys, 2)),
                spent_us=(self._spent[0], self._spent[1], self._spent[2]),
                idle_us=self._idle_us,
                flow=self._flow,
                active=tuple(InForce(*each[1:]) for each in self._active),
                until_mwh=None if self._until_mwh >= NEVER else self._until_mwh,
                doing=self.doing,
            ),
        )

    def _place(self, keys: list[tuple[int, int]], group: int) -> int:
        last = self._last[group]
        return -1 if last is None else keys.index(last)

    def move(self, at_us: int, energy_mwh: int) -> bool:
        """Go on to a point; False for an earlier one or a lower register, which changes nothing."""
        lasted, gained = at_us - self.at_us, energy_mwh - self.energy_mwh
        if lasted < 0 or gained < 0:
            return False
        if lasted and self._flows:
            power = gained * US_PER_HOUR // lasted
            flow = (bisect_right(self._powers, power), self._does(power))
            if flow != self._flow:
                self._turn(flow)
        if at_us > self._until_us or energy_mwh > self._until_mwh or (lasted and self.energy_mwh >= self._until_mwh):
            self._cross(at_us, energy_mwh)
        self.at_us, self.energy_mwh = at_us, energy_mwh
        return True

    def finish(self) -> tuple[list[Part], tuple[int, int, int]]:
        """Return what was used, in the order in which it was first used, and the places of what was priced last."""
        more = self.running().more
        assert more is not None, "just made"
        return list(more.parts), more.last

    def _does(self, power_mw: int) -> int:
        """Decide what the vehicle does: by energy that flows, else by the station's word, else by the still meter."""
        if power_mw >= self._resting_below and power_mw > 0:
            return TAKING
        if self.doing is Doing.GONE:
            return AWAY
        return TAKING if self.doing in {Doing.CHARGING, Doing.HELD} else RESTING

    def _turn(self, flow: tuple[int, int]) -> None:
        """Begin a stretch in which the vehicle does something else."""
        self._close(self.at_us, self.energy_mwh)
        if flow[1] != RESTING:
            self._idle_us = 0
        self._flow = flow
        self._look()

    def _cross(self, at_us: int, energy_mwh: int) -> None:
        """Cut the way to a point at each change. Cuts lie on the straight line, rounded down."""
        origin_us, origin_mwh = self.at_us, self.energy_mwh
        lasted, gained = at_us - origin_us, energy_mwh - origin_mwh
        while True:
            cuts = []
            if self._until_us < at_us:
                mwh = origin_mwh + gained * (self._until_us - origin_us) // lasted
                cuts.append((self._until_us, max(mwh, self.energy_mwh)))
            if self.energy_mwh >= self._until_mwh and self.at_us < at_us:
                cuts.append((self.at_us, self.energy_mwh))
            elif self._until_mwh < energy_mwh:
                us = origin_us + lasted * (self._until_mwh - origin_mwh) // gained
                cuts.append((max(us, self.at_us), self._until_mwh))
            if not cuts:
                return
            cut = min(cuts)
            self._close(*cut)
            self.at_us, self.energy_mwh = cut
            self._look()

    def _close(self, at_us: int, energy_mwh: int) -> None:
        """Add up the stretch that ends here."""
        lasted, gained = at_us - self._from_us, energy_mwh - self._from_mwh
        if not lasted and not gained:
            return
        for dimension, component, price_e4, free in self._active:
            quantity = gained if dimension is Dimension.ENERGY else lasted
            if not quantity or dimension is Dimension.SESSION:
                continue
            if dimension is not Dimension.ENERGY and free != "grace":
                self._spent[SPENT[dimension]] += lasted
            if component != UNPRICED and free is None:
                key = (component, price_e4)
                self._used[key] = self._used.get(key, 0) + quantity
                self._last[LAST[dimension]] = key
        if self._flow is not None and self._flow[1] == RESTING:
            self._idle_us += lasted
        if self._journal is not None:
            self._journal.append(Stretch(self._from_us, at_us, gained, self._active))
        self._from_us, self._from_mwh = at_us, energy_mwh

    def _look(self) -> None:
        """Find what is in force here and until when."""
        at_us = self.at_us
        if at_us >= self._clock_until:
            self._look_at_clock(at_us)
        lasted, used = at_us - self.began_us, self.energy_mwh - self.began_mwh
        found: dict[Dimension, Active] = {}
        self._until_us = self._clock_until
        if self._durations and (place := bisect_right(self._durations, lasted)) < len(self._durations):
            self._until_us = min(self._until_us, self.began_us + self._durations[place])
        place = bisect_right(self._energies, used)
        self._until_mwh = self.began_mwh + self._energies[place] if place < len(self._energies) else NEVER
        power = self._power()
        for when, indexes in self._clocked:
            if when.reached(used, lasted, power):
                for index in indexes:
                    dimension = self._plan.dimensions[index]
                    if dimension not in found and self._counts(dimension):
                        found[dimension] = self._priced(index, used, lasted, power)
        found.setdefault(Dimension.ENERGY, Active(Dimension.ENERGY, UNPRICED, 0, None))
        self._active = tuple(found.values())
        fee = found.get(Dimension.SESSION)
        if fee is not None and not self._owed:
            self._owed = True
            self._used[fee.component, fee.price_e4] = 1
            if self._journal is not None:
                self._journal.append(Stretch(self.at_us, self.at_us, 0, (fee,)))

    def _look_at_clock(self, at_us: int) -> None:
        at = moment(at_us)
        local, holidays = at.astimezone(self._zone), self._about.holidays
        self._clocked = [each for each in self._elements if each[0].hold(local, holidays)]
        self._ruling = [rule for rule in self._rules if rule.when.hold(local, holidays)]
        until = self._plan.until(self._timezone, at)
        self._clock_until = NEVER if until is None else microseconds(until)

    def _power(self) -> int | None:
        """Return a power of the range that the present one is in: all that restrictions ask."""
        if self._flow is None:
            return None
        return self._powers[self._flow[0] - 1] if self._flow[0] else 0

    def _counts(self, dimension: Dimension) -> bool:
        """Whether a dimension runs while the vehicle does what it does."""
        does = TAKING if self._flow is None else self._flow[1]
        if dimension is Dimension.CHARGING:
            return does == TAKING
        if dimension is Dimension.IDLE:
            return does == RESTING
        return dimension is not Dimension.TIME or does != AWAY

    def _priced(self, index: int, used: int, lasted: int, power: int | None) -> Active:
        """Return a component as it is priced here, and look ahead to the end of its grace or free minutes."""
        it = self._plan.components[index]
        free: Free = None
        if it.dimension in TIMES:
            left = it.grace_s * 1_000_000 - self._idle_us if it.dimension is Dimension.IDLE else 0
            if left > 0:
                free = "grace"
            else:
                left = it.free_s * 1_000_000 - self._spent[SPENT[it.dimension]]
                free = "free" if left > 0 else None
            if left > 0:
                self._until_us = min(self._until_us, self.at_us + left)
        price, scale = it.price_e4, 1
        for rule in rules_for(self._plan.terms, it):
            if rule in self._ruling and rule.when.reached(used, lasted, power):
                price, scale = price * (PERMILLE + rule.permille), scale * PERMILLE
        return Active(it.dimension, index, divide_half_up(price, scale), free)


def _marks(whens: list[Restrictions], least: str, most: str, factor: int) -> list[int]:
    """Return the bounds of a range, in order, in the units of the course."""
    bounds = {getattr(when, name) for when in whens for name in (least, most)}
    return sorted(bound * factor for bound in bounds if bound is not None)
