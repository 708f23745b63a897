"""What the gateway needs of the business, as shapes: `app/wiring.py` brings the real things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from zaryad.link.answers import Answer, BootStatus
from zaryad.link.door import Approach, Attempt
from zaryad.link.facts import Booted, Fact, StationId
from zaryad.link.orders import Placed
from zaryad.platform.db import Tx

# The kind of fact -> who hears it. It returns when the effect is committed; a DomainError or any exception
# becomes an error to the station, which keeps its message and sends it again.
Handlers = Mapping[type[Fact], Callable[[Fact], Awaitable[Answer]]]

# The business reaction to an order's end, on the transaction that ends it.
OrderEnded = Callable[[Tx, Placed, dt.datetime], Awaitable[None]]


class Admission(Protocol):
    """The verdict at the door: `status.value` is ok, listen, unknown, bad_password, ... (see `door.py`)."""

    @property
    def status(self) -> Enum:
        """Return the verdict."""
        ...

    @property
    def boot_status(self) -> BootStatus | None:
        """Return how its last boot was judged; None where nobody has judged yet."""
        ...

    @property
    def auth(self) -> str:
        """Return what came of its password, a word of `link.door.Attempt`."""
        ...

    @property
    def detail(self) -> Mapping[str, str]:
        """Return what else may help to understand the verdict."""
        ...

    @property
    def noted(self) -> bool:
        """Return whether the try is to be remembered."""
        ...

    @property
    def vendor(self) -> str | None:
        """Return who made it, as it last said; None where it never did."""
        ...

    @property
    def model(self) -> str | None:
        """Return what it is."""
        ...

    @property
    def firmware(self) -> str | None:
        """Return what runs on it."""
        ...


class Stations(Protocol):
    """Who may connect, and who is connected. The functions of `zaryad.stations`, with its key and rules bound."""

    async def admit(self, tx: Tx, approach: Approach, now: dt.datetime) -> Admission:
        """Judge a handshake."""
        ...

    async def note_attempts(self, tx: Tx, attempts: Sequence[Attempt]) -> None:
        """Remember tries to connect, or what came of them since."""
        ...

    async def learn(self, tx: Tx, fact: Booted) -> bool:
        """Keep what a stranger says of itself; False when nobody waits for it any more."""
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

    async def note_skews(self, tx: Tx, skews: Mapping[StationId, int], now: dt.datetime) -> None:
        """Note how far clocks are ahead of ours, in milliseconds."""
        ...
