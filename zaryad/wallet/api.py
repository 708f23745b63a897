"""Routes of the wallet: a driver's balance and history, the same for staff, and the ledger's self-examination."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from zaryad.auth import SIGNED_IN, Caller, Role, needs
from zaryad.kernel.errors import DomainError
from zaryad.kernel.money import Money
from zaryad.platform.db import Db, Tx
from zaryad.wallet.holds import open_holds
from zaryad.wallet.ledger import standing
from zaryad.wallet.model import AccountId, Settings, Standing, Violation, wallet_of
from zaryad.wallet.settle import debt
from zaryad.wallet.statements import Statement, statement
from zaryad.wallet.verify import verify

Currency = Annotated[str | None, Parameter(pattern="^[A-Z]{3}$", description="absent: the default currency")]
Since = Annotated[dt.datetime | None, Parameter(query="from", description="lines from this moment on")]
Until = Annotated[dt.datetime | None, Parameter(query="to", description="lines before this moment")]
After = Annotated[str | None, Parameter(max_length=64, description="the `next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]


class HoldShown(msgspec.Struct, frozen=True):
    """Money set aside, and what for: `text` is the key of its words, `about` names the session."""

    id: UUID
    amount_minor: int
    reason: str
    text: str
    about: str | None
    placed_at: dt.datetime


class WalletShown(msgspec.Struct, frozen=True):
    """A wallet now: available = balance - held. A debt is asked for before the next start."""

    person_id: UUID
    currency: str
    balance_minor: int
    held_minor: int
    available_minor: int
    debt_minor: int
    holds: list[HoldShown]


class LineShown(msgspec.Struct, frozen=True):
    """One movement; negative when money went. `text` is the key of its words."""

    transfer_id: UUID
    at: dt.datetime
    reason: str
    text: str
    about: str | None
    amount_minor: int
    balance_minor: int


class StatementShown(msgspec.Struct, frozen=True):
    """A page of a period's movements, newest first; opening + all movements = closing."""

    currency: str
    opening_minor: int
    closing_minor: int
    items: list[LineShown]
    next: str | None


class Verified(msgspec.Struct, frozen=True):
    """What the ledger found about itself; sound when nothing."""

    sound: bool
    violations: list[Violation]


@get("/wallet", opt=SIGNED_IN)
async def get_wallet(db: Db, caller: Caller, wallet_rules: Settings, currency: Currency = None) -> WalletShown:
    """Return one's own balance, what is held and what for."""
    async with db.begin() as tx:
        return await _wallet(tx, caller.person_id, currency or wallet_rules.currency)


@get("/wallet/statement", opt=SIGNED_IN)
async def get_statement(
    *,
    db: Db,
    caller: Caller,
    wallet_rules: Settings,
    since: Since = None,
    until: Until = None,
    after: After = None,
    limit: Limit = 50,
    currency: Currency = None,
) -> StatementShown:
    """Return one's own movements."""
    kept_in = currency or wallet_rules.currency
    purse = wallet_of(caller.person_id, kept_in)
    async with db.begin() as tx:
        return _shown(await statement(tx, purse, kept_in, since=since, until=until, after=after, limit=limit))


@get("/drivers/{person_id:uuid}/wallet", opt=needs(Role.ACCOUNTANT, Role.OPERATOR))
async def get_wallet_of(person_id: UUID, db: Db, wallet_rules: Settings, currency: Currency = None) -> WalletShown:
    """Return a driver's balance, what is held and what for."""
    async with db.begin() as tx:
        return await _wallet(tx, person_id, currency or wallet_rules.currency)


@get("/drivers/{person_id:uuid}/wallet/statement", opt=needs(Role.ACCOUNTANT, Role.OPERATOR))
async def get_statement_of(
    *,
    person_id: UUID,
    db: Db,
    wallet_rules: Settings,
    since: Since = None,
    until: Until = None,
    after: After = None,
    limit: Limit = 50,
    currency: Currency = None,
) -> StatementShown:
    """Return a driver's movements."""
    kept_in = currency or wallet_rules.currency
    purse = wallet_of(person_id, kept_in)
    async with db.begin() as tx:
        return _shown(await statement(tx, purse, kept_in, since=since, until=until, after=after, limit=limit))


@get("/ledger/verify", opt=needs(Role.ACCOUNTANT))
async def get_verified(db: Db) -> Verified:
    """Examine the ledger now."""
    async with db.begin() as tx:
        violations = await verify(tx)
    return Verified(sound=not violations, violations=violations)


async def _wallet(tx: Tx, person_id: UUID, currency: str) -> WalletShown:
    purse = wallet_of(person_id, currency)
    has = await _standing(tx, purse, currency)
    return WalletShown(
        person_id=person_id,
        currency=currency,
        balance_minor=has.posted.minor,
        held_minor=has.held.minor,
        available_minor=has.available.minor,
        debt_minor=(await debt(tx, person_id, currency)).minor,
        holds=[
            HoldShown(
                id=hold.id,
                amount_minor=hold.amount.minor,
                reason=hold.reason,
                text=f"ledger.hold.{hold.reason}",
                about=hold.about,
                placed_at=hold.placed_at,
            )
            for hold in await open_holds(tx, purse)
        ],
    )


async def _standing(tx: Tx, purse: AccountId, currency: str) -> Standing:
    """Return what there is; nothing for a wallet that was never used, and looking does not open it."""
    try:
        return await standing(tx, purse)
    except DomainError:
        return Standing(posted=Money(0, currency), held=Money(0, currency))


def _shown(page: Statement) -> StatementShown:
    return StatementShown(
        currency=page.currency,
        opening_minor=page.opening.minor,
        closing_minor=page.closing.minor,
        items=[
            LineShown(
                transfer_id=entry.transfer_id,
                at=entry.at,
                reason=entry.reason,
                text=entry.text,
                about=entry.about,
                amount_minor=entry.amount.minor,
                balance_minor=entry.balance.minor,
            )
            for entry in page.entries
        ],
        next=page.next,
    )


routes: list[Any] = [get_wallet, get_statement, get_wallet_of, get_statement_of, get_verified]
