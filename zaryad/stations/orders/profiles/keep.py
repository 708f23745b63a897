"""Profiles under names, for orders to name; checked like those that are set at once."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.orders import Profile, SetProfile
from zaryad.platform.db import Tx
from zaryad.stations.orders.check_profile import check_profile
from zaryad.stations.orders.profiles import store
from zaryad.stations.orders.profiles.model import Name, Template

NOTE_MAX = 500


class SetProfileBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set a charging profile at a connector, 0 for the whole station: either `profile` itself, or `name` of a kept one.

    `number` and `charge_ref` replace what the kept one says.
    """

    connector: int
    profile: Profile | None = None
    name: Name | None = None
    number: int | None = None
    charge_ref: str | None = None


async def keep(tx: Tx, name: str, profile: Profile, note: str, *, by: UUID, now: dt.datetime) -> Template:
    """Write a profile under a name. INVALID `order_field_invalid` with the path of what breaks a rule."""
    check_profile(profile, bound=False)
    if len(note) > NOTE_MAX:
        raise DomainError(Kind.INVALID, "order_field_invalid", field="note")
    it = Template(name=name, profile=profile, note=note, changed_at=now, changed_by=by)
    await store.put_template(tx, it)
    return it


async def kept(tx: Tx, name: str) -> Template:
    """Return the profile of this name; NOT_FOUND `profile_unknown`."""
    found = await store.template_named(tx, name)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "profile_unknown", name=name)
    return found


async def order_of(tx: Tx, body: SetProfileBody) -> SetProfile:
    """Make the order of a body that has a profile, or names one."""
    if (body.profile is None) is (body.name is None):
        raise DomainError(Kind.INVALID, "order_field_invalid", field="profile")
    profile = body.profile if body.name is None else (await kept(tx, body.name)).profile
    assert profile is not None
    changes = {name: getattr(body, name) for name in ("number", "charge_ref") if getattr(body, name) is not None}
    return SetProfile(body.connector, msgspec.structs.replace(profile, **changes))
