"""An expected error in a person's words."""

from __future__ import annotations

from collections.abc import Mapping

from zaryad.kernel.errors import DomainError
from zaryad.kernel.money import Money
from zaryad.ui import format as f
from zaryad.ui.i18n import catalogue, t


def error_told(language: str, error: DomainError) -> str:
    """Return the text `error.{code}` with the error's facts; sums also as words (`least_minor` is also `least`)."""
    key = f"error.{error.code}"
    if not catalogue().has(language, key):
        return t(language, "ui.error.text.422")
    return t(language, key, **facts_told(language, error.facts))


def facts_told(language: str, facts: Mapping[str, object]) -> dict[str, object]:
    """Add what people read to facts that programs read: money for minor units, minutes and seconds for seconds."""
    told = dict(facts)
    currency = facts.get("currency")
    for name, value in facts.items():
        if not isinstance(value, int):
            continue
        if name.endswith("_minor") and isinstance(currency, str):
            told.setdefault(name.removesuffix("_minor"), f.money(language, Money(value, currency)))
        elif name.endswith("_s"):
            told.setdefault(name.removesuffix("_s"), f.duration(language, value))
    return told
