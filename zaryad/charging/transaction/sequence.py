"""What the events of a transaction come to. A function of which events are known, not of how they came.

They are told by number (`seq_no`), once or often, in any order; each of them may be the first that is heard, and any
may be missing (standards A.5). So nothing is carried along: all that is known is reckoned anew, and what a session
shows follows from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from zaryad.charging.model import Settings
from zaryad.charging.when import happened_at
from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import ChargingState, StopCause, Told, TransactionReported

BEGIN, END = "Transaction.Begin", "Transaction.End"
STOPPED_BY_TOKEN = "StopAuthorized"  # noqa: S105  # a trigger: whoever presented the token wanted an end
NOBODY_PLUGGED_IN = "EVConnectTimeout"
GAPS_SHOWN = 20


class Known(msgspec.Struct, frozen=True):
    """A token that was presented, and by which event."""

    token: str
    seq_no: int
    at: dt.datetime


class End(msgspec.Struct, frozen=True):
    """How it ended. The register is the last one where none is marked as the end's."""

    seq_no: int
    at: dt.datetime
    cause: StopCause
    meter_mwh: int | None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction, as far as its events are known. Times are the station's where they can be true, else ours."""

    events: int
    last_seq: int
    missing: int
    began_at: dt.datetime  # when there was a token, or energy flowed
    began_seq: int
    first_at: dt.datetime
    connector: int | None = None
    outlet_named: bool = False
    token: Known | None = None  # whose it is: the first that did not come to end it
    stop_token: Known | None = None
    remote_start: int | None = None
    reservation_id: int | None = None
    begin_mwh: int | None = None
    last_mwh: int | None = None
    offline: bool = False  # what it began with is history
    state: ChargingState | None = None
    state_seq: int = -1
    plugged: bool = True  # as far as it says: some never tell what they are doing
    end: End | None = None

    @property
    def flowed(self) -> bool:
        """Whether its meter has moved."""
        return self.begin_mwh is not None and self.last_mwh is not None and self.last_mwh > self.begin_mwh


def to_stop(fact: TransactionReported) -> bool:
    """Whether its token came to end the transaction, not to pay for it."""
    return fact.trigger == STOPPED_BY_TOKEN


def reckon(facts: Iterable[TransactionReported], rules: Settings) -> Story:
    """Tell the story of a transaction from its events; there is at least one."""
    events = sorted(facts, key=lambda fact: fact.seq_no)
    last = events[-1].seq_no
    begin_mwh, registers = _meter(events)
    token, stop_token = _tokens(events, rules)
    began, began_at = _began(events, token, begin_mwh, rules)
    payer = began if token is None else next(e for e in events if e.seq_no == token.seq_no)
    connector, named = _outlet(events)
    doing = next((e for e in reversed(events) if e.state is not None), None)
    return Story(
        events=len(events),
        last_seq=last,
        missing=max(last + 1 - len(events), 0),
        began_at=began_at,
        began_seq=began.seq_no,
        first_at=_at(events[0], rules),
        connector=connector,
        outlet_named=named,
        token=token,
        stop_token=stop_token,
        remote_start=next((e.remote_start for e in events if e.remote_start is not None), None),
        reservation_id=next((e.reservation_id for e in events if e.reservation_id is not None), None),
        begin_mwh=begin_mwh,
        last_mwh=registers[-1] if registers else None,
        offline=payer.offline or _old(payer, rules),
        state=None if doing is None else doing.state,
        state_seq=-1 if doing is None else doing.seq_no,
        plugged=_plugged(events),
        end=_end(events, rules),
    )


def gaps(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the runs of numbers that are missing, from 0 on: first and last of each, the first few.

    >>> gaps([1, 2, 5])
    [(0, 0), (3, 4)]
    """
    found: list[tuple[int, int]] = []
    expected = 0
    for number in sorted(numbers):
        if number > expected:
            found.append((expected, number - 1))
        expected = number + 1
    return found[:GAPS_SHOWN]


def _at(fact: TransactionReported, rules: Settings) -> dt.datetime:
    return happened_at(fact.at, fact.received_at, rules)[0]


def _old(fact: TransactionReported, rules: Settings) -> bool:
    """Whether it was told long after it happened, though nobody marked it: some stations forget to."""
    at, believed = happened_at(fact.at, fact.received_at, rules)
    return believed and fact.received_at - at > dt.timedelta(seconds=rules.offline_after_s)


def _registers(fact: TransactionReported) -> list[int]:
    """Return an event's registers in order of time, without what no register says."""
    readings = sorted(fact.readings, key=lambda reading: reading.at)
    return [r.energy_mwh for r in readings if r.energy_mwh is not None and 0 <= r.energy_mwh <= QUANTITY_MAX]


def _meter(events: Sequence[TransactionReported]) -> tuple[int | None, list[int]]:
    """Return the register that it began with, the marked one or else the first, and all registers."""
    registers = [mwh for event in events for mwh in _registers(event)]
    marked = (r.energy_mwh for event in events for r in event.readings if r.context == BEGIN)
    begin = next((mwh for mwh in marked if mwh is not None and 0 <= mwh <= QUANTITY_MAX), None)
    return registers[0] if begin is None and registers else begin, registers


def _tokens(events: Sequence[TransactionReported], rules: Settings) -> tuple[Known | None, Known | None]:
    paying = stopping = None
    for event in events:
        if event.token is None or not event.token.strip():
            continue
        if to_stop(event):
            stopping = stopping or Known(event.token, event.seq_no, _at(event, rules))
        else:
            paying = paying or Known(event.token, event.seq_no, _at(event, rules))
    return paying, stopping


def _began(
    events: Sequence[TransactionReported], token: Known | None, begin_mwh: int | None, rules: Settings
) -> tuple[TransactionReported, dt.datetime]:
    """Return the event to bill from, and the moment: its token's, or when the meter last stood still; the earlier."""
    still = events[0], _at(events[0], rules)
    for event in events:
        if event.remote_start is not None or (token is not None and event.seq_no == token.seq_no):
            return event, _at(event, rules)
        seen = False
        for reading in sorted(event.readings, key=lambda reading: reading.at):
            if begin_mwh is None or reading.energy_mwh is None:
                continue
            if reading.energy_mwh > begin_mwh:
                return still
            still, seen = (event, happened_at(reading.at, event.received_at, rules)[0]), True
        if not seen:
            still = event, _at(event, rules)
    return events[0], _at(events[0], rules)


def _outlet(events: Sequence[TransactionReported]) -> tuple[int | None, bool]:
    """Return the connector: as it was named first, or named more exactly later."""
    told = [event for event in events if event.connector is not None and event.connector > 0]
    named = next((event for event in told if event.outlet_named), None)
    if named is not None:
        return named.connector, True
    return (told[0].connector, False) if told else (None, False)


def _plugged(events: Sequence[TransactionReported]) -> bool:
    """Whether a car is there; a driver who was let in and did not plug in is not charged for it."""
    states = {event.state for event in events if event.state is not None}
    timed_out = any(event.trigger == NOBODY_PLUGGED_IN for event in events)
    return states != {ChargingState.IDLE} and not (timed_out and not states - {ChargingState.IDLE})


def _end(events: Sequence[TransactionReported], rules: Settings) -> End | None:
    ended = next((event for event in events if event.told is Told.ENDED), None)
    if ended is None:
        return None
    before = [event for event in events if event.seq_no <= ended.seq_no]
    marked = (r.energy_mwh for event in reversed(before) for r in reversed(event.readings) if r.context == END)
    stop = next((mwh for mwh in marked if mwh is not None and 0 <= mwh <= QUANTITY_MAX), None)
    if stop is None:
        registers = [mwh for event in before for mwh in _registers(event)]
        stop = registers[-1] if registers else None
    return End(ended.seq_no, _at(ended, rules), ended.cause or StopCause.LOCAL, stop)
