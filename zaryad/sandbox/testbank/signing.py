r"""How the bank knows its merchant, and how the merchant may know the bank. Written apart from the platform's adapter.

A call is signed with hex HMAC-SHA256 over `METHOD\npath\ntime\nbody`; a notice over `notice\ntime\nbody`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping

from zaryad.sandbox.testbank.model import BankError, Settings


def check_call(
    settings: Settings, method: str, path: str, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
) -> None:
    """Raise BankError 401 unless our merchant signed exactly this call, just now."""
    at = headers.get("x-bank-time", "")
    signed = b"\n".join((method.encode(), path.encode(), at.encode(), body))
    expected = hmac.new(settings.secret.encode(), signed, hashlib.sha256).hexdigest()
    if headers.get("x-bank-merchant") != settings.merchant:
        raise BankError(401, "unknown_merchant")
    if not hmac.compare_digest(expected.encode(), headers.get("x-bank-signature", "").encode()):
        raise BankError(401, "bad_signature")
    if not at.isdecimal() or abs(int(at) - now.timestamp()) > settings.clock_skew_s:
        raise BankError(401, "bad_time")


def notice_headers(settings: Settings, body: bytes, *, now: dt.datetime) -> dict[str, str]:
    """Return the headers that prove a notice."""
    at = str(int(now.timestamp()))
    signed = b"\n".join((b"notice", at.encode(), body))
    return {
        "content-type": "application/json",
        "x-bank-merchant": settings.merchant,
        "x-bank-time": at,
        "x-bank-signature": hmac.new(settings.notice_secret.encode(), signed, hashlib.sha256).hexdigest(),
    }
