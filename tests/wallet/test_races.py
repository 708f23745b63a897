"""The same thing twice at once, and everything at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from tests.wallet.books import NOW, assert_sound, open_books, som, transfer
from zaryad import wallet
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db, Tx
from zaryad.wallet import HoldId, TransferId


async def _outcome(db: Db, act: Callable[[Tx], Awaitable[object]]) -> object:
    try:
        async with db.begin() as tx:
            return await act(tx)
    except DomainError as error:
        return error.code


async def test_a_session_is_settled_once(db: Db) -> None:
    books = await open_books(db, 1000)
    for _ in range(10):
        async with db.begin() as tx:
            id = await books.hold(tx, 30)
        sale = transfer(books.purse, books.revenue, 20, id=id)
        done = await asyncio.gather(*(_outcome(db, lambda tx: wallet.capture(tx, id, sale, NOW)) for _ in range(4)))  # noqa: B023  # awaited in this turn
        assert sorted(done, key=str) == [False, False, False, True]
    async with db.begin() as tx:
        assert await books.standing(tx) == (1000 - 10 * 20, 0)
    await assert_sound(db)


async def test_settle_hold_at_once_moves_money_once(db: Db) -> None:
    books = await open_books(db, 100)
    async with db.begin() as tx:
        hold = await books.hold(tx, 60)
    for held in (hold, None):
        id = TransferId(new_id())
        done = await asyncio.gather(*(_outcome(db, lambda tx: books.settle(tx, held, 90, id)) for _ in range(4)))  # noqa: B023  # awaited in this turn
        assert len(set(done)) == 1
    async with db.begin() as tx:
        assert await wallet.balance(tx, books.revenue) == 180
        assert await wallet.debt(tx, books.person, "KGS") == som(80)
    await assert_sound(db)


async def test_two_starts_at_once_never_overspend(db: Db) -> None:
    books = await open_books(db, 1000)
    done = await asyncio.gather(
        *(_outcome(db, lambda tx: wallet.hold(tx, HoldId(new_id()), books.purse, som(300), NOW)) for _ in range(8))
    )
    assert sorted(done, key=str) == [*[True] * 3, *["not_enough_money"] * 5]
    async with db.begin() as tx:
        assert await books.standing(tx) == (1000, 900)
    await assert_sound(db)


async def test_the_same_hold_at_once_is_placed_once(db: Db) -> None:
    books = await open_books(db, 1000)
    id = HoldId(new_id())
    done = await asyncio.gather(
        *(_outcome(db, lambda tx: wallet.hold(tx, id, books.purse, som(300), NOW)) for _ in range(8))
    )
    assert sorted(done, key=str) == [False] * 7 + [True]


async def test_one_transfer_at_once_is_recorded_once(db: Db) -> None:
    books = await open_books(db)
    unguarded = transfer(books.bank, books.revenue, 7)
    guarded = transfer(books.bank, books.purse, 7)
    for one in (unguarded, guarded):
        done = await asyncio.gather(*(_outcome(db, lambda tx: wallet.post(tx, one, NOW)) for _ in range(8)))  # noqa: B023  # awaited in this turn
        assert sorted(done, key=str) == [False] * 7 + [True]
    await assert_sound(db)


async def test_accounts_opened_at_once_are_one(db: Db) -> None:
    person = new_id()
    ids = await asyncio.gather(
        *(_outcome(db, lambda tx: wallet.ensure_wallet(tx, person, "KGS", NOW)) for _ in range(8))
    )
    assert len(set(ids)) == 1
    await assert_sound(db)


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_transfers_among_shared_accounts_never_deadlock(db: Db, seed: int) -> None:
    chance = random.Random(seed)
    many = [await open_books(db, 1000) for _ in range(6)]
    purses = [books.purse for books in many]

    async def one() -> None:
        purse, other = chance.sample(purses, 2)
        held = HoldId(new_id())
        match chance.randrange(3):
            case 0:
                await _outcome(db, lambda tx: wallet.post(tx, transfer(purse, other, chance.randint(1, 300)), NOW))
            case 1:
                await _outcome(db, lambda tx: wallet.hold(tx, held, purse, som(50), NOW))
                sale = transfer(purse, many[0].revenue, 40)
                await asyncio.gather(
                    _outcome(db, lambda tx: wallet.capture(tx, held, sale, NOW)),
                    _outcome(db, lambda tx: wallet.hold(tx, held, purse, som(50), NOW)),
                    _outcome(db, lambda tx: wallet.release(tx, held, NOW)),
                )
            case 2:
                books = chance.choice(many)
                await _outcome(db, lambda tx: books.settle(tx, None, chance.randint(1, 200), TransferId(new_id())))

    async def writer() -> None:
        for _ in range(25):
            await one()

    await asyncio.gather(*(writer() for _ in range(8)))
    await assert_sound(db)
