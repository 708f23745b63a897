"""What the driver's pages share: their templates, how an expected error is told, what may be started where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zaryad import stations
from zaryad.kernel.errors import DomainError
from zaryad.kernel.money import Money
from zaryad.stations import Shown
from zaryad.ui import format as f
from zaryad.ui.i18n import catalogue, t
from zaryad.ui.render import Templates

templates = Templates(Path(__file__).parents[1] / "templates")

STARTABLE = (Shown.AVAILABLE, Shown.PREPARING, Shown.FINISHING)


def error_told(language: str, error: DomainError) -> str:
    """Return an expected error in words, as the API tells it."""
    key = f"error.{error.code}"
    if catalogue().has(language, key):
        return t(language, key, **_facts_told(language, error.facts))
    return t(language, "ui.error.text.422")


def _facts_told(language: str, facts: Mapping[str, object]) -> dict[str, object]:
    """Add to sums in minor units what they are in words: `least_minor` is also `least`."""
    told = dict(facts)
    currency = facts.get("currency")
    for name, value in facts.items():
        if name.endswith("_minor") and isinstance(value, int) and isinstance(currency, str):
            told.setdefault(name.removesuffix("_minor"), f.money(language, Money(value, currency)))
    return told


def why_not(language: str, connector: stations.Connector) -> str | None:
    """Return why nothing can be started here now; None when it can."""
    state = stations.shown(connector)
    return None if state in STARTABLE else t(language, f"driver.why_not.{state.value}")
