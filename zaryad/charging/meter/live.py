"""A running session as its readings move it: what is shown, what is owed, and whether to stop."""

from __future__ import annotations

import datetime as dt

import msgspec
import structlog

from zaryad import tariffs
from zaryad.charging.limits import Dearest, dearest, reached
from zaryad.charging.match import NAMELESS
from zaryad.charging.meter.rows import Row
from zaryad.charging.meter.store import Metered
from zaryad.charging.model import MEASURED_EVERY_S, EndReason, Flag, Settings
from zaryad.charging.timeline import doubt
from zaryad.charging.when import AHEAD_MAX
from zaryad.kernel.energy import MWH_PER_WH
from zaryad.tariffs import Running, Tab, TariffVersion

log = structlog.get_logger()

_TICK = dt.timedelta(microseconds=1)
_TELLING_US = 5_000_000  # two registers closer than that tell of rounding, not of power
_US_PER_HOUR = 3_600_000_000
_running = msgspec.json.Decoder(Running)
_NEVER = 1 << 62  # more than any cost or register
_POWER_ROOM, _SECONDS_ROOM = 2, 60  # a bound for the next interval is made for more than this one needs


class Live:
    """A session's live view while its readings are taken in."""

    __slots__ = (
        "_bound_cost",
        "_bound_power",
        "_bound_seconds",
        "_capped",
        "_cost_end",
        "_meter_end",
        "_per_us",
        "_rules",
        "_time_end",
        "cost_minor",
        "earliest",
        "evidence",
        "flagged",
        "id",
        "key",
        "known_at",
        "last_at",
        "meter_mwh",
        "moved",
        "power_mw",
        "priced",
        "readings",
        "received_at",
        "row",
        "row_version",
        "soc_percent",
        "stop",
        "subject",
        "tab",
        "trusted_at",
    )

    def __init__(self, row: Metered, version: TariffVersion | None, rules: Settings) -> None:
        self.row = row
        self.id = row.id
        self.key = (row.station_id, row.charge_ref)
        self.tab: Tab | None = None
        self.trusted_at = row.last_reading_at or row.began_at
        self.meter_mwh = row.meter_start_mwh if row.meter_mwh is None else row.meter_mwh
        self.last_at = row.last_reading_at
        self.power_mw = row.power_mw
        self.soc_percent = row.soc_percent
        self.cost_minor = row.cost_minor
        self.received_at = row.began_at
        self.moved = False
        self.flagged: set[str] = set()
        self.evidence: dict[str, object] = {}
        self.stop: EndReason | None = None
        self.priced = False
        self.subject = f"session.{row.id}"
        self.row_version = ""  # of the row, once we have written it
        self.known_at = 0.0
        self.readings: dict[dt.datetime, Row] = {}  # of the group in hand
        self.earliest = row.began_at - AHEAD_MAX  # a time before that is not believed
        self._rules = rules
        self._per_us = row.believed_w * 1_000  # of energy that may flow, in mWh a 3,600,000,000
        self._bound_power, self._bound_seconds, self._bound_cost = -1, -1, _NEVER
        self._capped = row.limit_amount_minor is not None  # and the hold is for all of it
        self._time_end = row.began_at + dt.timedelta(hours=rules.hours_max)
        self._cost_end, self._meter_end = _ends(row, rules)
        if row.running is not None and version is not None:
            self._open(version, row.running)

    @property
    def ordinary(self) -> bool:
        """Whether the row, once written, holds all that is known here: nothing was flagged, ordered or left out."""
        return self.moved and self.priced and self.stop is None and not self.flagged

    @property
    def nameless(self) -> bool:
        """Whether other transactions may go by the same name."""
        return self.row.charge_ref in NAMELESS

    def take(self, columns: Row) -> None:
        """Take in one reading: what is shown, what is owed, and whether to stop."""
        at, received_at, _, energy_mwh, power_mw, _, _, soc_percent, _, _ = columns
        self.received_at = received_at
        if self.row.state != "charging":
            self._too_late(energy_mwh)
            return
        self.moved = True
        if self.last_at is None or at >= self.last_at:
            self.last_at = at
            if power_mw is not None:
                self.power_mw = power_mw
            if soc_percent is not None:
                self.soc_percent = soc_percent
        if energy_mwh is None or at < self.trusted_at:  # late: the settlement will put it in its place
            return
        interval = (at - self.trusted_at) // _TICK
        gained_mwh = energy_mwh - self.meter_mwh
        if gained_mwh < 0 or gained_mwh * _US_PER_HOUR > interval * self._per_us:  # else it is surely possible
            wrong = doubt(self.trusted_at, self.meter_mwh, at, energy_mwh, self.row.believed_w)
            if wrong is not None:
                self._flag(wrong, energy_mwh)
                return
        self.trusted_at, self.meter_mwh = at, energy_mwh
        if self.tab is not None:
            self._price(self.tab, at, energy_mwh)
        if (
            self.cost_minor >= self._cost_end
            or energy_mwh >= self._meter_end
            or at >= self._time_end
            or not (self._capped or self._far(gained_mwh, interval))
        ):
            self.stop = self.stop or self._stop_for(self._rules, gained_mwh, interval)

    def _too_late(self, energy_mwh: int | None) -> None:
        if self.row.state == "settled" and energy_mwh is not None and energy_mwh > self.meter_mwh:
            self._flag(Flag.READINGS_LATE, energy_mwh)

    def _open(self, version: TariffVersion, running: str) -> None:
        """Take up the running bill."""
        try:
            self.tab = Tab(version, _running.decode(running))
            self.trusted_at = self.tab.at
            self.priced = True
        except Exception as error:  # noqa: BLE001  # as below
            self._unpriced(self.meter_mwh, error)

    def _price(self, tab: Tab, at: dt.datetime, energy_mwh: int) -> None:
        try:
            tab.move(at, energy_mwh)
            self.cost_minor = tab.cost_minor
        except Exception as error:  # noqa: BLE001  # as below
            self._unpriced(energy_mwh, error)

    def _unpriced(self, energy_mwh: int, error: Exception) -> None:
        """Go on without a price: readings are kept and settled by; a fault must not make a station repeat for ever."""
        log.error("meter.unpriced", session=self.row.id, exc_info=error)
        self.priced = False
        self._flag(Flag.UNPRICED, energy_mwh)

    def _stop_for(self, rules: Settings, gained_mwh: int, interval_us: int) -> EndReason | None:
        """Return why it has to stop now, unless it has been told to a moment ago."""
        row = self.row
        ordered = row.stop_ordered_at
        if ordered is not None and (self.received_at - ordered).total_seconds() < rules.stop_again_s:
            return None
        if ordered is not None and gained_mwh > 0 and row.stop_reason is not None:
            return EndReason(row.stop_reason)
        energy_mwh = self.meter_mwh - row.meter_start_mwh
        if row.payer_id is None:
            return EndReason.TOKEN_REFUSED if energy_mwh > 0 else None
        limit = reached(
            rules,
            cost_minor=self.cost_minor,
            energy_mwh=energy_mwh,
            limit_amount_minor=row.limit_amount_minor,
            limit_energy_wh=row.limit_energy_wh,
            lasted=self.trusted_at - row.began_at,
        )
        if limit is not None or row.limit_amount_minor is not None:
            return limit
        return EndReason.BALANCE_LOW if self._short(gained_mwh, interval_us) else None

    def _far(self, gained_mwh: int, interval_us: int) -> bool:
        """Whether the end of the hold is surely not near, by a bound that was worked out before."""
        power_mw, seconds = self._next(gained_mwh, interval_us)
        return (
            power_mw <= self._bound_power
            and seconds <= self._bound_seconds
            and self.cost_minor + self._bound_cost < self.row.hold_minor
        )

    def _short(self, gained_mwh: int, interval_us: int) -> bool:
        """Whether the next interval might cost more than is left of the hold."""
        if self.tab is None:
            return False
        power_mw, seconds = self._next(gained_mwh, interval_us)
        left = self.row.hold_minor - self.cost_minor
        most = _dearest(self.tab.version)
        self._bound_power, self._bound_seconds = power_mw * _POWER_ROOM, max(seconds, _SECONDS_ROOM)
        self._bound_cost = most.ahead(self._bound_power, self._bound_seconds)
        if most.ahead(power_mw, seconds) < left:
            return False
        ahead = tariffs.next_interval_cost(self.tab.version, self.tab.running, power_mw, seconds).minor
        return ahead >= left

    def _next(self, gained_mwh: int, interval_us: int) -> tuple[int, int]:
        """Return the power and the seconds that the next interval is taken to have."""
        power_mw = self.power_mw or 0
        if interval_us >= _TELLING_US:
            power_mw = max(power_mw, gained_mwh * _US_PER_HOUR // interval_us)
        return power_mw, min(interval_us // 1_000_000 or MEASURED_EVERY_S, self._rules.interval_max_s)

    def _flag(self, flag: Flag, energy_mwh: int) -> None:
        if flag.value not in self.row.flags:
            self.flagged.add(flag.value)
            self.evidence = {"energy_mwh": energy_mwh, "trusted_mwh": self.meter_mwh}

    def hint(self) -> bytes:
        """Return the few numbers that watchers get at once."""
        energy_mwh = self.meter_mwh - self.row.meter_start_mwh
        return b'{"state":"charging","energy_mwh":%d,"cost_minor":%d}' % (energy_mwh, self.cost_minor)


def _ends(row: Metered, rules: Settings) -> tuple[int, int]:
    """Return the cost and the register below which no limit is reached; what is under orders is looked at each time."""
    if row.stop_ordered_at is not None or row.payer_id is None:
        return -1, -1
    cost = energy = _NEVER
    if row.limit_amount_minor is not None:
        cost = -(-row.limit_amount_minor * rules.stop_percent // 100)
    if row.limit_energy_wh is not None:
        energy = -(-row.limit_energy_wh * MWH_PER_WH * rules.stop_percent // 100)
    return cost, row.meter_start_mwh + min(energy, rules.energy_max_wh * MWH_PER_WH)


def _dearest(version: TariffVersion) -> Dearest:
    """Return the version's highest prices, worked out once per object: versions are decoded once and shared."""
    known = version.__dict__.get("dearest")
    if known is None:
        known = version.__dict__["dearest"] = dearest(version)
    assert isinstance(known, Dearest)
    return known
