"""What a version of OCPP has to decide for a station; everything else is its body's (`body`)."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from zaryad.sandbox.errands import Errand
from zaryad.sandbox.kept import LogOrder, Update
from zaryad.sandbox.line import Asked
from zaryad.sandbox.model import PresentContract
from zaryad.sandbox.outlet import Outlet, Running
from zaryad.sandbox.registration import Registration

Shapes = Mapping[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]]


class Out(msgspec.Struct, frozen=True):
    """What the host has to do, in this order."""

    memory: bool
    frames: tuple[str, ...]
    hang_up: bool
    errands: tuple[Errand, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """An outlet's transaction as people see it."""

    token: str | None = None
    id: int | None = None  # 1.6: the number that the central system gave
    uid: str | None = None  # 2.x: the id that the station gave


class Speaker(ABC):
    """A version's part of a station."""

    subprotocol: ClassVar[str]
    sends: ClassVar[bool] = False  # whether it has SEND
    deflates: ClassVar[bool] = False  # whether it offers compression
    asks_us: ClassVar[Shapes]  # what the central system may ask
    asks_them: ClassVar[Shapes]  # what the station may ask

    @property
    @abstractmethod
    def password(self) -> bytes | None:
        """The Basic password as it goes into the header."""

    @property
    @abstractmethod
    def ping_s(self) -> int:
        """Seconds between its WebSocket pings; 0 for none."""

    @abstractmethod
    def running(self, outlet: Outlet) -> Running | None:
        """Return the transaction that takes energy at the outlet."""

    @abstractmethod
    def busy(self, outlet: Outlet) -> bool:
        """Whether a transaction runs at the outlet, with energy or without."""

    @abstractmethod
    def shown(self, outlet: Outlet) -> Shown:
        """Return the outlet's transaction for people."""

    @abstractmethod
    def plugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """A car was plugged in."""

    @abstractmethod
    def unplugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """The cable was pulled."""

    @abstractmethod
    def present(self, token: str, connector: int | None, now: dt.datetime) -> bool:
        """Hold a card to the reader; False when no outlet could use it."""

    def present_contract(self, _outlet: Outlet, _command: PresentContract, _now: dt.datetime) -> bool:
        """Plug & Charge; False when the station, or the outlet, cannot."""
        return False

    @abstractmethod
    def broken(self, outlet: Outlet, reason: str, now: dt.datetime) -> None:
        """End the outlet's transaction: a fault, a red button, a restart."""

    @abstractmethod
    def tell_update(self, status: str, update: Update | None) -> None:
        """Say how a firmware update goes."""

    @abstractmethod
    def tell_log(self, status: str, order: LogOrder | None) -> None:
        """Say how a log's upload goes."""

    @property
    @abstractmethod
    def organization(self) -> str:
        """The name of the operator, for certificates."""

    @abstractmethod
    def _new_registration(self) -> Registration: ...

    @abstractmethod
    def _signing(self, csr: str) -> dict[str, Any]: ...

    @abstractmethod
    def _boot_reason(self, restart: str) -> str: ...

    @property
    @abstractmethod
    def _queue_due_at(self) -> dt.datetime | None: ...

    @abstractmethod
    def _wakes(self, outlet: Outlet) -> list[dt.datetime | None]: ...

    @abstractmethod
    def _turn(self, outlet: Outlet, now: dt.datetime) -> None: ...

    @abstractmethod
    def _recover(self, outlet: Outlet, now: dt.datetime, *, lost: bool) -> None: ...

    @abstractmethod
    def _words(self) -> dict[int, str]:
        """Return what each connector, and the station (0), is in the version's words."""

    @abstractmethod
    def _speak(self, now: dt.datetime) -> None: ...

    @abstractmethod
    def _answer(self, asked: Asked, now: dt.datetime) -> None: ...

    def _reservation_over(self, id: int) -> None:  # noqa: B027  # 1.6 has no word for it
        """Tell that nobody came."""

    def _began(self, _outlet: Outlet) -> tuple[str | None, dt.datetime | None]:
        return None, None
