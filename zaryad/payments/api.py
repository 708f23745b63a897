"""Routes of payments: ask for a top-up, follow it, and the door for providers' notices."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import Parameter

from zaryad.auth import PUBLIC, SIGNED_IN, Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.payments import store
from zaryad.payments.accounts import Providers
from zaryad.payments.model import Payment, PaymentId, PaymentState, Settings
from zaryad.payments.notices import BODY_MAX, take_notice
from zaryad.payments.provider import RawRequest
from zaryad.payments.top_up import find, start_top_up
from zaryad.platform.db import Db

After = Annotated[UUID | None, Parameter(description="the `next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]


class TopUpWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver wants. `return_url` is a path of ours or a URL of a configured origin."""

    amount_minor: Annotated[int, msgspec.Meta(gt=0, le=10**15)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    provider: Annotated[str, msgspec.Meta(max_length=64)] | None = None  # the name of a configured account
    return_url: Annotated[str, msgspec.Meta(max_length=500)] | None = None


class PaymentShown(msgspec.Struct, frozen=True):
    """A payment for its payer. `url` or `qr` are there once the state is `pending`."""

    id: UUID
    state: PaymentState
    amount_minor: int
    currency: str
    provider: str
    url: str | None
    qr: str | None
    app: str | None
    late: bool
    under_review: bool  # money came that is not what was asked for; a person looks at it
    error: str | None
    created_at: dt.datetime
    expires_at: dt.datetime
    paid_at: dt.datetime | None


class ReviewedPayment(msgspec.Struct, frozen=True):
    """A payment for an accountant."""

    payment: PaymentShown
    person_id: UUID
    quarantine: str | None
    external: dict[str, str]


class PaymentPage(msgspec.Struct, frozen=True):
    """A page of one's own payments."""

    items: list[PaymentShown]
    next: UUID | None


class ReviewPage(msgspec.Struct, frozen=True):
    """A page of payments that wait for an accountant."""

    items: list[ReviewedPayment]
    next: UUID | None


class AccountShown(msgspec.Struct, frozen=True):
    """A way to pay."""

    name: str
    kind: str
    currencies: list[str]
    presentations: list[str]


class Options(msgspec.Struct, frozen=True):
    """What a top-up may be."""

    presets_minor: list[int]
    min_minor: int
    max_minor: int
    providers: list[AccountShown]


@get("/payments/options", opt=SIGNED_IN)
async def options(payment_rules: Settings, payment_providers: Providers) -> Options:
    """Return the preset sums, the limits and the ways to pay."""
    return Options(
        presets_minor=list(payment_rules.presets_minor),
        min_minor=payment_rules.min_minor,
        max_minor=payment_rules.max_minor,
        providers=[
            AccountShown(
                name=account.name,
                kind=account.kind,
                currencies=sorted(account.provider.caps.currencies),
                presentations=sorted(way.value for way in account.provider.caps.presentations),
            )
            for account in payment_providers.all()
        ],
    )


@put("/payments/{payment_id:uuid}", opt=SIGNED_IN, status_code=202)
async def put_payment(
    *,
    payment_id: UUID,
    data: TopUpWanted,
    db: Db,
    now: dt.datetime,
    caller: Caller,
    payment_rules: Settings,
    payment_providers: Providers,
) -> PaymentShown:
    """Ask for a top-up under an id of the client's making; follow it by GET or the hint `payment.{id}`."""
    currency = data.currency or min(payment_providers.choose(data.provider).provider.caps.currencies)
    payment = await start_top_up(
        db,
        payment_providers,
        payment_rules,
        PaymentId(payment_id),
        caller.person_id,
        Money(data.amount_minor, currency),
        data.return_url,
        now,
        account=data.provider,
    )
    return shown(payment)


@get("/payments/{payment_id:uuid}", opt=SIGNED_IN)
async def get_payment(payment_id: UUID, db: Db, caller: Caller) -> PaymentShown:
    """Return one's own payment; accountants and operators may see anyone's."""
    async with db.begin() as tx:
        payment = await find(tx, PaymentId(payment_id))
    if payment is None or not (payment.person_id == caller.person_id or caller.has(Role.ACCOUNTANT, Role.OPERATOR)):
        raise DomainError(Kind.NOT_FOUND, "no_such_payment")
    return shown(payment)


@get("/payments", opt=SIGNED_IN)
async def list_payments(db: Db, caller: Caller, after: After = None, limit: Limit = 50) -> PaymentPage:
    """Return one's own payments, newest first."""
    async with db.begin() as tx:
        found = await store.payments_of(tx, person_id=caller.person_id, before=after, limit=limit + 1)
    return PaymentPage([shown(p) for p in found[:limit]], found[limit - 1].id if len(found) > limit else None)


@get("/payments/quarantined", opt=needs(Role.ACCOUNTANT))
async def list_quarantined(db: Db, after: After = None, limit: Limit = 50) -> ReviewPage:
    """Return the payments whose money is not credited because the provider told of another amount or currency."""
    async with db.begin() as tx:
        found = await store.payments_of(tx, quarantined=True, before=after, limit=limit + 1)
    items = [ReviewedPayment(shown(p), p.person_id, p.quarantine, p.external) for p in found[:limit]]
    return ReviewPage(items, found[limit - 1].id if len(found) > limit else None)


@post("/hooks/{provider:str}/{account:str}/{secret:str}", opt=PUBLIC, status_code=200, request_max_body_size=BODY_MAX)
async def take_hook(
    *,
    provider: str,
    account: str,
    secret: str,
    request: Request[Any, Any, Any],
    db: Db,
    now: dt.datetime,
    payment_providers: Providers,
) -> Response[bytes]:
    """Take a provider's notice; the answer is exactly what that provider wants."""
    raw = RawRequest(
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        address=request.client.host if request.client else None,
    )
    answer = await take_notice(db, payment_providers, kind=provider, name=account, secret=secret, request=raw, now=now)
    return Response(answer.body, status_code=answer.status, media_type=answer.content_type)


def shown(payment: Payment) -> PaymentShown:
    """Make the public form. A way to pay is told only while paying makes sense."""
    waiting = payment.state is PaymentState.PENDING
    return PaymentShown(
        id=payment.id,
        state=payment.state,
        amount_minor=payment.amount.minor,
        currency=payment.amount.currency,
        provider=payment.account,
        url=payment.url if waiting else None,
        qr=payment.qr if waiting else None,
        app=payment.app if waiting else None,
        late=payment.late,
        under_review=payment.quarantine is not None,
        error=payment.error,
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
    )


routes: list[Any] = [options, put_payment, get_payment, list_payments, list_quarantined, take_hook]
