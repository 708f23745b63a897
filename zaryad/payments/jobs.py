"""What the worker does for payments. No provider is called while a transaction is open.

`payments.create` and `payments.check` form one chain per payment. Each link carries its `turn` and plans the
next one when the row still stands at that turn; a link that ran twice plans once. A check without a turn (a
notice came) looks and plans nothing. A chain whose job was lost is found by the sweep.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import structlog

from zaryad.payments import store
from zaryad.payments.accounts import Account, Providers, notify_url
from zaryad.payments.model import Payment, PaymentState, Settings
from zaryad.payments.provider import Created, CreatePayment, PaymentRead, PaymentRef
from zaryad.payments.record import record
from zaryad.payments.schedule import NO_ANSWER, create_again, next_check
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx
from zaryad.platform.outbound import Accepted, Outcome, Rejected, Uncertain

log = structlog.get_logger()

S = PaymentState
UNCREATED = {S.NEW, S.CREATING}
WATCHED = {S.CREATING, S.PENDING, S.AUTHORIZED, S.CAPTURING, S.VOIDING, S.EXPIRED}
GONE = {S.NEW, S.CREATING, S.PENDING, S.EXPIRED}  # states in which "not found" after the deadline means it never was
OVERDUE = dt.timedelta(minutes=2)


async def create_payment(  # noqa: PLR0917  # what the wiring binds, then the job's own arguments
    db: Db, providers: Providers, rules: Settings, now: dt.datetime, payment_id: str, turn: int = 0
) -> None:
    """Job `payments.create`: have the payment made at the provider, however often that takes."""
    async with db.begin() as tx:
        payment = await store.find_payment(tx, UUID(payment_id), lock=True)
        if payment is None or payment.state not in UNCREATED or payment.turn != turn:
            return
        if payment.state is S.NEW:
            await store.update_payment(tx, payment.id, state=S.CREATING.value)
    account = providers.choose(payment.account)
    if now < payment.expires_at:
        outcome = await account.provider.create(_wanted(rules, account, payment))
    else:
        outcome = Uncertain("too_late_to_create")  # an earlier try may have made it: reading will tell
    async with db.begin() as tx:
        payment = await _standing(tx, payment)
        if payment.state not in UNCREATED or payment.turn != turn:
            return
        await _created(tx, payment, outcome, now)


async def check_payment(
    db: Db, providers: Providers, now: dt.datetime, payment_id: str, turn: int | None = None
) -> None:
    """Job `payments.check`: ask the provider for the truth and write it down."""
    async with db.begin() as tx:
        payment = await store.find_payment(tx, UUID(payment_id))
    if payment is None or (turn is not None and payment.turn != turn):
        return
    account = providers.choose(payment.account)
    outcome = await account.provider.read(PaymentRef(payment.id, payment.external))
    async with db.begin() as tx:
        payment = await _standing(tx, payment)
        state, sure = await _looked(tx, payment, outcome, now)
        if turn is not None and payment.turn == turn:
            await _plan_check(tx, payment, state, now, sure=sure)


async def find_lost_checks(db: Db, now: dt.datetime) -> int:
    """Sweep `payments.lost`: start the chains again whose job did not run; return how many."""
    async with db.begin() as tx:
        lost = await store.lost_checks(tx, now - OVERDUE, limit=500)
        for payment in lost:
            await store.update_payment(tx, payment.id, next_check_at=now)
            name = "payments.create" if payment.state in UNCREATED else "payments.check"
            await jobs.defer(tx, name, payment_id=str(payment.id), turn=payment.turn)
    if lost:
        log.warning("payments.lost", count=len(lost))
    return len(lost)


def _wanted(rules: Settings, account: Account, payment: Payment) -> CreatePayment:
    return CreatePayment(
        id=payment.id,
        amount=payment.amount,
        description=rules.description,
        expires_at=payment.expires_at,
        return_url=payment.return_url,
        notify_url=notify_url(rules, account),
    )


async def _created(tx: Tx, payment: Payment, outcome: Outcome[Created], now: dt.datetime) -> None:
    match outcome:
        case Accepted(value=made):
            expires_at = min(payment.expires_at, made.expires_at or payment.expires_at)
            await store.update_payment(
                tx,
                payment.id,
                state=S.PENDING.value,
                uncertain=False,
                external=dict(made.external),
                expires_at=expires_at,
                **msgspec.structs.asdict(made.ways),
            )
            await store.add_event(tx, payment.id, now, S.PENDING, "created")
            await _plan_check(tx, msgspec.structs.replace(payment, expires_at=expires_at), S.PENDING, now, sure=True)
            tx.hint(f"payment.{payment.id}", S.PENDING.value.encode())
        case Rejected(code=code, retryable=False) if not payment.uncertain:
            await store.update_payment(tx, payment.id, state=S.FAILED.value, error=code, next_check_at=None)
            await store.add_event(tx, payment.id, now, S.FAILED, f"refused:{code}")
            tx.hint(f"payment.{payment.id}", S.FAILED.value.encode())
            log.error("payment.refused", payment_id=str(payment.id), account=payment.account, code=code)
        case Rejected(code=cause) | Uncertain(cause=cause):
            uncertain = payment.uncertain or isinstance(outcome, Uncertain)
            await store.update_payment(tx, payment.id, uncertain=uncertain)
            await store.add_event(tx, payment.id, now, payment.state, f"create:{cause}")
            again = create_again(payment.turn, now)
            if again < payment.expires_at:
                await _plan(tx, payment, "payments.create", again)
            else:
                await _plan(tx, payment, "payments.check", now)  # too late to make it: was it made after all?


async def _looked(
    tx: Tx, payment: Payment, outcome: Outcome[PaymentRead], now: dt.datetime
) -> tuple[PaymentState, bool]:
    """Write down one look; return where the payment stands, and whether the answer was one."""
    match outcome:
        case Accepted(value=read):
            return await record(tx, payment, read, now), True
        case Rejected(code="not_found") if now >= payment.expires_at and payment.state in GONE:
            await store.update_payment(tx, payment.id, state=S.FAILED.value, uncertain=False, error="never_created")
            await store.add_event(tx, payment.id, now, S.FAILED, "read:not_found")
            tx.hint(f"payment.{payment.id}", S.FAILED.value.encode())
            return S.FAILED, True
        case Rejected(code=cause) | Uncertain(cause=cause):
            await store.update_payment(tx, payment.id, uncertain=True)
            log.warning("payment.unread", payment_id=str(payment.id), account=payment.account, cause=cause)
            return payment.state, False


async def _plan_check(tx: Tx, payment: Payment, state: PaymentState, now: dt.datetime, *, sure: bool) -> None:
    at = next_check(payment.created_at, payment.expires_at, now) if state in WATCHED else None
    if at is None and not sure:
        at = now + NO_ANSWER  # the last look must have seen something
    if at is None:
        await store.update_payment(tx, payment.id, turn=payment.turn + 1, next_check_at=None)
    else:
        await _plan(tx, payment, "payments.check", at)


async def _plan(tx: Tx, payment: Payment, name: str, at: dt.datetime) -> None:
    await store.update_payment(tx, payment.id, turn=payment.turn + 1, next_check_at=at)
    await jobs.defer(tx, name, at=at, payment_id=str(payment.id), turn=payment.turn + 1)


async def _standing(tx: Tx, payment: Payment) -> Payment:
    """Lock the payment and read it as it stands now."""
    locked = await store.find_payment(tx, payment.id, lock=True)
    assert locked is not None, "payments are never deleted"
    return locked
