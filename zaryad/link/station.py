"""How an OCPP 2.x outlet is named by one number, as everybody above the codec names connectors.

1.6 numbers a station's connectors through. 2.x names an EVSE and, within it, a connector: EVSE 2's first connector is
number 2, its second 102, its third 202. What does not say which connector of an EVSE it means is about its first.
"""

from __future__ import annotations

from typing import Final, NewType

StationId = NewType("StationId", str)  # the OCPP identity: the last segment of its URL, at most 48 characters

EVSES_MAX: Final = 64
OUTLETS_MAX: Final = 9
_STRIDE: Final = 100
CONNECTOR_MAX: Final = (OUTLETS_MAX - 1) * _STRIDE + EVSES_MAX


def connector_number(evse: int, outlet: int | None = None) -> int:
    """Return the number of an EVSE's connector; 0 is the station. What has no number is -1, and no connector of ours.

    >>> connector_number(2), connector_number(2, 1), connector_number(2, 2), connector_number(0)
    (2, 2, 102, 0)
    """
    if evse == 0:
        return 0
    if not 1 <= evse <= EVSES_MAX or not (outlet is None or 1 <= outlet <= OUTLETS_MAX):
        return -1
    return evse if outlet is None else (outlet - 1) * _STRIDE + evse


def evse_of(number: int) -> tuple[int, int]:
    """Return the EVSE and the connector in it that a number stands for; (0, 0) is the station.

    >>> evse_of(2), evse_of(102), evse_of(0)
    ((2, 1), (2, 2), (0, 0))
    """
    if number == 0:
        return 0, 0
    return number % _STRIDE, number // _STRIDE + 1


def numbered(number: int) -> bool:
    """Whether it can be a connector, or with 0 the station as a whole."""
    return number == 0 or (0 < number <= CONNECTOR_MAX and 1 <= number % _STRIDE <= EVSES_MAX)
