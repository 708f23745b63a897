"""The base of all 1.6 shapes, and the simple types they are made of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

Text20 = Annotated[str, Meta(max_length=20)]  # CiString20Type and so on: case does not matter in comparison
Text25 = Annotated[str, Meta(max_length=25)]
Text50 = Annotated[str, Meta(max_length=50)]
Text255 = Annotated[str, Meta(max_length=255)]
Text500 = Annotated[str, Meta(max_length=500)]
At = Annotated[dt.datetime, Meta(tz=True)]
Whole = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Connector = Annotated[int, Meta(ge=0, le=9_999)]
Wh = Annotated[int, Meta(ge=-(10**12), le=10**12)]  # a register; petawatt-hours are somebody's mistake

AcceptedRejected = Literal["Accepted", "Rejected"]


class Wire(Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """Base of all shapes. Unknown fields are an error here, so that the repair sees and counts them."""


class Empty(Wire, frozen=True):
    """`{}`: the answer to many requests."""
