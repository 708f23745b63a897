"""Where a list goes on: after a moment and an id, in one word that clients hand back unread."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from zaryad.kernel.errors import DomainError, Kind

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)


def moment_cursor(at: dt.datetime, id: UUID) -> str:
    """Return the word for the last one seen."""
    return f"{(at - _EPOCH) // _TICK}-{id.hex}"


def read_moment(cursor: str) -> tuple[dt.datetime, UUID]:
    """Read it; DomainError INVALID `bad_cursor`."""
    microseconds, _, id = cursor.partition("-")
    try:
        return _EPOCH + int(microseconds) * _TICK, UUID(hex=id)
    except (ValueError, OverflowError) as error:
        raise DomainError(Kind.INVALID, "bad_cursor") from error
