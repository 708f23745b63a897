"""A running session as its readings move it: what is shown, what is owed, and whether to stop."""

from __future__ import annotations

import datetime as dt

import msgspec
import structlog

from zaryad import tariffs
from zaryad.charging.limits import Dearest, dearest, reached
from zaryad.charging.meter.rows import Row
from zaryad.charging.meter.store import Metered
from zaryad.charging.model import MEASURED_EVERY_S, EndReason, Flag, Settings
from zaryad.charging.timeline import doubt
from zaryad.tariffs import Point, Running, TariffVersion

log = structlog.get_logger()

_TICK = dt.timedelta(microseconds=1)
_TELLING_US = 5_000_000  # two registers closer than that tell of rounding, not of power
_US_PER_HOUR = 3_600_000_000
_running = msgspec.json.Decoder(Running)
_encode = msgspec.json.Encoder().encode


class Live:
    """A session's live view while its readings are taken in."""

    __slots__ = (
        "cost_minor",
        "evidence",
        "flagged",
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
        "running",
        "soc_percent",
        "stop",
        "subject",
        "trusted_at",
        "version",
    )

    def __init__(self, row: Metered, version: TariffVersion | None) -> None:
        self.row = row
        self.version = version
        self.running = None if row.running is None or version is None else _running.decode(row.running)
        self.trusted_at = row.last_reading_at or row.began_at if self.running is None else self.running.at
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
        self.priced = self.running is not None
        self.subject = f"session.{row.id}"
        self.row_version = ""  # of the row, once we have written it
        self.known_at = 0.0
        self.readings: dict[dt.datetime, Row] = {}  # of the group in hand

    @property
    def ordinary(self) -> bool:
        """Whether the row, once written, holds all that is known here: nothing was flagged, ordered or left out."""
        return self.moved and self.priced and self.stop is None and not self.flagged

    def take(self, columns: Row, rules: Settings) -> None:
        """Take in one reading: what is shown, what is owed, and whether to stop."""
        at, received_at, _, energy_mwh, power_mw, _, _, soc_percent, _, _ = columns
        self.received_at = received_at
        if self.row.state != "charging":
            if self.row.state == "settled" and energy_mwh is not None and energy_mwh > self.meter_mwh:
                self._flag(Flag.READINGS_LATE, energy_mwh)
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
        wrong = doubt(self.trusted_at, self.meter_mwh, at, energy_mwh, self.row.believed_w)
        if wrong is not None:
            self._flag(wrong, energy_mwh)
            return
        interval = (at - self.trusted_at) // _TICK
        gained_mwh = energy_mwh - self.meter_mwh
        self.trusted_at, self.meter_mwh = at, energy_mwh
        self._price(at, energy_mwh)
        self.stop = self.stop or self._stop_for(rules, gained_mwh, interval)

    def _price(self, at: dt.datetime, energy_mwh: int) -> None:
        if self.version is None or self.running is None:
            return
        try:
            self.running = tariffs.advance(self.version, self.running, Point(at, energy_mwh))
            self.cost_minor = tariffs.cost(self.version, self.running).minor
        except Exception:
            # The reading is kept and settled by; a fault in pricing must not make a station repeat for ever.
            log.exception("meter.unpriced", session=self.row.id)
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
        return EndReason.BALANCE_LOW if self._short(rules, gained_mwh, interval_us) else None

    def _short(self, rules: Settings, gained_mwh: int, interval_us: int) -> bool:
        """Whether the next interval might cost more than is left of the hold."""
        if self.version is None or self.running is None:
            return False
        seconds = interval_us // 1_000_000 or MEASURED_EVERY_S
        power_mw = self.power_mw or 0
        if interval_us >= _TELLING_US:
            power_mw = max(power_mw, gained_mwh * _US_PER_HOUR // interval_us)
        seconds = min(seconds, rules.interval_max_s)
        left = self.row.hold_minor - self.cost_minor
        if _dearest(self.version).ahead(power_mw, seconds) < left:
            return False
        ahead = tariffs.next_interval_cost(self.version, self.running, power_mw, seconds).minor
        return ahead >= left

    def _flag(self, flag: Flag, energy_mwh: int) -> None:
        if flag.value not in self.row.flags:
            self.flagged.add(flag.value)
            self.evidence = {"energy_mwh": energy_mwh, "trusted_mwh": self.meter_mwh}

    def values(self) -> Row:
        """Return the columns of `store.update_live`."""
        return (
            self.row.id,
            self.meter_mwh,
            self.meter_mwh - self.row.meter_start_mwh,
            self.power_mw,
            self.soc_percent,
            self.cost_minor,
            None if self.running is None else _encode(self.running).decode(),
            self.last_at,
            self.received_at,
        )

    def hint(self) -> bytes:
        """Return the few numbers that watchers get at once."""
        energy_mwh = self.meter_mwh - self.row.meter_start_mwh
        return b'{"state":"charging","energy_mwh":%d,"cost_minor":%d}' % (energy_mwh, self.cost_minor)


def _dearest(version: TariffVersion) -> Dearest:
    """Return the version's highest prices, worked out once per object: versions are decoded once and shared."""
    known = version.__dict__.get("dearest")
    if known is None:
        known = version.__dict__["dearest"] = dearest(version)
    assert isinstance(known, Dearest)
    return known
