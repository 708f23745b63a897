"""The configured accounts: settings -> adapters. Several accounts of one provider are several names."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from zaryad.kernel.clock import Clock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.payments.model import Settings
from zaryad.payments.provider import PaymentProvider
from zaryad.payments.testpay import TestPay

SECRET_LENGTH_MIN = 16


class Account(msgspec.Struct, frozen=True):
    """One configured account. `kind` is the provider's name, in notice URLs and in the ledger's clearing accounts."""

    name: str
    kind: str
    provider: PaymentProvider
    hook_secret: str


class Providers:
    """Accounts by name."""

    def __init__(self, accounts: Iterable[Account], default: str | None = None) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._default = default or next(iter(self._accounts), None)

    def choose(self, name: str | None) -> Account:
        """Return the named account, or the default one. NOT_FOUND when there is none."""
        account = self._accounts.get(name or self._default or "")
        if account is None:
            raise DomainError(Kind.NOT_FOUND, "no_such_payment_account")
        return account

    def all(self) -> list[Account]:
        """Return every account."""
        return list(self._accounts.values())

    async def close(self) -> None:
        """Close every adapter's connections."""
        for account in self._accounts.values():
            await account.provider.close()


def build_providers(rules: Settings, clock: Clock, *, sandbox: bool) -> Providers:
    """Make the adapters of `[payments.accounts.*]`.

    REFUSED `test_account_needs_sandbox`: money that only a test approves must never reach a real wallet.
    INVALID `payment_secret_too_short`, `payment_account_misnamed`, `payment_default_unknown`.
    """
    accounts = []
    for name, settings in rules.accounts.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise DomainError(Kind.INVALID, "payment_account_misnamed", account=name)
        if not sandbox:
            raise DomainError(Kind.REFUSED, "test_account_needs_sandbox", account=name)
        for secret in ("secret", "notice_secret", "hook_secret"):
            if len(getattr(settings, secret)) < SECRET_LENGTH_MIN:
                raise DomainError(
                    Kind.INVALID, "payment_secret_too_short", account=name, key=secret, least=SECRET_LENGTH_MIN
                )
        accounts.append(Account(name, "testpay", TestPay(settings, clock), settings.hook_secret))
    if rules.default is not None and rules.default not in rules.accounts:
        raise DomainError(Kind.INVALID, "payment_default_unknown", account=rules.default)
    return Providers(accounts, rules.default)


def notify_url(rules: Settings, account: Account) -> str:
    """Return where the provider tells us of this account's payments."""
    base = (rules.hook_url or rules.public_url).rstrip("/")
    return f"{base}/api/v1/hooks/{account.kind}/{account.name}/{account.hook_secret}"
