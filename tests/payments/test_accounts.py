"""Accounts come from the configuration, and what is wrong with it is told by name."""

import tomllib

import msgspec
import pytest

from tests.payments.world import HOOK_SECRET
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.payments import Settings, build_providers

TOML = f"""
min_minor = 1000
default = "test"

[accounts.test]
provider = "testpay"
base_url = "http://127.0.0.1:8400"
merchant = "zaryad"
secret = "secret-of-the-merchant"
notice_secret = "secret-of-the-notices"
hook_secret = "{HOOK_SECRET}"
"""


def _settings(text: str = TOML) -> Settings:
    return msgspec.convert(tomllib.loads(text), Settings)


async def test_accounts_are_built_from_the_configuration() -> None:
    providers = build_providers(_settings(), SystemClock(), sandbox=True)
    account = providers.choose(None)
    assert (account.name, account.kind, providers.choose("test")) == ("test", "testpay", account)
    assert account.provider.caps.currencies == {"KGS"}
    with pytest.raises(DomainError, match="no_such_payment_account"):
        providers.choose("other")
    await providers.close()


def test_without_accounts_nothing_can_be_chosen() -> None:
    with pytest.raises(DomainError, match="no_such_payment_account"):
        build_providers(Settings(), SystemClock(), sandbox=True).choose(None)


def test_only_the_sandbox_may_have_a_test_account() -> None:
    with pytest.raises(DomainError, match="test_account_needs_sandbox"):
        build_providers(_settings(), SystemClock(), sandbox=False)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("secret-of-the-notices", "short", "payment_secret_too_short"),
        (HOOK_SECRET, "short", "payment_secret_too_short"),
        ("[accounts.test]", '[accounts."te/st"]', "payment_account_misnamed"),
        ('default = "test"', 'default = "other"', "payment_default_unknown"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, code: str) -> None:
    with pytest.raises(DomainError, match=code):
        build_providers(_settings(TOML.replace(old, new)), SystemClock(), sandbox=True)


@pytest.mark.parametrize(
    ("old", "new"), [("merchant", "merchnt"), ('"testpay"', '"unknown"'), ("min_minor", "minimum")]
)
def test_an_unknown_key_is_an_error(old: str, new: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _settings(TOML.replace(old, new))
