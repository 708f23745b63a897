"""What we send is exactly what a version's shapes allow: anything else stays unsaid."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


class UnsayableError(Exception):
    """The order has no words in this version: it ends as not supported, unsent."""


def strictly(said: object, shape: type[S]) -> S:
    """Return it as the shape that the version has for it; UnsayableError names the field that does not fit.

    What is said in a newer version's words fits an older one's shape where nothing newer is in it.
    """
    try:
        plain = msgspec.to_builtins(said)
        msgspec.json.encode(plain)  # half characters have no place in a frame
        return msgspec.convert(plain, shape)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnsayableError(str(error)) from error


def whole_seconds(at: dt.datetime) -> dt.datetime:
    """Return it in whole seconds: some stations cannot read the microseconds that Python would write."""
    return at.astimezone(dt.UTC).replace(microsecond=0)


def whole_seconds_if(at: dt.datetime | None) -> dt.datetime | None:
    """Return it in whole seconds where there is one."""
    return None if at is None else whole_seconds(at)
