"""A station's answers about settings, as the order that asked keeps them. Read softly: what is odd decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from zaryad.link.orders import Attribute, ChangeConfiguration, OrderState, Placed, Variable, WriteVariables
from zaryad.maintenance.settings.model import VALUE_MAX, Outcome
from zaryad.maintenance.settings.names import KEY_MAX, key_of

_OUTCOMES: dict[str, Outcome] = {
    "Accepted": "accepted",
    "RebootRequired": "reboot_needed",
    "NotSupported": "not_supported",
    "UnknownComponent": "not_supported",
    "UnknownVariable": "not_supported",
    "NotSupportedAttributeType": "not_supported",
}
_ATTRIBUTES: dict[object, Attribute] = {"Target": "target", "MinSet": "min_set", "MaxSet": "max_set"}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a station said of one setting."""

    key: str
    outcome: Outcome
    value: str | None = None
    read_only: bool = False
    why: str | None = None


def read_answers(detail: Mapping[str, object]) -> Iterator[Answer]:
    """Return what GetConfiguration or GetVariables told."""
    for it in _dicts(detail.get("configurationKey")):
        key = it.get("key")
        if isinstance(key, str) and 0 < len(key) <= KEY_MAX:
            yield Answer(
                key=key, outcome="accepted", value=_value(it.get("value")), read_only=it.get("readonly") is True
            )
    for it in _dicts(detail.get("getVariableResult")):
        if (key := _key(it)) is not None:
            yield Answer(key=key, outcome=_outcome(it), value=_value(it.get("attributeValue")), why=_why(it))


def set_answers(placed: Placed) -> Iterator[Answer]:
    """Return what each setting that an order was about came to; without an answer, that there is none."""
    order, detail = placed.order, placed.detail
    if isinstance(order, ChangeConfiguration):
        status = detail.get("status")
        known = _OUTCOMES.get(str(status), "refused") if status is not None else _without_words(placed.state)
        yield Answer(key=order.key, outcome=known, value=order.value, why=_short(status))
    elif isinstance(order, WriteVariables):
        values = {key_of(it.variable, it.attribute).lower(): it.value for it in order.variables}
        results = [it for it in _dicts(detail.get("setVariableResult")) if _key(it) is not None]
        for it in results:
            key = cast("str", _key(it))
            yield Answer(key=key, outcome=_outcome(it), value=values.get(key.lower()), why=_why(it))
        if not results:
            for each in order.variables:
                key = key_of(each.variable, each.attribute)
                yield Answer(key=key, outcome=_without_words(placed.state), value=each.value, why=placed.state.value)


def _without_words(state: OrderState) -> Outcome:
    if state is OrderState.DONE:
        return "accepted"
    if state is OrderState.NOT_SUPPORTED:
        return "not_supported"
    return "refused" if state is OrderState.REFUSED else "unanswered"


def _key(it: Mapping[str, Any]) -> str | None:
    component, variable = it.get("component"), it.get("variable")
    if not isinstance(component, dict) or not isinstance(variable, dict):
        return None
    said = component.get("evse")
    evse = said if isinstance(said, dict) else {}
    try:
        named = msgspec.convert(
            {
                "component": component.get("name"),
                "component_instance": component.get("instance"),
                "evse": evse.get("id"),
                "outlet": evse.get("connectorId"),
                "name": variable.get("name"),
                "instance": variable.get("instance"),
            },
            Variable,
        )
    except msgspec.ValidationError:
        return None
    key = key_of(named, _ATTRIBUTES.get(it.get("attributeType"), "actual"))
    return key if len(key) <= KEY_MAX else None


def _outcome(it: Mapping[str, Any]) -> Outcome:
    return _OUTCOMES.get(str(it.get("attributeStatus")), "refused")


def _why(it: Mapping[str, Any]) -> str | None:
    info = it.get("attributeStatusInfo")
    reason = info.get("reasonCode") if isinstance(info, dict) else None
    return _short(reason or it.get("attributeStatus"))


def _short(text: object) -> str | None:
    return None if text is None else str(text)[:200]


def _value(value: object) -> str | None:
    return None if value is None else str(value)[:VALUE_MAX].replace("\0", "")


def _dicts(value: object) -> list[dict[str, Any]]:
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []
