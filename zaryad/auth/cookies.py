"""The cookies of a browser that is signed in.

The domain is the longest allowed one that the request's host belongs to, else the host alone. Whatever other
spelling of the same cookie an older configuration may have left behind is taken away in the same answer.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from zaryad.auth.model import ACCESS_COOKIE, CSRF_COOKIE, REFRESH_COOKIE, Tokens

NAMES = (ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE)


def domain_of(host: str, domains: Sequence[str]) -> str | None:
    """Return the longest allowed domain that the host is, or is below; None: the cookie stays with the host."""
    fitting = _fitting(host, domains)
    return max(fitting, key=len) if fitting else None


def sign_in_cookies(
    host: str, domains: Sequence[str], tokens: Tokens, csrf: str | None, now: dt.datetime, *, secure: bool
) -> list[str]:
    """Return the `Set-Cookie` values of a fresh sign-in or refresh; a CSRF token that the browser has is kept."""
    domain = domain_of(host, domains)
    refresh_s = _seconds(tokens.refresh_expires_at - now)
    access_s = _seconds(tokens.access_expires_at - now)
    return [
        *_stale(host, domains, NAMES, secure=secure),
        _cookie(ACCESS_COOKIE, tokens.access, access_s, domain, secure=secure, http_only=True),
        _cookie(REFRESH_COOKIE, tokens.refresh, refresh_s, domain, secure=secure, http_only=True),
        csrf_cookie(host, domains, csrf or new_csrf(), refresh_s, secure=secure),
    ]


def csrf_cookie(host: str, domains: Sequence[str], value: str, life_s: int, *, secure: bool) -> str:
    """Return the `Set-Cookie` value of the readable half of the double submit."""
    return _cookie(CSRF_COOKIE, value, life_s, domain_of(host, domains), secure=secure, http_only=False)


def sign_out_cookies(host: str, domains: Sequence[str], *, secure: bool) -> list[str]:
    """Return the `Set-Cookie` values that take every spelling away."""
    domain = domain_of(host, domains)
    gone = [_cookie(name, "", 0, domain, secure=secure, http_only=name != CSRF_COOKIE) for name in NAMES]
    return [*_stale(host, domains, NAMES, secure=secure), *gone]


def new_csrf() -> str:
    """Make a token for the double submit."""
    return secrets.token_urlsafe(24)


def _stale(host: str, domains: Sequence[str], names: Sequence[str], *, secure: bool) -> list[str]:
    """Return what takes away cookies of the same names on the domains that are not chosen."""
    chosen = domain_of(host, domains)
    spellings: list[str | None] = [None, *_fitting(host, domains)]
    others = [domain for domain in spellings if domain != chosen]
    return [
        _cookie(name, "", 0, domain, secure=secure, http_only=name != CSRF_COOKIE)
        for domain in others
        for name in names
    ]


def _fitting(host: str, domains: Sequence[str]) -> list[str]:
    return [domain for domain in dict.fromkeys(domains) if host == domain or host.endswith("." + domain)]


def _cookie(name: str, value: str, life_s: int, domain: str | None, *, secure: bool, http_only: bool) -> str:
    parts = [f"{name}={value}", "Path=/", f"Max-Age={life_s}", "SameSite=Lax"]
    if domain is not None:
        parts.append(f"Domain={domain}")
    if secure:
        parts.append("Secure")
    if http_only:
        parts.append("HttpOnly")
    return "; ".join(parts)


def _seconds(span: dt.timedelta) -> int:
    return max(int(span / dt.timedelta(seconds=1)), 0)
