"""The life of a charging session: from the tap on the phone, or the card at the station, to the settled bill."""

from zaryad.charging.authorize import authorize
from zaryad.charging.begin import Reserved, begin
from zaryad.charging.end import end
from zaryad.charging.find import session_for, sessions, sessions_of
from zaryad.charging.give_up import cancel_start, give_up_start, start_concluded, stop_concluded
from zaryad.charging.jobs import jobs, sweeps
from zaryad.charging.metering import MeterBook
from zaryad.charging.model import (
    DEFAULTS,
    EndReason,
    Flag,
    Limit,
    Origin,
    Session,
    SessionId,
    Settings,
    State,
    token_of,
)
from zaryad.charging.seen import connector_seen
from zaryad.charging.settle import settle
from zaryad.charging.start import start
from zaryad.charging.stop import stop
from zaryad.charging.transaction import look_after, report, transaction_told, working_on
from zaryad.charging.view import BillView, EventView, SessionView, bill_view, events_view, view
from zaryad.charging.watch.audit import audit
from zaryad.charging.watch.sweep import make_partitions, sweep

__all__ = [
    "DEFAULTS",
    "BillView",
    "EndReason",
    "EventView",
    "Flag",
    "Limit",
    "MeterBook",
    "Origin",
    "Reserved",
    "Session",
    "SessionId",
    "SessionView",
    "Settings",
    "State",
    "audit",
    "authorize",
    "begin",
    "bill_view",
    "cancel_start",
    "connector_seen",
    "end",
    "events_view",
    "give_up_start",
    "jobs",
    "look_after",
    "make_partitions",
    "report",
    "session_for",
    "sessions",
    "sessions_of",
    "settle",
    "start",
    "start_concluded",
    "stop",
    "stop_concluded",
    "sweep",
    "sweeps",
    "token_of",
    "transaction_told",
    "view",
    "working_on",
]
