"""A station's message on its way from the socket to its handler."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.link.facts import MeterRead
from zaryad.ocpp.codec import Heard
from zaryad.ocpp.rpc import Call, Fault, Told


class Work(msgspec.Struct, gc=False):
    """A message waiting to be handled: understood already, or with the error it will be answered by."""

    call: Call | Told
    text: str
    received_at: dt.datetime
    began: float
    heard: Heard | None = None
    fault: Fault | None = None
    why: str = ""

    @property
    def is_reading(self) -> bool:
        """Whether it may be handled together with others of its kind."""
        return self.heard is not None and type(self.heard.fact) is MeterRead
