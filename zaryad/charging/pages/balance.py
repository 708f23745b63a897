"""The balance, its movements, and topping it up at a provider: the page waits by itself, and may be closed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect

from zaryad import payments, wallet
from zaryad.auth import SIGNED_IN, Caller
from zaryad.charging.pages.kit import back_at, templates
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money, exponent
from zaryad.payments import PaymentId, PaymentState
from zaryad.platform.db import Db, Tx
from zaryad.ui import format as f
from zaryad.ui.i18n import catalogue, t
from zaryad.ui.render import Frame
from zaryad.ui.told import error_told
from zaryad.ui.typed import decimal, own_path

MOVEMENTS = 20
PAID = (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED, PaymentState.REFUNDED)
LOST = (PaymentState.EXPIRED, PaymentState.CANCELED, PaymentState.FAILED, PaymentState.VOIDED)


class TopUpForm(msgspec.Struct, frozen=True):
    """The form as it was sent; a sum of one's own goes before a preset."""

    csrf: str
    id: UUID
    preset: str = ""
    amount: str = ""
    next: str = "/balance"


class Movement(msgspec.Struct, frozen=True):
    """One line of the wallet in words."""

    words: str
    link: str | None
    at: dt.datetime
    amount: Money


class Purse(msgspec.Struct, frozen=True):
    """What the balance page shows of the money."""

    available: Money
    held: Money
    owed: Money


@get("/balance", opt=SIGNED_IN, include_in_schema=False)
async def balance_page(
    *,
    db: Db,
    frame: Frame,
    caller: Caller,
    payment_rules: payments.Settings,
    wallet_rules: wallet.Settings,
    next: str = "/balance",
) -> Response[str]:
    """Show what is there, what is held, and the last movements."""
    return await _balance(db, frame, caller, payment_rules, wallet_rules.currency, next=own_path(next, "/balance"))


@post("/balance/top-up", opt=SIGNED_IN, include_in_schema=False, status_code=200)
async def top_up(
    *,
    data: Annotated[TopUpForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    db: Db,
    now: dt.datetime,
    frame: Frame,
    caller: Caller,
    payment_rules: payments.Settings,
    payment_providers: payments.Providers,
    wallet_rules: wallet.Settings,
) -> Response[Any]:
    """Ask for a payment and go to the page that waits for it."""
    currency, back = wallet_rules.currency, own_path(data.next, "/balance")
    typed = data.amount.strip()
    minor = decimal(typed, exponent(currency)) if typed else decimal(data.preset, 0)
    try:
        if minor is None or not payment_rules.min_minor <= minor <= payment_rules.max_minor:
            raise DomainError(Kind.INVALID, "amount_not_read")
        after = f"/payments/{data.id}?{urlencode({'next': back})}"
        await payments.start_top_up(
            db,
            payment_providers,
            payment_rules,
            PaymentId(data.id),
            caller.person_id,
            Money(minor, currency),
            after,
            now,
        )
    except DomainError as error:
        told = error_told(frame.language, error)
        if error.code == "amount_not_read":
            told = _bounds_told(frame.language, payment_rules, currency)
        again = back_at(frame, f"/balance?{urlencode({'next': back})}")
        return await _balance(
            db, again, caller, payment_rules, currency, next=back, error=told, preset=data.preset, typed=typed
        )
    return Redirect(after, status_code=303)


@get("/payments/{id:uuid}", opt=SIGNED_IN, include_in_schema=False)
async def payment_page(
    *, id: UUID, db: Db, frame: Frame, caller: Caller, wallet_rules: wallet.Settings, next: str = "/balance"
) -> Response[str]:
    """Follow a payment: to the bank, back, and on."""
    async with db.begin() as tx:
        payment = await payments.find(tx, PaymentId(id))
        if payment is None or payment.person_id != caller.person_id:
            raise DomainError(Kind.NOT_FOUND, "no_such_payment")
        purse = await purse_of(tx, caller.person_id, wallet_rules.currency)
    stage = "paid" if payment.state in PAID else "failed" if payment.state in LOST else "waiting"
    why = {PaymentState.EXPIRED: "expired", PaymentState.FAILED: "declined"}.get(payment.state, "other")
    return templates.page(
        "payment.html",
        frame,
        amount=payment.amount,
        stage=stage,
        pay_url=payment.url if payment.state is PaymentState.PENDING else None,
        available=purse.available,
        next=own_path(next, "/balance"),
        why=t(frame.language, f"driver.payment.why.{why}"),
    )


async def _balance(
    db: Db,
    frame: Frame,
    caller: Caller,
    rules: payments.Settings,
    currency: str,
    *,
    next: str,
    error: str | None = None,
    preset: str | None = None,
    typed: str = "",
) -> Response[str]:
    async with db.begin() as tx:
        purse = await purse_of(tx, caller.person_id, currency)
        lines = await wallet.statement(tx, wallet.wallet_of(caller.person_id, currency), currency, limit=MOVEMENTS)
    presets = [Money(minor, currency) for minor in rules.presets_minor]
    return templates.page(
        "balance.html",
        frame,
        200 if error is None else 422,
        available=purse.available,
        held=purse.held,
        owed=purse.owed,
        error=error,
        id=new_id(),
        next=next,
        presets=presets,
        chosen=preset if preset is not None else str(presets[0].minor) if presets else "",
        amount_typed=typed,
        least=Money(rules.min_minor, currency),
        most=Money(rules.max_minor, currency),
        movements=[_movement(frame.language, entry) for entry in lines.entries],
    )


async def purse_of(tx: Tx, person_id: UUID, currency: str) -> Purse:
    """Return what the person has, what is held of it, and what is owed."""
    try:
        has = await wallet.standing(tx, wallet.wallet_of(person_id, currency))
    except DomainError:  # a wallet is opened by its first use, and looking is none
        has = wallet.Standing(posted=Money(0, currency), held=Money(0, currency))
    return Purse(has.available, has.held, await wallet.debt(tx, person_id, currency))


def _movement(language: str, entry: wallet.Entry) -> Movement:
    words = t(language, entry.text) if catalogue().has(language, entry.text) else t(language, "driver.move.other")
    kind, _, id = (entry.about or "").partition(":")
    link = f"/sessions/{id}" if kind == "session" else None
    return Movement(words, link, entry.at, entry.amount)


def _bounds_told(language: str, rules: payments.Settings, currency: str) -> str:
    return t(
        language,
        "driver.balance.amount_invalid",
        least=f.money(language, Money(rules.min_minor, currency)),
        most=f.money(language, Money(rules.max_minor, currency)),
    )


routes = [balance_page, top_up, payment_page]
