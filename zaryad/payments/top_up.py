"""A driver asks to put money on the wallet. The payment is a row before anyone is called.

The client makes the id: asking again with the same id changes nothing. The provider is called by a job.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit
from uuid import UUID

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money, exponent
from zaryad.payments import store
from zaryad.payments.accounts import Account, Providers
from zaryad.payments.model import Payment, PaymentId, PaymentState, Settings
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx

LOST_AFTER = dt.timedelta(seconds=60)  # a creation that nobody did by then is found by the sweep
URL_LENGTH_MAX = 500


async def start_top_up(  # noqa: PLR0917  # the order of the words in its sentence
    db: Db,
    providers: Providers,
    rules: Settings,
    payment_id: PaymentId,
    person_id: UUID,
    amount: Money,
    return_url: str | None,
    now: dt.datetime,
    *,
    account: str | None = None,
) -> Payment:
    """Write the payment down and have it created at the provider.

    INVALID `return_url_refused`; REFUSED `amount_too_small`, `amount_too_large`, `currency_not_taken`;
    NOT_FOUND `no_such_payment_account`; CONFLICT `payment_id_reused` for the same id with another person or
    amount; TOO_MANY `too_many_unpaid`.
    """
    back = checked_return_url(rules, return_url)
    async with db.begin() as tx:
        known = await store.find_payment(tx, payment_id)
        if known is not None:
            return _same(known, person_id, amount)
        chosen = providers.choose(account)
        _check_amount(rules, chosen, amount)
        await _check_unpaid(tx, rules, person_id, now)
        expires_at = now + dt.timedelta(seconds=rules.lifetime_s)
        payment = Payment(
            id=payment_id,
            person_id=person_id,
            account=chosen.name,
            amount=amount,
            state=PaymentState.NEW,
            uncertain=False,
            quarantine=None,
            late=False,
            error=None,
            external={},
            url=None,
            qr=None,
            app=None,
            return_url=back,
            created_at=now,
            expires_at=expires_at,
            paid_at=None,
            turn=0,
            next_check_at=now + LOST_AFTER,
        )
        if not await store.insert_payment(tx, payment):
            known = await store.find_payment(tx, payment_id)
            assert known is not None, "the insert conflicted with it"
            return _same(known, person_id, amount)
        await store.add_event(tx, payment.id, now, payment.state, "asked")
        await jobs.defer(tx, "payments.create", payment_id=str(payment_id), turn=0)
        return payment


async def find(tx: Tx, id: PaymentId) -> Payment | None:
    """Return the payment with this id."""
    return await store.find_payment(tx, id)


def checked_return_url(rules: Settings, url: str | None) -> str:
    """Make the absolute URL the payer comes back to: a path of ours, or a URL of a configured origin."""
    if url is None:
        return rules.public_url
    plain = len(url) <= URL_LENGTH_MAX and url.isascii() and url.isprintable() and not set(url) & set(' \\"<>')
    if plain and url.startswith("/") and not url.startswith("//"):
        return rules.public_url.rstrip("/") + url
    if plain and origin(url) in {origin(rules.public_url), *map(origin, rules.return_origins)}:
        return url
    raise DomainError(Kind.INVALID, "return_url_refused")


def origin(url: str) -> str | None:
    """Return scheme, host and port; None for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _same(known: Payment, person_id: UUID, amount: Money) -> Payment:
    if known.person_id != person_id or known.amount != amount:
        raise DomainError(Kind.CONFLICT, "payment_id_reused", payment_id=known.id)
    return known


def _check_amount(rules: Settings, account: Account, amount: Money) -> None:
    caps = account.provider.caps
    if amount.currency not in caps.currencies:
        raise DomainError(Kind.REFUSED, "currency_not_taken", currency=amount.currency)
    least, most = max(rules.min_minor, caps.min_minor), min(rules.max_minor, caps.max_minor)
    if amount.minor < least:
        raise DomainError(Kind.REFUSED, "amount_too_small", least=_plain(least, amount.currency))
    if amount.minor > most:
        raise DomainError(Kind.REFUSED, "amount_too_large", most=_plain(most, amount.currency))


def _plain(minor: int, currency: str) -> str:
    """Write a limit as everyone reads it: "50 KGS", "0.5 KGS"."""
    whole, part = divmod(minor, 10 ** exponent(currency))
    digits = f"{part:0{exponent(currency)}}".rstrip("0") if part else ""
    return f"{whole}.{digits} {currency}" if digits else f"{whole} {currency}"


async def _check_unpaid(tx: Tx, rules: Settings, person_id: UUID, now: dt.datetime) -> None:
    if await store.unpaid_of(tx, person_id, now) >= rules.open_max:
        raise DomainError(Kind.TOO_MANY, "too_many_unpaid", most=rules.open_max)
