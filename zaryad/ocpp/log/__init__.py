"""The OCPP log, read: search, one transaction's story, export, live tail. Who may read is decided by the caller."""

from zaryad.ocpp.log.export import ROWS_MAX, Line, line_of, lines
from zaryad.ocpp.log.model import CUT, Exchange, Filter, Frame, read_key
from zaryad.ocpp.log.read import Said, said
from zaryad.ocpp.log.search import Page, bounded, find, search
from zaryad.ocpp.log.story import Plot, plot, story
from zaryad.ocpp.log.tail import Tail, tail
from zaryad.ocpp.log.tell import WANTED, Teller

__all__ = [
    "CUT",
    "ROWS_MAX",
    "WANTED",
    "Exchange",
    "Filter",
    "Frame",
    "Line",
    "Page",
    "Plot",
    "Said",
    "Tail",
    "Teller",
    "bounded",
    "find",
    "line_of",
    "lines",
    "plot",
    "read_key",
    "said",
    "search",
    "story",
    "tail",
]
