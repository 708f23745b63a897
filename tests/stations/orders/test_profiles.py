"""What profiles a station has: told by its answers, its reports, and the end of a charge."""

from tests.stations.network import ID, NOW, build
from zaryad.kernel.ids import new_id
from zaryad.link import orders as o
from zaryad.platform.db import Db
from zaryad.stations.orders import profiles
from zaryad.stations.orders.profiles import store


def profile(number: int, charge_ref: str | None = None, level: int = 0) -> o.Profile:
    return o.Profile(
        number=number,
        stack_level=level,
        purpose="transaction" if charge_ref else "transaction_default",
        kind="relative",
        schedule=o.Schedule(unit="amperes", periods=(o.Period(start_s=0, limit_tenths=160),)),
        charge_ref=charge_ref,
    )


async def end(db: Db, what: o.AnyOrder, state: o.OrderState = o.OrderState.DONE, **detail: object) -> None:
    placed = o.Placed(o.OrderId(new_id()), ID, what, "staff:x", state, detail, NOW, NOW, NOW, NOW)
    async with db.begin() as tx:
        await profiles.profiles_concluded(tx, placed, NOW)


async def there(db: Db) -> list[int]:
    async with db.begin() as tx:
        return [each.profile.number for each in await store.profiles_of(tx, ID)]


async def test_one_of_a_transaction_ends_with_it(db: Db) -> None:
    await build(db)
    for which in (profile(1), profile(2, "42"), profile(3, "43")):
        await end(db, o.SetProfile(1, which))
    await profiles.charge_over(db, ID, "42")
    assert await there(db) == [3, 1]


async def test_what_was_refused_is_not_there_and_what_is_unknown_is_gone(db: Db) -> None:
    await build(db)
    await end(db, o.SetProfile(1, profile(1)))
    await end(db, o.SetProfile(2, profile(2)), o.OrderState.REFUSED, status="Rejected")
    assert await there(db) == [1]
    await end(db, o.ClearProfiles(connector=2), o.OrderState.REFUSED, status="Unknown")
    assert await there(db) == [1]
    await end(db, o.ClearProfiles(number=1), o.OrderState.EXPIRED)
    assert await there(db) == [1], "no answer says nothing"
    await end(db, o.ClearProfiles(connector=1, stack_level=0), o.OrderState.REFUSED, status="Unknown")
    assert await there(db) == []
