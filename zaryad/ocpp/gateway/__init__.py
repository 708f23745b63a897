"""Stations' sockets: who may connect, who is connected, calls handled in order, orders sent."""

from zaryad.ocpp.gateway.oddities import Oddity, oddities_of
from zaryad.ocpp.gateway.outbound import end_order, expire_orders
from zaryad.ocpp.gateway.ports import Admission, Handlers, OrderEnded, Stations
from zaryad.ocpp.gateway.server import Gateway
from zaryad.ocpp.gateway.settings import Settings

__all__ = [
    "Admission",
    "Gateway",
    "Handlers",
    "Oddity",
    "OrderEnded",
    "Settings",
    "Stations",
    "end_order",
    "expire_orders",
    "oddities_of",
]
