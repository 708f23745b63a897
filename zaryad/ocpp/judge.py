"""What a station's answer to an order comes to, softly: what matters is one word, or one word for each of a list."""

from __future__ import annotations

from collections.abc import Mapping

from zaryad.link import orders
from zaryad.link.orders import OrderState

# Status word of an answer -> what the order comes to. A word that is missing here is a refusal.
STATES: Mapping[str, OrderState] = {
    "Accepted": OrderState.DONE,
    "AcceptedCanceled": OrderState.DONE,  # taken, and what was under way before is dropped
    "EmptyResultSet": OrderState.DONE,  # nothing to report
    "RebootRequired": OrderState.DONE,
    "Scheduled": OrderState.DONE,
    "Unlocked": OrderState.DONE,
    "Unpublished": OrderState.DONE,
    "NotSupported": OrderState.NOT_SUPPORTED,
    "NotImplemented": OrderState.NOT_SUPPORTED,
    "UnknownVendorId": OrderState.NOT_SUPPORTED,
    "UnknownMessageId": OrderState.NOT_SUPPORTED,
}

# Words that say that there was nothing: an answer like any other to these.
_NONE_THERE: Mapping[type[orders.Order], str] = {
    orders.ClearProfiles: "Unknown",
    orders.ReportProfiles: "NoProfiles",
    orders.ReportDisplays: "Unknown",
    orders.ListCertificates: "NotFound",
}

# Where an answer is a list of answers, and the word in each.
_LISTS = (
    ("getVariableResult", "attributeStatus"),
    ("setVariableResult", "attributeStatus"),
    ("setMonitoringResult", "status"),
    ("clearMonitoringResult", "status"),
    ("clearTariffsResult", "status"),
)

# Answered without a status, by some version at least.
_WITHOUT = (
    orders.ReadConfiguration,
    orders.AskTransaction,
    orders.ShowCost,
    orders.UpdateFirmware,
    orders.FetchLog,
)


def judged(order: orders.Order, body: Mapping[str, object]) -> OrderState:
    """Judge an answer. Of a list, one taken is enough: what became of each stands in the order's detail."""
    for name, word in _LISTS:
        results = body.get(name)
        if isinstance(results, list):
            return _of_list(results, word)
    status = body.get("status")
    if status is None:
        return _without_status(order, body)
    if status == _NONE_THERE.get(type(order)):
        return OrderState.DONE
    return STATES.get(str(status), OrderState.REFUSED)


def _of_list(results: list[object], word: str) -> OrderState:
    taken = [isinstance(result, dict) and STATES.get(str(result.get(word))) is OrderState.DONE for result in results]
    return OrderState.DONE if any(taken) else OrderState.REFUSED


def _without_status(order: orders.Order, body: Mapping[str, object]) -> OrderState:
    if isinstance(order, orders.AskListVersion):  # MicroOcpp's 2.0.1 answers in 1.6's words
        version = body.get("versionNumber", body.get("listVersion"))
        if version == -1:
            return OrderState.NOT_SUPPORTED
        return OrderState.DONE if isinstance(version, int) else OrderState.REFUSED
    return OrderState.DONE if isinstance(order, _WITHOUT) else OrderState.REFUSED
