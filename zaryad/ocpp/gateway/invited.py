"""What a station may say before its boot is accepted, because we asked for it (1.6 4.2; 2.x B02.FR.09, B03.FR.07)."""

from __future__ import annotations

import msgspec

from zaryad.link.facts import Part
from zaryad.ocpp.codec import Heard
from zaryad.ocpp.rpc import Body

KINDS_MAX = 16
STARTS_AND_STOPS = frozenset(
    {"RemoteStartTransaction", "RemoteStopTransaction", "RequestStartTransaction", "RequestStopTransaction"}
)
_REPORTS = {"GetBaseReport": "NotifyReport", "GetReport": "NotifyReport"}
_TRIGGERS = frozenset({"TriggerMessage", "ExtendedTriggerMessage"})
_OTHERWISE_NAMED = {
    "SignChargePointCertificate": "SignCertificate",
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignV2G20Certificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
}
_OF_EVERY_CONNECTOR = frozenset({"StatusNotification", "MeterValues", "TransactionEvent"})
_MANY = 2_000  # messages that one trigger without a connector, or one report, may bring


class Invitations:
    """Which messages are invited, and how many of each are still to come."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def note(self, action: str, body: Body) -> None:
        """Learn from a request of ours what the station will say because of it."""
        if action in _REPORTS:
            self._add(_REPORTS[action], _MANY)
        elif action in _TRIGGERS:
            said = msgspec.to_builtins(body)
            message = said.get("requestedMessage")
            if message == "CustomTrigger":
                message = said.get("customTrigger")
            named = "connectorId" in said or "evse" in said
            if isinstance(message, str):
                many = message in _OF_EVERY_CONNECTOR and not named
                self._add(_OTHERWISE_NAMED.get(message, message), _MANY if many else 1)
                if message == "StatusNotification":
                    self._add("NotifyEvent", _MANY if many else 1)  # 2.1 says it so
        elif action == "DataTransfer" and msgspec.to_builtins(body).get("messageId") == "TriggerMessage":
            self._add("DataTransfer", 1)  # 1.6's Plug & Charge

    def admit(self, action: str, heard: Heard | None) -> bool:
        """Say whether a message was invited, and count it; a report is over with its last part."""
        left = self._left.get(action, 0)
        if not left:
            return False
        over = heard is not None and isinstance(heard.fact, Part) and heard.fact.last
        if left == 1 or over:
            del self._left[action]
        else:
            self._left[action] = left - 1
        return True

    def _add(self, action: str, times: int) -> None:
        if action in self._left or len(self._left) < KINDS_MAX:
            self._left[action] = max(times, self._left.get(action, 0))
