"""The provider's truth meets our row: one transaction moves the state, credits the wallet and plans the next look."""

from __future__ import annotations

import datetime as dt

import structlog

from zaryad import wallet
from zaryad.payments import store
from zaryad.payments.judge import Verdict, judge
from zaryad.payments.model import Payment, PaymentState
from zaryad.payments.provider import PaymentRead
from zaryad.platform.db import Tx
from zaryad.wallet import Posting, Transfer

log = structlog.get_logger()


async def record(tx: Tx, payment: Payment, read: PaymentRead, now: dt.datetime) -> PaymentState:
    """Write down what the provider said of this locked payment, with the money in the same transaction."""
    verdict = judge(payment, read, now)
    if verdict.alarm is not None:
        log.error("payment.alarm", payment_id=str(payment.id), why=verdict.alarm, state=payment.state.value)
    values: dict[str, object] = {"uncertain": False, "external": {**payment.external, **read.external}}
    if verdict.quarantine != payment.quarantine:
        values["quarantine"] = verdict.quarantine
        await store.add_event(tx, payment.id, now, verdict.state, f"quarantine:{verdict.quarantine}")
    if verdict.state is not payment.state:
        values.update(_moved(verdict, now))
        await store.add_event(tx, payment.id, now, verdict.state, f"read:{read.word}")
    if verdict.credit:
        await _credit(tx, payment, now)
    await store.update_payment(tx, payment.id, **values)
    if verdict.state is not payment.state or verdict.quarantine != payment.quarantine:
        tx.hint(f"payment.{payment.id}", verdict.state.value.encode())
    return verdict.state


def _moved(verdict: Verdict, now: dt.datetime) -> dict[str, object]:
    values: dict[str, object] = {"state": verdict.state.value, "late": verdict.late}
    if verdict.credit:
        values["paid_at"] = now
    return values


async def _credit(tx: Tx, payment: Payment, now: dt.datetime) -> None:
    """Put the money on the wallet, once for ever; a debt is paid from it at once."""
    currency = payment.amount.currency
    clearing = await wallet.system_account(tx, "clearing", payment.account, currency, now)
    purse = await wallet.ensure_wallet(tx, payment.person_id, currency, now)
    about = f"payment:{payment.id}"
    await wallet.post(
        tx, Transfer(payment.credit_id, "top_up", (Posting(clearing, purse, payment.amount),), about), now
    )
    await wallet.pay_debt(tx, payment.person_id, currency, payment.debt_id, now)
    tx.hint(f"wallet.{payment.person_id}")
