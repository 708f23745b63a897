"""What a booking costs: a call of its own, on its own bill, by the elements that are for bookings."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.kernel.money import Money
from zaryad.tariffs.bill import bill
from zaryad.tariffs.model import Bill, Point, TariffVersion
from zaryad.tariffs.terms import NOTHING, About, Element


def booking_bill(  # noqa: PLR0917  # who, where, from when to when, and how it ended
    version: TariffVersion,
    timezone: str,
    booked_at: dt.datetime,
    ended_at: dt.datetime,
    expired: bool,
    about: About = NOTHING,
) -> Bill:
    """Price a booking from its start until charging began, or until it expired (OCPI 2.2.1, `reservation`).

    Per dimension, what is for expired bookings goes before what is for all. A minimum and a maximum are a session's.
    """
    wanted = ["expired", "used"] if expired else ["used"]
    elements = tuple(
        Element(element.components, msgspec.structs.replace(element.when, booking=None))
        for want in wanted
        for element in version.elements
        if element.when.booking == want
    )
    if not elements:
        return Bill((), Money(0, version.currency))
    terms = msgspec.structs.replace(version.terms, least=None, most=None)
    alone = msgspec.structs.replace(version, elements=elements, terms=terms)
    return bill(alone, timezone, [Point(booked_at, 0), Point(max(booked_at, ended_at), 0)], about)
