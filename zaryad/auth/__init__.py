"""Who may do what, and how people prove who they are. Import from here; what is inside is the module's own affair."""

from zaryad.auth.access import read_access
from zaryad.auth.code import CodeSent, send_code, sign_in_by_code
from zaryad.auth.cookies import csrf_cookie, domain_of, new_csrf, sign_in_cookies, sign_out_cookies
from zaryad.auth.keys import Keys, keys_of
from zaryad.auth.model import (
    ACCESS_COOKIE,
    CSRF_COOKIE,
    REFRESH_COOKIE,
    Gate,
    Origin,
    Settings,
    SignedIn,
    SignIn,
    Tokens,
)
from zaryad.auth.password import (
    check_password,
    create_staff,
    ensure_staff,
    hash_password,
    set_password,
    set_roles,
    set_status,
    sign_in_by_password,
)
from zaryad.auth.roles import PUBLIC, RULE, SIGNED_IN, Caller, Role, check, needs
from zaryad.auth.sign_in import end_all, end_sign_in, list_sign_ins, open_sign_in, refresh, sign_out, tidy

__all__ = [
    "ACCESS_COOKIE",
    "CSRF_COOKIE",
    "PUBLIC",
    "REFRESH_COOKIE",
    "RULE",
    "SIGNED_IN",
    "Caller",
    "CodeSent",
    "Gate",
    "Keys",
    "Origin",
    "Role",
    "Settings",
    "SignIn",
    "SignedIn",
    "Tokens",
    "check",
    "check_password",
    "create_staff",
    "csrf_cookie",
    "domain_of",
    "end_all",
    "end_sign_in",
    "ensure_staff",
    "hash_password",
    "keys_of",
    "list_sign_ins",
    "needs",
    "new_csrf",
    "open_sign_in",
    "read_access",
    "refresh",
    "send_code",
    "set_password",
    "set_roles",
    "set_status",
    "sign_in_by_code",
    "sign_in_by_password",
    "sign_in_cookies",
    "sign_out",
    "sign_out_cookies",
    "tidy",
]
