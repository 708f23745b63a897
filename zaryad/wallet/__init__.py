"""Who owns which money. Import from here; what is inside is the module's own affair."""

from zaryad.wallet.holds import capture, find_hold, hold, open_holds, raise_hold, release
from zaryad.wallet.jobs import examine_ledger
from zaryad.wallet.ledger import balance, ensure_wallet, lock_guards, open_account, post, standing, system_account
from zaryad.wallet.model import (
    AccountId,
    AccountKind,
    Hold,
    HoldId,
    HoldState,
    Posting,
    Settings,
    Settled,
    Standing,
    Transfer,
    TransferId,
    Violation,
    account_id,
    wallet_of,
)
from zaryad.wallet.settle import debt, pay_debt, settle_hold
from zaryad.wallet.statements import Entry, Statement, statement
from zaryad.wallet.verify import verify

__all__ = [
    "AccountId",
    "AccountKind",
    "Entry",
    "Hold",
    "HoldId",
    "HoldState",
    "Posting",
    "Settings",
    "Settled",
    "Standing",
    "Statement",
    "Transfer",
    "TransferId",
    "Violation",
    "account_id",
    "balance",
    "capture",
    "debt",
    "ensure_wallet",
    "examine_ledger",
    "find_hold",
    "hold",
    "lock_guards",
    "open_account",
    "open_holds",
    "pay_debt",
    "post",
    "raise_hold",
    "release",
    "settle_hold",
    "standing",
    "statement",
    "system_account",
    "verify",
    "wallet_of",
]
