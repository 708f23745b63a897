"""Money from outside is credited once, whatever happens to the messages about it."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from tests.payments.world import SECONDS, World
from zaryad import payments, wallet
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.payments import Payment, PaymentId, PaymentState
from zaryad.wallet import TransferId


async def _state(world: World, payment: Payment) -> PaymentState:
    return (await world.find(payment.id)).state


async def test_a_driver_pays_and_has_the_money(world: World) -> None:
    asked = await world.top_up()
    assert (asked.state, asked.url) == (PaymentState.NEW, None)
    await world.run_jobs()
    payment = await world.find(asked.id)
    assert payment.state is PaymentState.PENDING
    assert payment.url is not None
    page = await world.payer.get(payment.url)
    assert "500\N{NO-BREAK SPACE}KGS" in page.text
    pressed = await world.press(payment, "pay")
    assert (pressed.status_code, pressed.headers["location"]) == (303, world.shop_url + "/wallet")
    await world.told()
    await world.run_jobs()
    paid = await world.find(payment.id)
    assert (paid.state, paid.late, paid.paid_at) == (PaymentState.PAID, False, world.clock.now())
    assert paid.external["order"].startswith("TB")
    assert await world.balance() == 500_00
    await world.pass_time(60)
    assert (await world.find(payment.id)).next_check_at is None
    assert await world.sound()


async def test_a_notice_repeated_a_hundred_times_at_once_credits_once(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "pay", telling="none")
    notice = world.signed_notice(payment)
    answers = await asyncio.gather(*(world.notice(notice) for _ in range(100)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, b"OK")}
    checks = [payments.check_payment(world.db, world.providers, world.clock.now(), str(payment.id)) for _ in range(10)]
    await asyncio.gather(*checks, world.run_jobs())
    assert await world.balance() == 500_00
    async with world.db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from payment_notice")) == 1
        assert await tx.scalar(sa.text("select count(*) from transfer")) == 1
    assert await world.sound()


async def test_the_bank_itself_tells_twice(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "pay", telling="twice")
    await world.told(2)
    await world.run_jobs()
    assert await world.balance() == 500_00


async def test_without_any_notice_asking_finds_the_money(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "pay", telling="none")
    await world.pass_time(5)
    assert await _state(world, payment) is PaymentState.PAID
    assert (world.hooks, await world.balance()) == (0, 500_00)


async def test_a_declined_payment_credits_nothing(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "decline")
    await world.told()
    await world.run_jobs()
    assert await _state(world, payment) is PaymentState.FAILED
    assert await world.balance() == 0


async def test_money_that_comes_after_the_link_expired_is_credited_and_marked(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "pay_late", telling="none")
    world.clock.set(payment.expires_at + 2 * SECONDS)
    await asyncio.sleep(0.2)  # the bank's loop expires its link
    await world.run_jobs()
    assert await _state(world, payment) is PaymentState.EXPIRED
    world.clock.set(payment.expires_at + dt.timedelta(hours=1, seconds=1))
    await asyncio.sleep(0.2)  # and takes the money
    await world.run_jobs()
    paid = await world.find(payment.id)
    assert (paid.state, paid.late) == (PaymentState.PAID, True)
    assert await world.balance() == 500_00
    assert await world.sound()


async def test_an_unpaid_link_expires_and_is_asked_about_for_a_day(world: World) -> None:
    payment = await world.created()
    world.clock.set(payment.expires_at + 2 * SECONDS)
    await asyncio.sleep(0.2)
    asked = 0
    while True:
        await world.run_jobs()
        now = await world.find(payment.id)
        if now.next_check_at is None:
            break
        asked += 1
        world.clock.set(now.next_check_at)
    assert now.state is PaymentState.EXPIRED
    assert world.clock.now() - payment.expires_at == dt.timedelta(hours=24)
    assert asked == 3


async def test_another_amount_is_quarantined(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "pay", less="1")
    await world.told()
    await world.run_jobs()
    now = await world.find(payment.id)
    assert (now.state, now.quarantine) == (PaymentState.PENDING, "amount_changed")
    await world.pass_time(30)
    assert await world.balance() == 0


async def test_a_notice_is_only_a_hint(world: World) -> None:
    payment = await world.created()
    answer = await world.notice(world.signed_notice(payment))  # says paid; the bank knows better
    assert answer.status == 200
    await world.run_jobs()
    assert await _state(world, payment) is PaymentState.PENDING
    assert await world.balance() == 0


async def test_asking_again_under_the_same_id_changes_nothing(world: World) -> None:
    id = new_id()
    first, *others = await asyncio.gather(*(world.top_up(id=id) for _ in range(5)))
    assert all(other == first for other in others)
    await world.run_jobs()
    assert (await world.top_up(id=id)).state is PaymentState.PENDING
    with pytest.raises(DomainError, match="payment_id_reused"):
        await world.top_up(600_00, id=id)
    world.person = new_id()
    with pytest.raises(DomainError, match="payment_id_reused"):
        await world.top_up(id=id)


@pytest.mark.parametrize(
    ("minor", "code"), [(49_99, "amount_too_small"), (100_000_01, "amount_too_large"), (50_00, ""), (100_000_00, "")]
)
async def test_sums_have_limits(world: World, minor: int, code: str) -> None:
    if code:
        with pytest.raises(DomainError, match=code):
            await world.top_up(minor)
    else:
        assert (await world.top_up(minor)).amount == Money(minor, "KGS")


async def test_unpaid_payments_of_one_person_have_a_limit_until_they_expire(world: World) -> None:
    for _ in range(world.rules.open_max):
        last = await world.top_up()
    with pytest.raises(DomainError, match="too_many_unpaid"):
        await world.top_up()
    world.clock.set(last.expires_at)
    assert (await world.top_up()).state is PaymentState.NEW


async def test_a_foreign_currency_is_refused(world: World) -> None:
    with pytest.raises(DomainError, match="currency_not_taken"):
        await payments.start_top_up(
            world.db,
            world.providers,
            world.rules,
            PaymentId(new_id()),
            world.person,
            Money(500_00, "RUB"),
            None,
            world.clock.now(),
        )


async def test_a_top_up_pays_the_debt_first(world: World) -> None:
    async with world.db.begin() as tx:
        now = world.clock.now()
        purse = await wallet.ensure_wallet(tx, world.person, "KGS", now)
        revenue = await wallet.system_account(tx, "revenue", "1", "KGS", now)
        owed = await wallet.system_account(tx, "receivable", str(world.person), "KGS", now)
        cost = Money(120_00, "KGS")
        await wallet.settle_hold(tx, None, cost, purse, revenue, owed, "charging", TransferId(new_id()), now)
    payment = await world.created()
    await world.press(payment, "pay")
    await world.told()
    await world.run_jobs()
    assert await world.balance() == 380_00
    async with world.db.begin() as tx:
        assert await wallet.debt(tx, world.person, "KGS") == Money(0, "KGS")
        page = await wallet.statement(tx, purse, "KGS")
    assert [(line.reason, line.amount.minor) for line in page.entries] == [("debt_paid", -120_00), ("top_up", 500_00)]
    assert await world.sound()
