"""Which stations a bulk order would reach, and which could not be told; nothing is written down by it."""

from __future__ import annotations

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.orders import AnyOrder
from zaryad.platform.db import Tx
from zaryad.stations.orders.bulk import store
from zaryad.stations.orders.bulk.model import NEVER, STATIONS_MAX, BulkItem, Candidate, StationFilter
from zaryad.stations.orders.check import check
from zaryad.stations.orders.model import Sayable, Unsayable
from zaryad.stations.orders.place import fits
from zaryad.stations.orders.profiles.limits import LimitsOf, ProfileLimits, check_limits, profile_in
from zaryad.stations.orders.store import Reached


async def plan(tx: Tx, where: StationFilter, what: AnyOrder, sayable: Sayable, limits: LimitsOf) -> list[BulkItem]:
    """Judge the order for every station that the filter finds.

    DomainError INVALID `order_field_invalid`, `bulk_kind_invalid`, `bulk_filter_empty`; REFUSED `bulk_too_many`.
    """
    tag = str(type(what).__struct_config__.tag)
    if tag in NEVER:
        raise DomainError(Kind.INVALID, "bulk_kind_invalid", order=tag)
    check(what)
    if not where.says_something:
        raise DomainError(Kind.INVALID, "bulk_filter_empty")
    found = await store.candidates(tx, where)
    if len(found) > STATIONS_MAX:
        raise DomainError(Kind.REFUSED, "bulk_too_many", most=STATIONS_MAX)
    words: dict[str, Unsayable | None] = {}  # of each protocol: the same for all its stations
    profile = profile_in(what)
    takes = {} if profile is None else await limits(tx, [each.id for each in found])
    items = []
    for each in found:
        if each.protocol is not None and each.protocol not in words:
            words[each.protocol] = sayable(each.protocol, what)
        items.append(_judged(each, what, words.get(each.protocol or ""), takes.get(each.id)))
    return items


def _judged(it: Candidate, what: AnyOrder, unsayable: Unsayable | None, takes: ProfileLimits | None) -> BulkItem:
    if unsayable is not None and unsayable.field is None:
        return _item(it, BulkItem(station_id=it.id, state="not_supported", detail={"why": unsayable.why}))
    if unsayable is not None:
        detail = {"field": unsayable.field, "why": unsayable.why}
        return _item(it, BulkItem(station_id=it.id, state="invalid", detail=detail))
    try:
        fits(Reached(it.id, it.connected, it.protocol, it.connectors), what)
        profile = profile_in(what)
        if profile is not None and takes is not None:
            check_limits(profile, takes)
    except DomainError as error:
        return _item(it, BulkItem(station_id=it.id, state="invalid", detail=dict(error.facts)))
    return _item(it, BulkItem(station_id=it.id, state="waiting"))


def _item(it: Candidate, item: BulkItem) -> BulkItem:
    return BulkItem(station_id=item.station_id, state=item.state, detail=item.detail, connected=it.connected)
