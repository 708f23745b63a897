"""Orders that staff give stations: checked, written down, followed to their end."""

from zaryad.stations.orders.check import check
from zaryad.stations.orders.check_profile import check_profile
from zaryad.stations.orders.cursor import moment_cursor, read_moment
from zaryad.stations.orders.mask import forget_secrets
from zaryad.stations.orders.model import OrderView, Sayable, Unsayable, view
from zaryad.stations.orders.place import fits, found, order, reach
from zaryad.stations.orders.store import Reached

__all__ = [
    "OrderView",
    "Reached",
    "Sayable",
    "Unsayable",
    "check",
    "check_profile",
    "fits",
    "forget_secrets",
    "found",
    "moment_cursor",
    "order",
    "reach",
    "read_moment",
    "view",
]
