"""A receipt is issued once, numbered without gaps, and says what the settled session says."""

import asyncio
import datetime as dt
from uuid import UUID

import msgspec
import pytest

from tests.receipts.samples import at
from zaryad import accounts
from zaryad.charging import store as sessions
from zaryad.charging.model import EndReason, Origin, Session, SessionId, State
from zaryad.charging.receipts import Settings, find, issue
from zaryad.kernel.ids import new_id
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.tariffs import Dimension, Line

RULES = Settings(seller_name="ОсОО «Заряд»", seller_tax_id="123", support_phone=None)
NOW = at(12, 31)
BILL = (
    Line(
        kind=Dimension.ENERGY,
        started_at=at(11, 38),
        ended_at=at(12, 0),
        energy_mwh=31_600_000,
        price_e4=15_000_000,
        amount_minor=47_400,
    ),
    Line(
        kind=Dimension.TIME,
        started_at=at(11, 38),
        ended_at=at(12, 30),
        seconds=3_120,
        price_e4=30_000_000,
        amount_minor=2_600,
    ),
    Line(kind=Dimension.SESSION, started_at=at(11, 38), ended_at=at(11, 38), price_e4=10_000_000, amount_minor=1_000),
)


async def settled(db: Db, **changes: object) -> Session:
    """Write a settled session of a driver with a phone."""
    async with db.begin() as tx:
        person = await accounts.ensure_by_phone(tx, "+996555123456", "ru", NOW)
        session = Session(
            id=SessionId(new_id()),
            state=State.SETTLED,
            origin=Origin.APP,
            station_id=StationId("KG-BIS-0003"),
            connector=1,
            token=f"S{new_id().hex[:12].upper()}",
            driver_id=person.id,
            currency="KGS",
            timezone="Asia/Bishkek",
            location_name="ТЦ Дордой Плаза",
            address="Бишкек, ул. Ибраимова, 115",
            connector_kind="gbt_dc",
            power_w=120_000,
            requested_at=at(11, 37),
            began_at=at(11, 38),
            ended_at=at(12, 30),
            energy_mwh=31_600_000,
            cost_minor=51_000,
            reason=EndReason.CAR_FULL,
            settled_at=at(12, 30),
            captured_minor=50_000,
            from_balance_minor=400,
            receivable_minor=600,
            bill=msgspec.to_builtins(BILL),
        )
        session = msgspec.structs.replace(session, **changes)
        await sessions.insert_session(tx, session)
    return session


async def test_says_what_was_settled(db: Db) -> None:
    session = await settled(db)
    receipt = await issue(db, RULES, session.id, NOW)
    assert receipt is not None
    assert receipt.number == "2026-000001"
    assert receipt.customer == "+996 *** **-34-56"
    assert receipt.token is None
    assert (receipt.total_minor, receipt.from_balance_minor, receipt.owed_minor) == (51_000, 50_400, 600)
    assert sum(line.amount_minor for line in receipt.lines) == receipt.total_minor
    assert [(line.unit, line.quantity) for line in receipt.lines] == [
        ("kwh", 31_600_000),
        ("hour", 3_120),
        (None, None),
    ]
    assert receipt.end_reason == "car_full"
    async with db.begin() as tx:
        assert await find(tx, session.id) == (receipt, session.driver_id)


async def test_once_per_session_and_never_changed(db: Db) -> None:
    session = await settled(db)
    first = await issue(db, RULES, session.id, NOW)
    later = msgspec.structs.replace(RULES, seller_name="another")
    assert await issue(db, later, session.id, NOW + dt.timedelta(days=400)) == first


async def test_twice_at_once_is_once_and_numbers_have_no_gap(db: Db) -> None:
    many = [await settled(db) for _ in range(4)]
    tasks = [issue(db, RULES, session.id, NOW) for session in many for _ in range(3)]
    issued = [receipt for receipt in await asyncio.gather(*tasks) if receipt is not None]
    assert len(issued) == len(tasks)
    assert {receipt.number for receipt in issued} == {f"2026-{number:06}" for number in range(1, 5)}


@pytest.mark.parametrize("state", [State.ENDED, State.CHARGING])
async def test_nothing_before_the_money_has_moved(db: Db, state: State) -> None:
    session = await settled(db, state=state, settled_at=None)
    assert await issue(db, RULES, session.id, NOW) is None
    assert await issue(db, RULES, SessionId(UUID(int=1)), NOW) is None


async def test_the_year_is_that_of_the_place(db: Db) -> None:
    session = await settled(db)
    new_year_in_bishkek = dt.datetime(2026, 12, 31, 18, 30, tzinfo=dt.UTC)
    receipt = await issue(db, RULES, session.id, new_year_in_bishkek)
    assert receipt is not None
    assert receipt.number == "2027-000001"


async def test_a_card_is_named_by_its_end(db: Db) -> None:
    session = await settled(db, origin=Origin.RFID, token="04A2B3C4D5E6")
    receipt = await issue(db, RULES, session.id, NOW)
    assert receipt is not None
    assert receipt.token == "*D5E6"
