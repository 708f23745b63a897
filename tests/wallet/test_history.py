"""Random histories against a real PostgreSQL, judged by a model that is one dict and an addition."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wallet.books import NOW, Books, som, transfer
from zaryad import wallet
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db, Tx
from zaryad.wallet import HoldId, Transfer, TransferId

ACTS = ["top_up", "hold", "raise", "capture", "release", "settle", "pay_debt", "replay"]
acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 500), st.integers(0, 9)), max_size=25)


class RolledBackError(Exception):
    pass


class Model:
    """What the books must say."""

    def __init__(self) -> None:
        self.posted = 0
        self.debt = 0
        self.earned = 0
        self.holds: dict[HoldId, int] = {}
        self.done: list[Transfer] = []

    @property
    def free(self) -> int:
        return self.posted - sum(self.holds.values())

    def pick(self, number: int) -> HoldId:
        return sorted(self.holds)[number % len(self.holds)]


async def _step(tx: Tx, books: Books, model: Model, act: str, amount: int, number: int) -> None:
    match act:
        case "top_up":
            top_up = transfer(books.bank, books.purse, amount)
            assert await wallet.post(tx, top_up, NOW)
            model.posted += amount
            model.done.append(top_up)
        case "hold":
            id = HoldId(new_id())
            if amount > model.free:
                with pytest.raises(DomainError, match="not_enough_money"):
                    await wallet.hold(tx, id, books.purse, som(amount), NOW)
            else:
                assert await wallet.hold(tx, id, books.purse, som(amount), NOW)
                assert not await wallet.hold(tx, id, books.purse, som(amount), NOW)
                model.holds[id] = amount
        case "raise" if model.holds:
            id = model.pick(number)
            to = model.holds[id] + amount
            if amount > model.free:
                with pytest.raises(DomainError, match="not_enough_money"):
                    await wallet.raise_hold(tx, id, som(to))
            else:
                assert await wallet.raise_hold(tx, id, som(to))
                model.holds[id] = to
        case "capture" if model.holds:
            id = model.pick(number)
            cost = min(model.holds.pop(id), amount)
            sale = transfer(books.purse, books.revenue, cost, "charging", id)
            assert await wallet.capture(tx, id, sale, NOW)
            assert not await wallet.capture(tx, id, sale, NOW)
            model.posted -= cost
            model.earned += cost
            model.done.append(sale)
        case "release" if model.holds:
            id = model.pick(number)
            del model.holds[id]
            assert await wallet.release(tx, id, NOW)
            assert not await wallet.release(tx, id, NOW)
        case "settle":
            taken = model.pick(number) if model.holds and number % 3 else None
            held = 0 if taken is None else model.holds.pop(taken)
            captured = min(held, amount)
            from_balance = min(amount - captured, model.free - captured)
            expected = (captured, from_balance, amount - captured - from_balance)
            settling = TransferId(new_id())
            for _ in range(2):
                assert await books.settle(tx, taken, amount, settling) == expected
            model.posted -= captured + from_balance
            model.debt += expected[2]
            model.earned += amount
        case "pay_debt":
            paid = min(model.free, model.debt)
            paying = TransferId(new_id())
            for _ in range(2 if paid else 1):
                assert await wallet.pay_debt(tx, books.person, "KGS", paying, NOW) == som(paid)
            model.posted -= paid
            model.debt -= paid
        case "replay" if model.done:
            assert not await wallet.post(tx, model.done[number % len(model.done)], NOW)


async def _history(url: str, steps: list[tuple[str, int, int]]) -> None:
    db = Db.connect(url, pool=1)
    try:
        async with db.begin() as tx:
            books, model = await Books.open(tx), Model()
            for act, amount, number in steps:
                await _step(tx, books, model, act, amount, number)
                assert await books.standing(tx) == (model.posted, sum(model.holds.values()))
            assert await wallet.balance(tx, books.purse) == model.posted
            assert await wallet.debt(tx, books.person, "KGS") == som(model.debt)
            assert await wallet.balance(tx, books.revenue) == model.earned
            assert await wallet.verify(tx) == []
            raise RolledBackError
    except RolledBackError:
        pass
    finally:
        await db.close()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(acts)
def test_any_history_keeps_the_books(database_url: str, steps: list[tuple[str, int, int]]) -> None:
    asyncio.run(_history(database_url, steps))
