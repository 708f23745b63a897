"""Outlets kept for somebody, and the list of tokens that may always charge. The same in all versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from zaryad.sandbox.kept import Reservation
from zaryad.sandbox.model import KnownToken, StationMemory

LIST_MAX = 20_000  # entries a station has room for


def kept_for(memory: StationMemory, connector: int, others: int) -> Reservation | None:
    """Return the reservation of an outlet; one for any outlet counts where no other is free (`others` free ones)."""
    for it in memory.reservations.values():
        if it.connector == connector or (it.connector == 0 and others < 1):
            return it
    return None


def may_use(reservation: Reservation | None, token: str | None, group: str | None) -> bool:
    """Whether somebody may charge on an outlet that is kept, or is not."""
    if reservation is None:
        return True
    mine = token is not None and reservation.token.upper() == token.upper()
    return mine or (group is not None and reservation.group is not None and reservation.group.upper() == group.upper())


def expired(memory: StationMemory, at: dt.datetime) -> list[Reservation]:
    """Take out the reservations whose time is over."""
    over = [it for it in memory.reservations.values() if it.until <= at]
    for it in over:
        del memory.reservations[it.id]
    return over


def listed(memory: StationMemory, token: str, at: dt.datetime) -> KnownToken | None:
    """Return what the local list says of a token."""
    known = memory.local_list.get(token.upper())
    if known is not None and known.expires_at is not None and known.expires_at <= at:
        return KnownToken("Expired", known.expires_at, known.group)
    return known


def send_list(
    memory: StationMemory, version: int, entries: Iterable[tuple[str, KnownToken | None]], *, full: bool
) -> str:
    """Take a local list, or changes of it; the answer is Accepted, Failed or VersionMismatch (D01, D02)."""
    changes = list(entries)
    if version <= 0 or (full and any(known is None for _, known in changes)):
        return "Failed"
    if not full and version <= memory.list_version:
        return "VersionMismatch"
    tokens = [token.upper() for token, _ in changes]
    if len(set(tokens)) != len(tokens) or len(tokens) > LIST_MAX:
        return "Failed"
    if full:
        memory.local_list.clear()
    for token, known in changes:
        if known is None:
            memory.local_list.pop(token.upper(), None)
        else:
            memory.local_list[token.upper()] = known
    memory.list_version = version
    return "Accepted"
