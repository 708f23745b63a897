"""When to ask a provider what no notice told. Pure: the same inputs, the same moment.

At 3, 5, 10, 15 s, then every 15 s for five minutes, every minute until the link expires, just after that,
and 1 h, 6 h and 24 h later for money that comes late.
"""

from __future__ import annotations

import datetime as dt
from itertools import chain

_FIRST_S = (3, 5, 10)
_OFTEN = range(15, 301, 15)
_AFTER_EXPIRY_S = (2, 3600, 6 * 3600, 24 * 3600)
NO_ANSWER = dt.timedelta(hours=1)  # when the last check of all got no answer
CREATE_AGAIN_S = (1, 2, 5, 10, 20, 30)


def next_check(begun: dt.datetime, expires: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """Return the first moment after `now`; None when enough was asked."""
    life_s = max(0, int((expires - begun).total_seconds()))
    before = (s for s in chain(_FIRST_S, _OFTEN, range(360, life_s + 1, 60)) if s < life_s)
    for seconds in chain(before, (life_s + after for after in _AFTER_EXPIRY_S)):
        at = begun + dt.timedelta(seconds=seconds)
        if at > now:
            return at
    return None


def create_again(turn: int, now: dt.datetime) -> dt.datetime:
    """Return when to try again to create a payment at the provider."""
    return now + dt.timedelta(seconds=CREATE_AGAIN_S[min(turn, len(CREATE_AGAIN_S) - 1)])
