"""Quirks at work: on a message as it was read, on the fact it became, on an order before it is said."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from functools import cache
from typing import TypeVar

import msgspec

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link import orders
from zaryad.link.facts import (
    ChargingBegan,
    ChargingEnded,
    Fact,
    MeterRead,
    Reading,
    TokenPresented,
    TransactionReported,
)
from zaryad.ocpp.quirks.model import Quirks
from zaryad.ocpp.repair import Violation

S = TypeVar("S", bound=msgspec.Struct)

CARD_LENGTHS = frozenset({8, 14, 20})  # hex digits of a card's number: four, seven or ten bytes


@cache
def _names(shape: type[msgspec.Struct]) -> Mapping[str, str]:
    """Return a shape's fields by their names on the wire."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(shape)}


def spare(shape: type[msgspec.Struct], defaults: Mapping[str, object]) -> dict[str, object]:
    """Return what stands in for fields of this shape."""
    names = _names(shape)
    return {names[field]: value for field, value in defaults.items() if field in names}


def of_said(said: S, action: str, quirks: Quirks, notes: list[Violation]) -> S:
    """Put the standard's words for the vendor's own."""
    changes: dict[str, object] = {}
    values = msgspec.structs.asdict(said)
    for field, table in quirks.words.get(action, {}).items():
        name = _names(type(said)).get(field, "")
        meant = table.get(str(values.get(name)))
        if meant is not None:
            changes[name] = meant
            notes[:] = [note for note in notes if (note.kind, note.where) != ("unknown_word", field)]
    return msgspec.structs.replace(said, **changes) if changes else said


def worth_noting(notes: list[Violation], quirks: Quirks) -> list[Violation]:
    """Leave out the liberties that are known of this vendor and not counted."""
    return [note for note in notes if not any(_is_about(pattern, note) for pattern in quirks.ignore)]


def _is_about(pattern: str, note: Violation) -> bool:
    kind, _, where = pattern.partition(":")
    return note.kind == kind and (not where or fnmatch.fnmatchcase(note.where, where))


def of_fact(fact: Fact, quirks: Quirks) -> Fact:
    """Say in our units and our order what the station says in its own."""
    match fact:
        case MeterRead(readings=readings) | TransactionReported(readings=readings) | ChargingEnded(readings=readings):
            if readings and (quirks.energy_scale, quirks.power_scale) != (1, 1):
                fact = msgspec.structs.replace(fact, readings=tuple(_scaled(read, quirks) for read in readings))
    if isinstance(fact, ChargingBegan):
        fact = msgspec.structs.replace(fact, meter_start_mwh=fact.meter_start_mwh * quirks.register_scale)
    if isinstance(fact, ChargingEnded):
        fact = msgspec.structs.replace(fact, meter_stop_mwh=fact.meter_stop_mwh * quirks.register_scale)
    if isinstance(fact, TokenPresented | ChargingBegan | ChargingEnded | TransactionReported) and (
        quirks.tokens_reversed and fact.token is not None
    ):
        fact = msgspec.structs.replace(fact, token=reversed_card(fact.token))
    return fact


def _scaled(read: Reading, quirks: Quirks) -> Reading:
    return msgspec.structs.replace(
        read,
        energy_mwh=_times(read.energy_mwh, quirks.energy_scale),
        power_mw=_times(read.power_mw, quirks.power_scale),
    )


def _times(value: int | None, scale: int) -> int | None:
    if value is None or abs(value * scale) >= QUANTITY_MAX:
        return None
    return value * scale


def of_order(order: orders.Order, quirks: Quirks) -> orders.Order:
    """Name cards as the station does."""
    if not quirks.tokens_reversed:
        return order
    match order:
        case orders.StartCharging() | orders.Reserve():
            return msgspec.structs.replace(order, token=reversed_card(order.token))
        case orders.SendLocalList():
            entries = tuple(msgspec.structs.replace(entry, token=reversed_card(entry.token)) for entry in order.entries)
            return msgspec.structs.replace(order, entries=entries)
    return order


def reversed_card(token: str) -> str:
    """Return a card's number with its bytes the other way round; what is no card's number stays as it is."""
    if len(token) not in CARD_LENGTHS:
        return token
    try:
        turned = bytes.fromhex(token)[::-1].hex()
    except ValueError:
        return token
    return turned.upper() if token.upper() == token else turned
