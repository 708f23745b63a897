"""What the end of any order means here: for lists and profiles at the station, for bulk orders, for its secrets."""

from __future__ import annotations

import datetime as dt

from zaryad.link.orders import Placed
from zaryad.platform.db import Tx
from zaryad.stations.orders.bulk import bulk_concluded
from zaryad.stations.orders.local_list import list_concluded
from zaryad.stations.orders.mask import forget_secrets
from zaryad.stations.orders.profiles import profiles_concluded


async def order_concluded(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """React, on the transaction that ends the order; call it last, since it may write the order's own row."""
    await profiles_concluded(tx, ended, now)
    await list_concluded(tx, ended, now)
    await bulk_concluded(tx, ended, now)
    await forget_secrets(tx, ended)
