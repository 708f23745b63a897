"""Time-outs, crashes between two steps, forgeries: everything converges on one payment and one credit."""

import asyncio
import datetime as dt
import logging

import msgspec
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.payments.world import HOOK_SECRET, SECONDS, World
from zaryad import payments
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.payments import PaymentState, RawRequest
from zaryad.payments.provider import CreatePayment, PaymentRef
from zaryad.platform.outbound import Accepted, Rejected, Uncertain


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_500", "html"])
async def test_a_creation_of_unknown_outcome_is_asked_again(world: World, fault: str) -> None:
    await world.fault("create", fault, 2)
    payment = await world.top_up()
    await world.run_jobs()
    now = await world.find(payment.id)
    assert (now.state, now.uncertain) == (PaymentState.CREATING, True)
    await world.pass_time(4)
    now = await world.find(payment.id)
    assert (now.state, now.uncertain) == (PaymentState.PENDING, False)
    await world.press(now, "pay")
    await world.told()
    await world.run_jobs()
    assert await world.balance() == 500_00
    async with world.db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from testbank_payment")) == 1


@pytest.mark.parametrize("fault", ["timeout_before", "error_500", "html"])
async def test_a_look_without_an_answer_is_repeated(world: World, fault: str) -> None:
    payment = await world.created()
    await world.press(payment, "pay", telling="none")
    await world.fault("read", fault)
    await world.pass_time(3)
    assert (await world.find(payment.id)).uncertain
    await world.pass_time(3)
    now = await world.find(payment.id)
    assert (now.state, now.uncertain) == (PaymentState.PAID, False)


async def test_a_bank_that_is_down_is_asked_until_it_is_up(world: World) -> None:
    payment = await world.created()
    await world.press(payment, "pay", telling="none")
    await world.fault("read", "error_500", 1000)
    while (due := (await world.find(payment.id)).next_check_at) is not None:
        world.clock.set(due)
        await world.run_jobs()
        if due > payment.expires_at + dt.timedelta(hours=30):  # past the last planned look
            await world.fault("read", None)
    assert (await world.find(payment.id)).state is PaymentState.PAID
    assert await world.balance() == 500_00


async def test_a_creation_that_never_worked_fails_after_its_deadline(world: World) -> None:
    await world.fault("create", "timeout_before", 1)
    payment = await world.top_up()
    await world.run_jobs()
    await world.fault("create", "error_500", 1000)
    while (due := (await world.find(payment.id)).next_check_at) is not None:
        world.clock.set(due)
        await world.run_jobs()
    assert world.clock.now() <= payment.expires_at + 10 * SECONDS
    now = await world.find(payment.id)
    assert (now.state, now.error) == (PaymentState.FAILED, "never_created")


async def test_a_crash_between_the_call_and_the_transaction_is_healed_by_the_job_again(world: World) -> None:
    payment = await world.top_up()
    wanted = CreatePayment(
        id=payment.id,
        amount=payment.amount,
        description="Zaryad",
        expires_at=payment.expires_at,
        return_url=payment.return_url,
        notify_url=payments.accounts.notify_url(world.rules, world.providers.choose("test")),
    )
    assert isinstance(await world.provider.create(wanted), Accepted)  # called; then we died
    again = {"payment_id": str(payment.id), "turn": 0}
    await asyncio.gather(*(world.run_job("payments.create", **again) for _ in range(4)))
    await world.run_jobs()
    now = await world.find(payment.id)
    assert (now.state, now.turn) == (PaymentState.PENDING, 1)
    async with world.db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from testbank_payment")) == 1


async def test_a_check_that_ran_many_times_plans_one_next(world: World) -> None:
    payment = await world.created()
    args = {"payment_id": str(payment.id), "turn": payment.turn}
    await asyncio.gather(*(world.run_job("payments.check", **args) for _ in range(5)))
    async with world.db.begin() as tx:
        query = sa.text("select count(*) from procrastinate_jobs where (args ->> 'turn')::int > :turn")
        assert await tx.scalar(query, {"turn": payment.turn}) == 1


@pytest.mark.parametrize("created", [False, True])
async def test_the_sweep_finds_a_payment_whose_job_was_lost(world: World, *, created: bool) -> None:
    payment = await (world.created() if created else world.top_up())
    async with world.db.begin() as tx:
        await tx.execute(sa.text("delete from procrastinate_jobs"))
    assert await payments.find_lost_checks(world.db, world.clock.now()) == 0
    world.clock.advance(dt.timedelta(minutes=4))
    assert await payments.find_lost_checks(world.db, world.clock.now()) == 1
    assert await payments.find_lost_checks(world.db, world.clock.now()) == 0
    await world.run_jobs()
    payment = await world.find(payment.id)
    await world.press(payment, "pay", telling="none")
    await world.pass_time(20)
    assert await world.balance() == 500_00


async def test_forged_and_foreign_notices_change_nothing(world: World) -> None:
    payment = await world.created()
    good = world.signed_notice(payment)
    broken = [
        RawRequest(good.headers, good.body.replace(b"paid", b"p41d")),
        RawRequest({**good.headers, "x-bank-signature": good.headers["x-bank-signature"].upper()}, good.body),
        RawRequest({**good.headers, "x-bank-signature": good.headers["x-bank-signature"][:-1]}, good.body),
        RawRequest({**good.headers, "x-bank-signature": "é"}, good.body),
        RawRequest({**good.headers, "x-bank-time": "1"}, good.body),
        RawRequest({**good.headers, "x-bank-merchant": "other"}, good.body),
        RawRequest({}, b""),
    ]
    for notice in broken:
        assert (await world.notice(notice)).status == 403
    for wrong in ({"kind": "namba"}, {"name": "other"}, {"secret": HOOK_SECRET + "x"}, {"secret": "é"}):
        with pytest.raises(DomainError, match="no_such_hook"):
            await world.notice(good, **wrong)
    foreign = msgspec.structs.replace(payment, id=payments.PaymentId(new_id()))
    assert (await world.notice(world.signed_notice(foreign))).status == 200  # believed, kept, and nothing to do
    async with world.db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from payment_notice")) == 1
        jobs = sa.text("select count(*) from procrastinate_jobs where not args ? 'turn'")
        assert await tx.scalar(jobs) == 0


async def test_the_bank_rejects_what_we_did_not_sign(world: World) -> None:
    payment = await world.created()
    path = f"/v1/payments/{payment.id}"
    assert (await world.signed("GET", path)).status_code == 200
    old = str(int((world.clock.now() - dt.timedelta(minutes=10)).timestamp()))
    for change in ({"x_bank_signature": "0" * 64}, {"x_bank_merchant": "other"}, {"x_bank_time": old}):
        assert (await world.signed("GET", path, **change)).status_code == 401
    assert (await world.signed("GET", f"/v1/payments/{new_id()}")).status_code == 404


async def test_wrong_credentials_fail_the_payment_at_once(world: World) -> None:
    world.provider._account = msgspec.structs.replace(world.account, secret="another-secret-than-theirs")
    payment = await world.top_up()
    await world.run_jobs()
    now = await world.find(payment.id)
    assert (now.state, now.error, now.next_check_at) == (PaymentState.FAILED, "credentials", None)


async def test_refunds_are_idempotent_and_never_more_than_was_paid(world: World) -> None:
    payment = await world.created()
    ref = PaymentRef(payment.id)
    first = new_id()
    assert await world.provider.refund(ref, Money(1, "KGS"), first, "test") == Rejected("not_paid")
    await world.press(payment, "pay", telling="none")
    for _ in range(2):
        done = await world.provider.refund(ref, Money(100_00, "KGS"), first, "test")
        assert isinstance(done, Accepted)
        assert done.value.amount == Money(100_00, "KGS")
    assert await world.provider.refund(ref, Money(2, "KGS"), first, "test") == Rejected("id_reused")
    assert await world.provider.refund(ref, Money(400_01, "KGS"), new_id(), "test") == Rejected("more_than_paid")
    assert isinstance(await world.provider.refund(ref, Money(400_00, "KGS"), new_id(), "test"), Accepted)
    read = await world.provider.read(ref)
    assert isinstance(read, Accepted)
    assert (read.value.state, read.value.refunded_minor) == (PaymentState.REFUNDED, 500_00)
    assert isinstance(await world.provider.read_refund(ref, first), Accepted)
    assert await world.provider.read_refund(ref, new_id()) == Rejected("not_found")


async def test_an_unpaid_payment_can_be_cancelled_and_a_paid_one_not(world: World) -> None:
    payment, other = await world.created(), await world.created()
    ref = PaymentRef(payment.id)
    voided = await world.provider.void(ref, new_id())
    assert isinstance(voided, Accepted)
    assert voided.value.state is PaymentState.CANCELED
    await world.press(other, "pay", telling="none")
    assert await world.provider.void(PaymentRef(other.id), new_id()) == Rejected("not_waiting")
    assert await world.provider.capture(ref, payment.amount, new_id()) == Rejected("not_supported")


async def test_no_secret_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        payment = await world.created()
        await world.fault("read", "error_500")
        await world.press(payment, "pay")
        await world.told()
        await world.run_jobs()
        await world.notice(RawRequest({}, world.signed_notice(payment).body))
        await world.pass_time(20)
    assert logs
    told = repr(logs) + caplog.text
    for secret in (world.account.secret, world.account.notice_secret, HOOK_SECRET, str(payment.url).rpartition("/")[2]):
        assert secret not in told


async def test_nobody_listens(world: World) -> None:
    gone = msgspec.structs.replace(world.account, base_url="http://127.0.0.1:9")
    provider = payments.testpay.TestPay(gone, ManualClock(world.clock.now()))
    outcome = await provider.read(PaymentRef(new_id()))
    assert isinstance(outcome, Rejected)
    assert outcome.retryable
    assert not isinstance(outcome, Uncertain)
    await provider.close()
