"""Why a session ended, from the station's word and from what we know besides: 1.6 often says only "Other"."""

from __future__ import annotations

from zaryad.charging.model import EndReason, Session, Settings
from zaryad.link.facts import ConnectorState, StopCause

# These the station saw with its own eyes, whatever we had ordered.
_SEEN = {
    StopCause.EMERGENCY_STOP: EndReason.EMERGENCY_STOP,
    StopCause.POWER_LOSS: EndReason.POWER_LOST,
    StopCause.EV_DISCONNECTED: EndReason.UNPLUGGED,
}
_SAID = {
    StopCause.HARD_RESET: EndReason.OPERATOR,
    StopCause.SOFT_RESET: EndReason.OPERATOR,
    StopCause.UNLOCK_COMMAND: EndReason.OPERATOR,
    StopCause.REBOOT: EndReason.STATION_FAULT,
    StopCause.LOCAL: EndReason.DRIVER,
}


def why(rules: Settings, session: Session, cause: StopCause, connector_state: ConnectorState | None) -> EndReason:
    """Return the reason to tell. `connector_state` is the connector's last word."""
    if cause in _SEEN:
        return _SEEN[cause]
    if session.stop_reason is not None:  # many stations say Local or Other where they obeyed us
        return session.stop_reason
    if cause is StopCause.DEAUTHORIZED:
        return EndReason.TOKEN_REFUSED
    if connector_state is ConnectorState.FAULTED:
        return EndReason.STATION_FAULT
    if cause in (StopCause.LOCAL, StopCause.OTHER) and _full(rules, session):
        return EndReason.CAR_FULL
    return _SAID.get(cause, EndReason.OTHER)


def _full(rules: Settings, session: Session) -> bool:
    """Whether the car had taken all it wanted: it paused by itself, nearly full as far as it tells."""
    soc = session.soc_percent
    return (session.paused_by == "ev" and (soc is None or soc >= rules.car_full_soc)) or soc == 100
