"""Words of the ledger. A balance is credits less debits: a wallet's is what the person owns."""

from __future__ import annotations

import datetime as dt
import hashlib
from enum import Enum
from typing import Literal, NewType
from uuid import UUID

import msgspec

from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money

AccountId = NewType("AccountId", UUID)
TransferId = NewType("TransferId", UUID)
HoldId = NewType("HoldId", UUID)

AccountKind = Literal["wallet", "budget", "receivable", "clearing", "revenue", "payable", "vat", "fees"]
GUARDED = frozenset({"wallet", "budget"})  # these cannot be overspent


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section `[wallet]`."""

    currency: str = "KGS"  # of wallets opened without saying so; the configuration sets it from System.Currency


class Posting(msgspec.Struct, frozen=True):
    """Money from one account to another: it cannot be out of balance."""

    debit: AccountId
    credit: AccountId
    amount: Money


class Transfer(msgspec.Struct, frozen=True):
    """What moves together, once per `id`, for ever.

    `reason` is a word with a text for people (`ledger.reason.{reason}`); `about` says what it paid for,
    as "session:{id}" or "payment:{id}".
    """

    id: TransferId
    reason: str
    postings: tuple[Posting, ...]
    about: str | None = None

    def digest(self) -> bytes:
        """Tell a replay (same content) from a mistake (other content under the same id)."""
        return hashlib.sha256(msgspec.json.encode((self.reason, self.about, self.postings))).digest()


class HoldState(Enum):
    """A hold ends once."""

    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"


class Hold(msgspec.Struct, frozen=True):
    """Money set aside for something that has not happened yet."""

    id: HoldId
    account_id: AccountId
    amount: Money
    captured: Money
    state: HoldState
    reason: str
    about: str | None
    placed_at: dt.datetime
    ended_at: dt.datetime | None


class Standing(msgspec.Struct, frozen=True):
    """A guarded account now: `available` = `posted` - `held`, never negative."""

    posted: Money
    held: Money

    @property
    def available(self) -> Money:
        """What may be spent or held."""
        return self.posted - self.held


class Settled(msgspec.Struct, frozen=True):
    """Where the cost came from; the three add up to it."""

    captured: Money  # out of the hold
    from_balance: Money  # out of what was free
    receivable: Money  # owed by the person from now on


class Violation(msgspec.Struct, frozen=True):
    """A broken invariant: `rule` is its name, `text` says what is wrong and where, for an engineer at a terminal."""

    rule: str
    text: str


def account_id(kind: AccountKind, key: object, currency: str) -> AccountId:
    """Return the id that this account always has."""
    return AccountId(derived_id("account", kind, key, currency))


def wallet_of(person_id: UUID, currency: str) -> AccountId:
    """Return the id of a person's wallet; `ensure_wallet` makes it."""
    return account_id("wallet", person_id, currency)
