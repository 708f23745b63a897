"""Whether a value is the wanted one, and what state a setting is in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from zaryad.maintenance.settings.model import Attempt, Reported, Setting, SettingState, Target, Template, Wanted
from zaryad.maintenance.settings.names import folded, in_version, old_name, secret

_NUMBER_MAX = 40  # characters


def same(have: str | None, want: str) -> bool:
    """Whether a station that says `have` has what was wanted: stations write booleans, numbers and lists their own way.

    >>> same("TRUE", "true"), same("10.0", "10"), same("Voltage, SoC", "SoC,Voltage"), same("", "0")
    (True, True, True, False)
    """
    if have is None:
        return False
    have, want = have.strip().lower(), want.strip().lower()
    if have == want:
        return True
    if "," in have or "," in want:
        return sorted(part.strip() for part in have.split(",")) == sorted(part.strip() for part in want.split(","))
    if not have or not want or len(have) > _NUMBER_MAX or len(want) > _NUMBER_MAX:
        return False
    try:
        return Decimal(have) == Decimal(want)
    except InvalidOperation:
        return False


def wanted_of(it: Target, templates: Iterable[Template], own: Iterable[Wanted]) -> dict[str, Wanted]:
    """Return what is wanted of a station by folded key of its version: its own wishes over its templates'."""
    found: dict[str, Wanted] = {}
    fitting = [template for template in templates if template.fits(it)]
    for template in sorted(fitting, key=lambda each: (each.priority, each.exactness, each.name)):
        for key, value in template.settings.items():
            _want(found, it, Wanted(key=key, value=value, source=f"template:{template.name}"))
    for wish in own:
        _want(found, it, wish)
    return found


def _want(found: dict[str, Wanted], it: Target, wish: Wanted) -> None:
    key = in_version(wish.key, it.protocol)
    if key is not None:
        found[folded(key)] = Wanted(key=key, value=wish.value, source=wish.source)


def state_of(reported: Reported | None, wish: Wanted | None, attempt: Attempt | None) -> SettingState:
    """Return where a setting stands between what its station says, what is wanted, and the last try."""
    if wish is None:
        return "free"
    outcome = attempt.outcome or "waiting" if attempt is not None and attempt.value == wish.value else None
    if outcome in ("waiting", "reboot_needed"):
        return outcome
    if reported is not None and same(reported.value, wish.value):
        return "as_wanted"
    if outcome in ("refused", "not_supported"):
        return outcome
    return "unknown" if reported is None or reported.value is None else "off"


def settings_of(
    it: Target, reported: Mapping[str, Reported], wanted: Mapping[str, Wanted], attempts: Mapping[str, Attempt]
) -> list[Setting]:
    """Return all settings of a station as people see them, by key; maps are by folded key."""
    found = []
    for name in sorted(reported.keys() | wanted.keys()):
        told, wish, attempt = reported.get(name), wanted.get(name), attempts.get(name)
        key = told.key if told is not None else wanted[name].key
        hidden = secret(key)
        found.append(
            Setting(
                key=key,
                state=state_of(told, wish, attempt),
                name_16=old_name(key, it.protocol),
                value=None if hidden or told is None else told.value,
                wanted=None if wish is None else wish.value,
                wanted_by=None if wish is None else wish.source,
                secret=hidden,
                mutability="write_only" if hidden else "read_write" if told is None else told.mutability,
                unit=None if told is None else told.unit,
                data_type=None if told is None else told.data_type,
                minimum=None if told is None else told.minimum,
                maximum=None if told is None else told.maximum,
                allowed=[] if told is None or not told.allowed else told.allowed.split(","),
                monitored=told is not None and told.monitored,
                reported_at=None if told is None else told.reported_at,
                why=None if attempt is None or wish is None or attempt.value != wish.value else attempt.why,
            )
        )
    return found
