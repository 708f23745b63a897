"""What people want of settings: of one station by name, of many by templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.orders import OrderId
from zaryad.maintenance.settings import store
from zaryad.maintenance.settings.bring import as_target, bring, wanted
from zaryad.maintenance.settings.compare import settings_of
from zaryad.maintenance.settings.model import (
    VALUE_MAX_16,
    Setting,
    Settings,
    Target,
    Template,
    TemplateId,
    Wanted,
    check_settings,
)
from zaryad.maintenance.settings.names import folded, in_version, old
from zaryad.platform.db import Tx
from zaryad.stations import list_stations

PATTERN_MAX = 100
NAME_MAX = 100
PAGE = 500


async def want(  # noqa: PLR0917  # whom, what, by which rules, for whom
    tx: Tx, it: Target, changes: Mapping[str, str | None], rules: Settings, author: str, now: dt.datetime
) -> list[OrderId]:
    """Write down what settings should be (None: no longer anybody's wish), and bring the station to it.

    DomainError INVALID names a key that this station's version has no word for, a value it could not hold, or what
    the station has told to be read-only or of other values.
    """
    values = {key: value for key, value in changes.items() if value is not None}
    check_settings(values)
    named: dict[str, str] = {}
    for key in changes:
        own = in_version(key, it.protocol)
        if own is None:
            raise DomainError(Kind.INVALID, "setting_not_of_version", key=key, protocol=it.protocol)
        named[key] = own
    await _possible(tx, it, {named[key]: value for key, value in values.items()})
    await store.wish_no_more(tx, it.id, [named[key] for key, value in changes.items() if value is None])
    for key, value in sorted(values.items()):
        await store.wish(tx, it.id, Wanted(key=named[key], value=value, source=author), now)
    wishes = {folded(name): Wanted(key=name, value="", source=author) for name in named.values()}
    return await bring(tx, it, rules, author, now, wishes=wishes, again=True)


async def _possible(tx: Tx, it: Target, values: Mapping[str, str]) -> None:
    told = await store.reported(tx, it.id, [folded(key) for key in values])
    for key, value in values.items():
        if old(it.protocol) and len(value) > VALUE_MAX_16:
            raise DomainError(Kind.INVALID, "setting_value_invalid", key=key, most=VALUE_MAX_16)
        known = told.get(folded(key))
        if known is None:
            continue
        if known.mutability == "read_only" or known.constant:
            raise DomainError(Kind.INVALID, "setting_read_only", key=key)
        allowed = [word.strip().lower() for word in (known.allowed or "").split(",") if word.strip()]
        if allowed and not {word.strip().lower() for word in value.split(",")} <= set(allowed):
            raise DomainError(Kind.INVALID, "setting_value_not_allowed", key=key, allowed=known.allowed or "")


async def put_template(tx: Tx, it: Template, author: str, now: dt.datetime, *, version: int | None) -> Template:
    """Write a template; `version` is the one the writer has seen, None for a new one.

    DomainError INVALID for what cannot be, CONFLICT when somebody else has changed it meanwhile or has the name.
    """
    check_settings(it.settings)
    if not 0 < len(it.name.strip()) <= NAME_MAX or not it.settings:
        raise DomainError(Kind.INVALID, "template_invalid", most=NAME_MAX)
    for pattern in (it.vendor, it.model, it.firmware):
        if pattern is not None and not 0 < len(pattern) <= PATTERN_MAX:
            raise DomainError(Kind.INVALID, "template_invalid", most=PATTERN_MAX)
    known = await store.template(tx, it.id, lock=True)
    if (None if known is None else known.version) != version:
        raise DomainError(Kind.CONFLICT, "template_changed_meanwhile")
    fresh = msgspec.structs.replace(it, version=(version or 0) + 1, changed_by=author, changed_at=now)
    if not await store.put_template(tx, fresh):
        raise DomainError(Kind.CONFLICT, "template_name_taken", name=it.name)
    return fresh


async def find_template(tx: Tx, id: TemplateId) -> Template:
    """Return the template, or DomainError NOT_FOUND."""
    found = await store.template(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "template_unknown")
    return found


async def fitting(tx: Tx, it: Template, now: dt.datetime) -> list[Target]:
    """Return the stations a template is for."""
    found: list[Target] = []
    after = None
    while True:
        page = await list_stations(tx, now, after=after, limit=PAGE)
        found += [target for target in map(as_target, page) if it.fits(target)]
        if len(page) < PAGE:
            return found
        after = page[-1].id


async def differing(tx: Tx, targets: Sequence[Target]) -> dict[str, list[Setting]]:
    """Return, by station, the settings that are not what is wanted of them."""
    found = {}
    for it in targets:
        asked = await wanted(tx, it)
        settings = settings_of(it, await store.reported(tx, it.id, list(asked)), asked, await store.attempts(tx, it.id))
        off = [setting for setting in settings if setting.state not in ("free", "as_wanted")]
        if off:
            found[it.id] = off
    return found


async def apply(
    tx: Tx, targets: Sequence[Target], rules: Settings, author: str, now: dt.datetime
) -> dict[str, list[OrderId]]:
    """Bring these stations to what is wanted of them; returns the orders of each."""
    return {it.id: await bring(tx, it, rules, author, now) for it in targets}
