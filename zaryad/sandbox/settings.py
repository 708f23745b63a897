"""Section `[sandbox]` of the configuration."""

from __future__ import annotations

import msgspec

SPEED_MAX = 3_600


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How virtual stations live.

    `speed`: how many times as fast as true a battery fills, for stations that have not been told otherwise;
    `drivers_may_act`: drivers may plug, unplug and present cards at virtual stations (demo pages need it).
    """

    gateway_url: str = "ws://127.0.0.1:8180/ocpp"
    speed: int = 1
    drivers_may_act: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.speed <= SPEED_MAX:
            raise ValueError(f"speed is 1 to {SPEED_MAX}")
        if not self.gateway_url.startswith(("ws://", "wss://")):
            raise ValueError("gateway_url begins with ws:// or wss://")
