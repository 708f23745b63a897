"""Which values of an order nobody needs to read again: passwords, and what a URL says before its @."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from zaryad.link import orders
from zaryad.link.orders import AnyOrder, Placed
from zaryad.platform.db import Tx

HIDDEN: Final = "***"
_SECRET = re.compile(
    r"password|passwd|passphrase|secret|authorizationkey|credential|private_?key|(?:^|_)pin$", re.IGNORECASE
)
_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)|(?<=/files/)[0-9a-f]{16}/[0-9a-f]{32}")  # or leave for one file
# In OCPP's messages: the member that names something -> the one that holds its value.
_PAIRS = (("key", "value"), ("variable", "attributeValue"), ("variable", "value"))

T = TypeVar("T")


def is_secret(name: str) -> bool:
    """Whether what is called so is not shown: AuthorizationKey, BasicAuthPassword and their like."""
    return _SECRET.search(name) is not None


def masked(order: AnyOrder) -> AnyOrder:
    """Return the order as it may be shown and kept."""
    match order:
        case orders.ChangeConfiguration(key=key) if is_secret(key):
            return replace(order, value=HIDDEN)
        case orders.WriteVariables(variables=variables):
            return replace(
                order, variables=tuple(replace(v, value=HIDDEN) if is_secret(v.variable.name) else v for v in variables)
            )
        case orders.SetNetworkProfile(password=str()):
            return replace(order, password=HIDDEN)
        case orders.UpdateFirmware(url=url) | orders.FetchLog(url=url) | orders.PublishFirmware(url=url):
            return replace(order, url=_USER.sub(HIDDEN, url))
        case orders.RawCall(payload=payload):
            return replace(order, payload=hidden(payload))
        case _:
            return order


def hidden(said: T) -> T:
    """Return a message, or a part of one, with secrets replaced; other things are left as they are."""
    return _hidden(said)  # type: ignore[no-any-return]  # of the same shape


def _hidden(said: Any) -> Any:
    if isinstance(said, list):
        return [_hidden(each) for each in said]
    if isinstance(said, str):
        return _USER.sub(HIDDEN, said) if "://" in said else said
    if not isinstance(said, dict):
        return said
    shown = {k: HIDDEN if is_secret(k) and isinstance(v, str) else _hidden(v) for k, v in said.items()}
    for naming, holding in _PAIRS:
        named = said.get(naming)
        name = named.get("name") if isinstance(named, dict) else named
        if isinstance(name, str) and is_secret(name) and isinstance(said.get(holding), str):
            shown[holding] = HIDDEN
    return shown


async def forget_secrets(tx: Tx, ended: Placed) -> None:
    """Keep an ended order without its passwords: its station was told, and nobody else needs them."""
    shown = masked(ended.order)
    if shown != ended.order:
        await orders.rewrite(tx, ended.id, shown)
