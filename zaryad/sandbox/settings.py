"""Section `[sandbox]` of the configuration."""

from __future__ import annotations

import msgspec

SPEED_MAX = 3_600


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How virtual stations live.

    `speed`: how many times as fast as true a battery fills, for stations that have not been told otherwise;
    `speed_believed`: beyond it the platform does not believe a meter (`charging.believed_percent`), nothing would be
    billed, and no station is sped up so far. Where it is not said, the configuration of charging says it.
    `drivers_may_act`: drivers may plug, unplug and present cards at virtual stations (demo pages need it).
    """

    gateway_url: str = "ws://127.0.0.1:8180/ocpp"
    speed: int = 1
    speed_believed: int = SPEED_MAX
    drivers_may_act: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.speed <= SPEED_MAX:
            raise ValueError(f"speed is 1 to {SPEED_MAX}")
        if self.speed > self.speed_believed:
            raise ValueError("speed is above what meters are believed: raise charging.believed_percent, 125 for each")
        if not self.gateway_url.startswith(("ws://", "wss://")):
            raise ValueError("gateway_url begins with ws:// or wss://")
