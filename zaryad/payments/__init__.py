"""Money from outside: payments through providers, each credited to a wallet exactly once."""

from zaryad.payments.accounts import Account, Providers, build_providers
from zaryad.payments.jobs import check_payment, create_payment, find_lost_checks
from zaryad.payments.model import AccountSettings, Payment, PaymentId, PaymentState, Settings, TestPayAccount
from zaryad.payments.notices import take_notice
from zaryad.payments.provider import PaymentProvider, RawRequest, RawResponse
from zaryad.payments.top_up import find, start_top_up

__all__ = [
    "Account",
    "AccountSettings",
    "Payment",
    "PaymentId",
    "PaymentProvider",
    "PaymentState",
    "Providers",
    "RawRequest",
    "RawResponse",
    "Settings",
    "TestPayAccount",
    "build_providers",
    "check_payment",
    "create_payment",
    "find",
    "find_lost_checks",
    "start_top_up",
    "take_notice",
]
