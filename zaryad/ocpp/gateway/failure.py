"""What a failed handler is answered with. Never a false "Accepted"; and a storm of failures is not a storm of logs."""

from __future__ import annotations

import time

import structlog

from zaryad.kernel.errors import DomainError, Kind
from zaryad.ocpp.codec import UntranslatableError
from zaryad.ocpp.rpc import Fault

log = structlog.get_logger()

LOG_EVERY_S = 1.0

_FAULTS = {
    Kind.INVALID: Fault.PROPERTY,
    Kind.UNAUTHENTICATED: Fault.SECURITY,
    Kind.FORBIDDEN: Fault.SECURITY,
}
_logged: dict[str, float] = {}
_hushed: dict[str, int] = {}


def fault_of(error: Exception, station_id: str, action: str) -> tuple[Fault, str]:
    """Return the error that the station hears; its text tells nothing of our insides."""
    if isinstance(error, UntranslatableError):
        return error.fault, error.why
    if isinstance(error, DomainError):
        return _FAULTS.get(error.kind, Fault.INTERNAL), error.code
    if isinstance(error, TimeoutError):
        surprising("ocpp.handler_too_slow", station_id, action)
        return Fault.INTERNAL, "busy; try again"
    surprising("ocpp.handler_failed", station_id, action)
    return Fault.INTERNAL, "try again"


def surprising(event: str, station_id: str, action: str) -> None:
    """Log the exception being handled, each kind of event at most once a second."""
    now = time.monotonic()
    if now - _logged.get(event, -LOG_EVERY_S) < LOG_EVERY_S:
        _hushed[event] = _hushed.get(event, 0) + 1
        return
    _logged[event] = now
    log.exception(event, station=station_id, action=action, hushed=_hushed.pop(event, 0))  # noqa: LOG004  # called in one
