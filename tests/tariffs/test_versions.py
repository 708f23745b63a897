"""Versions stand for ever; the one in force is chosen by time, the tariff by connector or network."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.tariffs.samples import REFERENCE, element
from zaryad import tariffs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db
from zaryad.tariffs import Tariff, TariffId, TariffVersion

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=10)


async def _tariff(db: Db, **changes: object) -> TariffId:
    id = TariffId(new_id())
    values = {"id": id, "names": {"ru": "Основной", "en": "Main"}, "currency": "KGS"}
    async with db.begin() as tx:
        await tariffs.name_tariff(tx, Tariff(**(values | changes)))  # type: ignore[arg-type]  # a test's shorthand
    return id


async def _publish(
    db: Db, id: TariffId, number: int, *prices: str, valid_from: dt.datetime | None = None, now: dt.datetime = NOW
) -> TariffVersion:
    elements = tuple(element(per_kwh=price) for price in prices) or REFERENCE.elements
    async with db.begin() as tx:
        return await tariffs.publish(tx, id, number, elements, valid_from=valid_from, now=now)


async def _quote(db: Db, id: TariffId | None, now: dt.datetime, currency: str = "KGS") -> TariffVersion:
    async with db.begin() as tx:
        return await tariffs.quote(tx, id, currency, now)


async def test_the_version_in_force_is_the_one_that_began_last(db: Db) -> None:
    id = await _tariff(db)
    first = await _publish(db, id, 1, "15.00")
    second = await _publish(db, id, 2, "16.00", valid_from=LATER)
    assert await _quote(db, id, NOW) == first
    assert await _quote(db, id, LATER - dt.timedelta(seconds=1)) == first
    assert await _quote(db, id, LATER) == second
    async with db.begin() as tx:
        assert await tariffs.version(tx, first.id) == first
        assert await tariffs.versions(tx, [first.id, second.id, new_id()]) == {first.id: first, second.id: second}


async def test_a_body_read_from_the_database_prices_like_the_one_published(db: Db) -> None:
    id = await _tariff(db)
    published = await _publish(db, id, 1)
    tariffs.store._kept.clear()
    read = await _quote(db, id, NOW)
    assert read == published
    assert read is not published
    assert await _quote(db, id, NOW) is read  # decoded once


async def test_the_networks_default_serves_connectors_without_a_tariff(db: Db) -> None:
    with pytest.raises(DomainError) as refused:
        await _quote(db, None, NOW)
    assert (refused.value.kind, refused.value.code) == (Kind.REFUSED, "no_tariff")
    first = await _tariff(db, network_default=True)
    version = await _publish(db, first, 1, "15.00")
    assert await _quote(db, None, NOW) == version
    second = await _tariff(db, network_default=True)
    other = await _publish(db, second, 1, "14.00")
    assert await _quote(db, None, NOW) == other
    with pytest.raises(DomainError, match="tariff_currency_differs"):
        await _quote(db, first, NOW, "RUB")


async def test_two_new_defaults_at_once_leave_one(db: Db) -> None:
    ids = await asyncio.gather(*(_tariff(db, network_default=True) for _ in range(8)))
    async with db.begin() as tx:
        found = [(await tariffs.tariff(tx, id)).network_default for id in ids]
    assert found.count(True) == 1


async def test_the_same_version_again_is_the_same_and_another_is_a_conflict(db: Db) -> None:
    id = await _tariff(db)
    first = await _publish(db, id, 1, "15.00")
    assert await _publish(db, id, 1, "15.00", now=LATER) == first
    for number, prices, code in ((1, ["15.01"], "tariff_version_taken"), (3, ["15.00"], "tariff_version_gap")):
        with pytest.raises(DomainError, match=code):
            await _publish(db, id, number, *prices)
    with pytest.raises(DomainError, match="tariff_valid_from_past"):
        await _publish(db, id, 2, "15.00", valid_from=NOW - dt.timedelta(hours=1))
    old = await _tariff(db)
    version = await _publish(db, old, 1, "15.00", valid_from=NOW - dt.timedelta(days=30))
    assert await _quote(db, old, NOW - dt.timedelta(days=29)) == version
    with pytest.raises(DomainError, match="tariff_unknown"):
        await _publish(db, TariffId(new_id()), 1, "15.00")


async def test_two_who_publish_the_next_version_at_once_do_not_both(db: Db) -> None:
    id = await _tariff(db)
    results = await asyncio.gather(
        *(_publish(db, id, 1, f"{price}.00") for price in range(10, 16)), return_exceptions=True
    )
    assert sum(isinstance(result, TariffVersion) for result in results) == 1
    assert all(isinstance(result, TariffVersion | DomainError) for result in results)


@pytest.mark.parametrize("statement", ["update tariff_version set body = '{}'", "delete from tariff_version"])
async def test_the_database_refuses_to_change_a_version(db: Db, statement: str) -> None:
    await _publish(db, await _tariff(db), 1, "15.00")
    with pytest.raises(DBAPIError, match="never changes"):
        async with db.begin() as tx:
            await tx.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ((), "tariff_elements_count"),
        ((element(),), "tariff_components_invalid"),
        ((element(per_minute="1", per_hour="60"),), "tariff_components_invalid"),
        ((element(per_kwh="10000000"),), "tariff_price_invalid"),
        ((element(per_kwh="1", weekdays=frozenset({0})),), "tariff_weekdays_invalid"),
        ((element(per_kwh="1", start_date=dt.date(2026, 1, 2), end_date=dt.date(2026, 1, 2)),), "tariff_dates_invalid"),
        ((element(per_kwh="1", start=dt.time(1, tzinfo=dt.UTC)),), "tariff_time_with_zone"),
    ],
)
async def test_what_cannot_be_evaluated_is_not_published(
    db: Db, elements: tuple[tariffs.Element, ...], code: str
) -> None:
    id = await _tariff(db)
    with pytest.raises(DomainError, match=code):
        async with db.begin() as tx:
            await tariffs.publish(tx, id, 1, elements, valid_from=None, now=NOW)


async def test_a_tariff_keeps_its_currency_and_has_a_name(db: Db) -> None:
    id = await _tariff(db)
    for changes, code in (
        ({"currency": "RUB"}, "tariff_currency_fixed"),
        ({"names": {}}, "tariff_names_invalid"),
        ({"archived": True, "network_default": True}, "tariff_default_archived"),
    ):
        with pytest.raises(DomainError, match=code):
            await _tariff(db, id=id, **changes)
