"""The story of a transaction is a function of its events; four EVSEs that speak at once never mix."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.charging.events import S, Teller, ended, event, started, telling
from tests.charging.world import BOX, KWH, NOW, RULES, SOM, after
from zaryad import stations
from zaryad.charging import State
from zaryad.charging.transaction.sequence import gaps, reckon
from zaryad.link.facts import Reading, StopCause, Told, TransactionReported
from zaryad.platform.db import Db

STEP_S = 12
PER_STEP_MWH = 150_000


class Plain(NamedTuple):
    """A transaction by the plain reckoning: what its meter showed at its beginning and its end."""

    ref: str
    evse: int
    card: str
    first_mwh: int
    last_mwh: int
    events: list[TransactionReported]

    @property
    def energy_mwh(self) -> int:
        return self.last_mwh - self.first_mwh


def _transaction(draw: random.Random, evse: int, nth: int, begins: dt.datetime, first_mwh: int) -> Plain:
    """One that is told in whole: by a card at once or after the plug, with or without the connector in its start."""
    ref, card = f"{evse}-{nth}", f"CARD{evse}{nth}"
    at, mwh, seq_no = begins, first_mwh, 0
    card_first, evse_late = draw.random() < 0.6, draw.random() < 0.3
    told: list[TransactionReported] = []
    for told_as, trigger in ((Told.STARTED, "CablePluggedIn"), (Told.UPDATED, "Authorized")):
        with_card = (told_as is Told.STARTED) == card_first
        token = card if with_card else None
        connector = evse if (told_as is Told.STARTED) != evse_late else None
        kwh = None if told_as is Told.STARTED and draw.random() < 0.3 else mwh / KWH
        told.append(event(ref, seq_no, at, told_as, kwh=kwh, token=token, connector=connector, trigger=trigger))
        at, seq_no = at + dt.timedelta(seconds=STEP_S), seq_no + 1
    for _ in range(draw.randint(0, 6)):
        mwh += draw.randint(0, PER_STEP_MWH)
        at, state = at + dt.timedelta(seconds=STEP_S), draw.choice((S.CHARGING, S.CHARGING, S.SUSPENDED_EV, None))
        told.append(event(ref, seq_no, at, readings=(Reading(at=at, energy_mwh=mwh),), state=state))
        seq_no += 1
    at, mwh = at + dt.timedelta(seconds=STEP_S), mwh + draw.randint(0, PER_STEP_MWH)
    last = Reading(at=at, energy_mwh=mwh, context="Transaction.End")
    told.append(ended(ref, seq_no, at, readings=(last,)))
    return Plain(ref, evse, card, first_mwh, mwh, told)


def _day(draw: random.Random) -> list[Plain]:
    day = []
    for evse in (1, 2, 3, 4):
        at, mwh = after(draw.randint(0, 20)), evse * 1_000 * KWH
        for nth in range(draw.randint(1, 2)):
            one = _transaction(draw, evse, nth, at, mwh)
            day.append(one)
            at, mwh = one.events[-1].at + dt.timedelta(seconds=15), one.last_mwh
    return day


def _as_heard(draw: random.Random, day: list[Plain]) -> list[TransactionReported]:
    """Shuffled as far as a network and a queue shuffle, some twice, and readings on the way lost for good."""
    heard = []
    for one in day:
        for fact in one.events:
            loses = fact.told is Told.UPDATED and fact.token is None and fact.connector is None
            if loses and fact.seq_no > 1 and draw.random() < 0.15:
                continue
            for _ in range(2 if draw.random() < 0.25 else 1):
                late = draw.choice((0, 1, 5, 40, 200))
                heard.append((fact.at + dt.timedelta(seconds=late + draw.random()), fact))
    heard.sort(key=lambda it: it[0])
    return [_received(fact, at) for at, fact in heard]


def _received(fact: TransactionReported, at: dt.datetime) -> TransactionReported:
    return TransactionReported(**{name: getattr(fact, name) for name in fact.__struct_fields__} | {"received_at": at})


@pytest.mark.parametrize("seed", range(8))
async def test_four_evses_never_mix(db: Db, database_url: str, seed: int) -> None:
    draw = random.Random(seed)  # a day, not a secret
    day = _day(draw)
    async with telling(db, database_url) as world:
        drivers = {}
        for nth, one in enumerate(day):
            drivers[one.ref] = await world.driver(phone=f"+99655511{nth:04}", card=one.card)
        for fact in _as_heard(draw, day):
            await world.tell(fact)
        await _judge(world, day, drivers)


async def _judge(world: Teller, day: list[Plain], drivers: Mapping[str, object]) -> None:
    """Every transaction is one session, on its EVSE, of its driver, with its energy and its price."""
    for one in day:
        session = await world.charged(one.ref)
        assert await world.settle(session.id, after(hours=5))
        session = await world.charged(one.ref)
        expected = (State.SETTLED, one.evse, one.energy_mwh, drivers[one.ref], one.first_mwh)
        found = (session.state, session.connector, session.energy_mwh, session.driver_id, session.meter_start_mwh)
        assert found == expected, one
        price = (one.energy_mwh * 15 * SOM * 2 + KWH) // (2 * KWH)
        assert (session.cost_minor, session.unpaid_minor) == (price, 0), (
            await world.row(one.ref),
            await world.events(session.id),
            session,
        )
        row = await world.row(one.ref)
        assert (row.connector, row.meter_stop_mwh, row.ended_by) == (one.evse, one.last_mwh, "station")
    assert await world.count("session") == len(day)
    assert await world.revenue() == sum([(await world.charged(one.ref)).cost_minor for one in day])
    async with world.db.begin() as tx:
        states = {it.number: it.state for it in await stations.connectors_of(tx, NOW, stations=[BOX])}
    assert set(states) == {1, 2, 3, 4}
    await world.sound()


@given(st.randoms(use_true_random=False))
def test_a_story_is_a_function_of_its_events(draw: random.Random) -> None:
    one = _transaction(draw, 2, 0, NOW, 7 * KWH)
    whole = reckon(one.events, RULES)
    assert (whole.begin_mwh, whole.last_mwh, whole.missing) == (one.first_mwh, one.last_mwh, 0)
    assert (whole.token and whole.token.token, whole.connector) == (one.card, 2)
    assert whole.end is not None
    assert (whole.end.meter_mwh, whole.end.cause) == (one.last_mwh, StopCause.EV_DISCONNECTED)
    shuffled = list(one.events)
    draw.shuffle(shuffled)
    assert reckon(shuffled, RULES) == whole
    some = [fact for fact in shuffled if draw.random() < 0.6] or shuffled[:1]
    story = reckon(some, RULES)
    numbers = {fact.seq_no for fact in some}
    assert story.missing == sum(last - first + 1 for first, last in gaps(numbers))
    assert story.missing == max(numbers) + 1 - len(numbers)
    assert story.began_at >= one.events[0].at
    assert (story.end is None) == (one.events[-1] not in some)
    assert story.flowed <= whole.flowed


def test_where_it_is_billed_from() -> None:
    """From the token; from the moment the meter stood still last, where energy flowed before it."""
    waiting = [started("T", NOW, 100, trigger="CablePluggedIn"), event("T", 1, after(60), kwh=100)]
    assert reckon([*waiting, event("T", 2, after(90), token="A", kwh=100)], RULES).began_at == after(90)
    assert reckon([*waiting, event("T", 2, after(120), kwh=101)], RULES).began_at == after(60)
    both = [*waiting, event("T", 2, after(120), kwh=101), event("T", 3, after(130), token="A")]
    assert reckon(both, RULES).began_at == after(60)
    assert reckon(waiting, RULES).began_at == NOW
