"""How a typed phone number becomes the one it is kept under."""

from __future__ import annotations

import phonenumbers

from zaryad.accounts.model import Settings
from zaryad.kernel.errors import DomainError, Kind

TYPED_MAX = 32


def normal_phone(typed: str, rules: Settings) -> str:
    """Return E.164 ("+996555123456"); DomainError `phone_invalid`, or `phone_prefix` by System.PhonePrefix.

    Digits with a country code and no plus are taken as such; a number without one belongs to the country of
    the first configured prefix. Whether a range is in use is not asked: operators open new ones all the time.
    """
    if len(typed) > TYPED_MAX:
        raise DomainError(Kind.INVALID, "phone_invalid")
    for text, region in _readings(typed.strip(), rules):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return _with_prefix(phone, rules)
    raise DomainError(Kind.INVALID, "phone_invalid")


def _readings(typed: str, rules: Settings) -> list[tuple[str, str | None]]:
    if typed.startswith("+"):
        return [(typed, None)]
    if typed.startswith("00"):
        return [("+" + typed[2:], None)]
    region = _home(rules)
    digits = "".join(character for character in typed if character.isdecimal())
    international = [("+" + digits, None)]
    prefixes = tuple(prefix.removeprefix("+") for prefix in rules.phone_prefixes)
    if region is None or (prefixes and digits.startswith(prefixes)):
        return [*international, (typed, region)]
    return [(typed, region), *international]


def _home(rules: Settings) -> str | None:
    """Return the country of numbers typed without a code."""
    if not rules.phone_prefixes:
        return None
    digits = rules.phone_prefixes[0].removeprefix("+")
    for length in range(min(len(digits), 3), 0, -1):
        region = phonenumbers.region_code_for_country_code(int(digits[:length]))
        if region not in ("ZZ", "001"):
            return str(region)
    return None


def _with_prefix(phone: str, rules: Settings) -> str:
    allowed = tuple("+" + prefix.removeprefix("+") for prefix in rules.phone_prefixes)
    if allowed and not phone.startswith(allowed):
        raise DomainError(Kind.INVALID, "phone_prefix", prefixes=", ".join(allowed))
    return phone
