"""Money set aside is spent once, or given back once."""

import datetime as dt

import pytest

from tests.wallet.books import NOW, assert_sound, open_books, som, transfer
from zaryad import wallet
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db
from zaryad.wallet import HoldId, HoldState, TransferId


async def test_a_hold_is_placed_once(db: Db) -> None:
    books = await open_books(db, 1000)
    async with db.begin() as tx:
        id = await books.hold(tx, 475)
        assert not await wallet.hold(tx, id, books.purse, som(475), NOW)
        with pytest.raises(DomainError, match="hold_id_reused"):
            await wallet.hold(tx, id, books.purse, som(476), NOW)
        with pytest.raises(DomainError, match="not_enough_money"):
            await wallet.hold(tx, HoldId(new_id()), books.purse, som(526), NOW)
        now = await wallet.standing(tx, books.purse)
        assert (now.posted, now.held, now.available) == (som(1000), som(475), som(525))
        assert [h.id for h in await wallet.open_holds(tx, books.purse)] == [id]
    await assert_sound(db)


async def test_a_hold_is_raised_to_a_sum_not_by_one(db: Db) -> None:
    books = await open_books(db, 1000)
    async with db.begin() as tx:
        id = await books.hold(tx, 300)
        assert await wallet.raise_hold(tx, id, som(500))
        assert not await wallet.raise_hold(tx, id, som(500))
        assert not await wallet.raise_hold(tx, id, som(400))
        with pytest.raises(DomainError, match="not_enough_money"):
            await wallet.raise_hold(tx, id, som(1001))
        assert await books.standing(tx) == (1000, 500)
        assert not await wallet.hold(tx, id, books.purse, som(300), NOW)  # the first request, late
        await wallet.release(tx, id, NOW)
        with pytest.raises(DomainError, match="hold_ended"):
            await wallet.raise_hold(tx, id, som(600))
        assert await books.standing(tx) == (1000, 0)
    await assert_sound(db)


async def test_a_part_is_captured_and_the_rest_is_free(db: Db) -> None:
    books = await open_books(db, 1000)
    async with db.begin() as tx:
        id = await books.hold(tx, 475)
        with pytest.raises(DomainError, match="capture_exceeds_hold"):
            await wallet.capture(tx, id, transfer(books.purse, books.revenue, 476), NOW)
        sale = transfer(books.purse, books.revenue, 400, id=id)
        later = NOW + dt.timedelta(hours=1)
        assert await wallet.capture(tx, id, sale, later)
        assert not await wallet.capture(tx, id, sale, later)
        assert await books.standing(tx) == (600, 0)
        with pytest.raises(DomainError, match="hold_ended"):
            await wallet.capture(tx, id, transfer(books.purse, books.revenue, 1), later)
        ended = await wallet.find_hold(tx, id)
        assert ended is not None
        assert (ended.state, ended.captured, ended.ended_at) == (HoldState.CAPTURED, som(400), later)
    await assert_sound(db)


async def test_a_release_happens_once(db: Db) -> None:
    books = await open_books(db, 1000)
    async with db.begin() as tx:
        id = await books.hold(tx, 475)
        assert await wallet.release(tx, id, NOW)
        assert not await wallet.release(tx, id, NOW)
        assert await books.standing(tx) == (1000, 0)
    await assert_sound(db)


@pytest.mark.parametrize(
    ("has", "held", "cost", "sources"),
    [
        (1000, 475, 400, (400, 0, 0)),
        (1000, 475, 475, (475, 0, 0)),
        (1000, 475, 600, (475, 125, 0)),
        (1000, 475, 1300, (475, 525, 300)),
        (1000, 475, 0, (0, 0, 0)),
        (1000, 0, 400, (0, 400, 0)),
        (0, 0, 400, (0, 0, 400)),
    ],
)
async def test_a_cost_is_settled_whatever_there_is(
    db: Db, has: int, held: int, cost: int, sources: tuple[int, int, int]
) -> None:
    books = await open_books(db, has)
    id = TransferId(new_id())
    async with db.begin() as tx:
        hold = await books.hold(tx, held) if held else None
    for _ in range(2):
        async with db.begin() as tx:
            assert await books.settle(tx, hold, cost, id) == sources
            assert await books.standing(tx) == (has - sources[0] - sources[1], 0)
            assert await wallet.balance(tx, books.revenue) == cost
            assert await wallet.debt(tx, books.person, "KGS") == som(sources[2])
    await assert_sound(db)


async def test_settling_again_at_another_cost_is_refused(db: Db) -> None:
    books = await open_books(db, 1000)
    id = TransferId(new_id())
    async with db.begin() as tx:
        hold = await books.hold(tx, 400)
        await books.settle(tx, hold, 300, id)
        with pytest.raises(DomainError, match="transfer_id_reused"):
            await books.settle(tx, hold, 301, id)


async def test_energy_that_arrives_after_the_hold_was_given_back_is_paid_all_the_same(db: Db) -> None:
    books = await open_books(db, 1000)
    async with db.begin() as tx:
        hold = await books.hold(tx, 400)
        other = await books.hold(tx, 500)
        await wallet.release(tx, hold, NOW)
        assert await books.settle(tx, hold, 700, TransferId(new_id())) == (0, 500, 200)
        assert await books.standing(tx) == (500, 500)  # the other session's money is not touched
        await wallet.release(tx, other, NOW)
    await assert_sound(db)


async def test_a_debt_is_paid_once_and_as_far_as_the_money_goes(db: Db) -> None:
    books = await open_books(db, 0)
    async with db.begin() as tx:
        await books.settle(tx, None, 300, TransferId(new_id()))
        assert await wallet.debt(tx, books.person, "KGS") == som(300)
        first, second = TransferId(new_id()), TransferId(new_id())
        assert await wallet.pay_debt(tx, books.person, "KGS", first, NOW) == som(0)
        await wallet.post(tx, transfer(books.bank, books.purse, 100), NOW)
        for _ in range(2):
            assert await wallet.pay_debt(tx, books.person, "KGS", first, NOW) == som(100)
        await wallet.post(tx, transfer(books.bank, books.purse, 500), NOW)
        assert await wallet.pay_debt(tx, books.person, "KGS", second, NOW) == som(200)
        assert await wallet.debt(tx, books.person, "KGS") == som(0)
        assert await books.standing(tx) == (300, 0)
    await assert_sound(db)
