"""People and their cards. Import from here; what is inside is the module's own affair."""

from zaryad.accounts.cards import drop_token, find_token, put_token, tokens_of
from zaryad.accounts.model import (
    LANGUAGES,
    ROLES,
    Credentials,
    IdToken,
    OpenStatus,
    Person,
    PersonId,
    Settings,
    Status,
    TokenState,
    phone_prefixes,
)
from zaryad.accounts.people import (
    by_login,
    by_phone,
    change,
    check_login,
    create_staff,
    ensure_by_phone,
    find,
    list_people,
    set_password,
    set_roles,
    set_status,
)
from zaryad.accounts.phone import normal_phone
from zaryad.notify import masked

__all__ = [
    "LANGUAGES",
    "ROLES",
    "Credentials",
    "IdToken",
    "OpenStatus",
    "Person",
    "PersonId",
    "Settings",
    "Status",
    "TokenState",
    "by_login",
    "by_phone",
    "change",
    "check_login",
    "create_staff",
    "drop_token",
    "ensure_by_phone",
    "find",
    "find_token",
    "list_people",
    "masked",
    "normal_phone",
    "phone_prefixes",
    "put_token",
    "set_password",
    "set_roles",
    "set_status",
    "tokens_of",
]
