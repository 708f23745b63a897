"""What the gateway needs of the business, as shapes: `app/wiring.py` brings the real things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from zaryad.link.answers import Answer, BootStatus
from zaryad.link.facts import Fact, StationId
from zaryad.link.orders import Placed
from zaryad.platform.db import Tx

# The kind of fact -> who hears it. It returns when the effect is committed; a DomainError or any exception
# becomes an error to the station, which keeps its message and sends it again.
Handlers = Mapping[type[Fact], Callable[[Fact], Awaitable[Answer]]]

# The business reaction to an order's end, on the transaction that ends it.
OrderEnded = Callable[[Tx, Placed, dt.datetime], Awaitable[None]]


class Admission(Protocol):
    """The verdict at the door: `status.value` is ok, unknown, bad_password or disabled."""

    @property
    def status(self) -> Enum:
        """Return the verdict."""
        ...

    @property
    def boot_status(self) -> BootStatus | None:
        """Return how its last boot was judged; None where nobody has judged yet."""
        ...


class Stations(Protocol):
    """Who may connect, and who is connected. The functions of `zaryad.stations`, with its key and rules bound."""

    async def admit(  # noqa: PLR0917  # all that a handshake carries
        self,
        tx: Tx,
        station_id: StationId,
        password: bytes | None,
        address: str,
        user_agent: str,
        subprotocols: Sequence[str],
        now: dt.datetime,
    ) -> Admission:
        """Judge a handshake."""
        ...

    async def connected(  # noqa: PLR0917  # the order that the gateway learns them in
        self, tx: Tx, station_id: StationId, node: str, protocol: str, address: str, now: dt.datetime
    ) -> int:
        """Note a connection and return its epoch."""
        ...

    async def disconnected(self, tx: Tx, station_id: StationId, epoch: int, now: dt.datetime) -> bool:
        """Note its end; False when a newer connection has taken over."""
        ...

    async def seen(self, tx: Tx, station_ids: Sequence[str], now: dt.datetime) -> None:
        """Note who was heard."""
        ...

    async def node_lost(self, tx: Tx, node: str, now: dt.datetime) -> int:
        """Note that a node's connections are gone."""
        ...
