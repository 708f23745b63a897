"""The base of all 2.x shapes, and the simple types they are made of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

Text3 = Annotated[str, Meta(max_length=3)]
Text6 = Annotated[str, Meta(max_length=6)]
Text8 = Annotated[str, Meta(max_length=8)]
Text16 = Annotated[str, Meta(max_length=16)]
Text20 = Annotated[str, Meta(max_length=20)]
Text25 = Annotated[str, Meta(max_length=25)]
Text32 = Annotated[str, Meta(max_length=32)]
Text36 = Annotated[str, Meta(max_length=36)]
Text40 = Annotated[str, Meta(max_length=40)]
Text48 = Annotated[str, Meta(max_length=48)]
Text50 = Annotated[str, Meta(max_length=50)]
Text60 = Annotated[str, Meta(max_length=60)]
Text64 = Annotated[str, Meta(max_length=64)]
Text80 = Annotated[str, Meta(max_length=80)]
Text88 = Annotated[str, Meta(max_length=88)]
Text100 = Annotated[str, Meta(max_length=100)]
Text128 = Annotated[str, Meta(max_length=128)]
Text160 = Annotated[str, Meta(max_length=160)]
Text200 = Annotated[str, Meta(max_length=200)]
Text255 = Annotated[str, Meta(max_length=255)]
Text256 = Annotated[str, Meta(max_length=256)]
Text500 = Annotated[str, Meta(max_length=500)]
Text512 = Annotated[str, Meta(max_length=512)]
Text800 = Annotated[str, Meta(max_length=800)]
Text1000 = Annotated[str, Meta(max_length=1000)]
Text1024 = Annotated[str, Meta(max_length=1024)]
Text2000 = Annotated[str, Meta(max_length=2000)]
Text2500 = Annotated[str, Meta(max_length=2500)]
Text5500 = Annotated[str, Meta(max_length=5500)]
Text5600 = Annotated[str, Meta(max_length=5600)]
Text7500 = Annotated[str, Meta(max_length=7500)]
Text10000 = Annotated[str, Meta(max_length=10000)]
Text11000 = Annotated[str, Meta(max_length=11000)]
Text17000 = Annotated[str, Meta(max_length=17000)]
Text18000 = Annotated[str, Meta(max_length=18000)]
Text32768 = Annotated[str, Meta(max_length=32768)]

At = Annotated[dt.datetime, Meta(tz=True)]

# The standard's integers have 32 bits. Which are not negative only 2.1's schemas say; a shape serves both versions.
Whole = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Natural = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Positive = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Phases = Annotated[int, Meta(ge=0, le=3)]
EvseNumber = Annotated[int, Meta(ge=0, le=9_999)]  # of an EVSE, or of a connector in it; 0 is the station
OneEvse = Annotated[int, Meta(ge=1, le=9_999)]

_T = TypeVar("_T")
Some = Annotated[list[_T], Meta(min_length=1)]
CustomData = dict[str, Any]  # `vendorId`, and whatever that vendor wants


class Wire(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """Base of all shapes. Unknown fields are an error here, so that the repair sees and counts them.

    What is absent is None; a default in meaning is applied by whoever reads. A JSON number is a Decimal, which may
    have come as a text, and as any text that Decimal knows: `repair.sane` says whether one can count with it.
    """

    custom_data: CustomData | None = None
