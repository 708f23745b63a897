"""Reservations at stations: a connector kept for a token until a moment. Import from here."""

from zaryad.booking.cancel import cancel, cancel_concluded
from zaryad.booking.end import connector_changed, expire, forget_old, note_ended, used
from zaryad.booking.model import Reservation, ReservationStatus
from zaryad.booking.reserve import find, reserve, reserve_concluded

__all__ = [
    "Reservation",
    "ReservationStatus",
    "cancel",
    "cancel_concluded",
    "connector_changed",
    "expire",
    "find",
    "forget_old",
    "note_ended",
    "reserve",
    "reserve_concluded",
    "used",
]
