"""What stations' settings say of the charging profiles that they take: 1.6's keys and 2.x's variables, as one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from zaryad.link.facts import StationId
from zaryad.link.orders import RateUnit
from zaryad.maintenance.settings import store
from zaryad.maintenance.settings.model import Reported
from zaryad.maintenance.settings.names import SAME, folded
from zaryad.platform.db import Tx
from zaryad.stations import ProfileLimit, ProfileLimits

UNITS: Final = ("ChargingScheduleAllowedChargingRateUnit", "SmartChargingCtrlr/RateUnit")
LEVEL, PERIODS, INSTALLED, SWITCH = (
    (old, SAME[old])
    for old in (
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleMaxPeriods",
        "MaxChargingProfilesInstalled",
        "ConnectorSwitch3to1PhaseSupported",
    )
)
CHOOSE: Final = ("SmartChargingCtrlr/ACPhaseSwitchingSupported",)
_KEYS = tuple(folded(key) for pair in (UNITS, LEVEL, PERIODS, INSTALLED, SWITCH, CHOOSE) for key in pair)
_WORDS: dict[str, RateUnit] = {"current": "amperes", "a": "amperes", "power": "watts", "w": "watts"}


async def profile_limits(tx: Tx, ids: Sequence[StationId]) -> dict[StationId, ProfileLimits]:
    """Read what these stations told of what they take; of those that told nothing, there is nothing."""
    return {StationId(id): limits_of(said) for id, said in (await store.reported_by(tx, ids, _KEYS)).items()}


def limits_of(said: Mapping[str, Reported]) -> ProfileLimits:
    """Judge settings by folded key. A value that means nothing is as good as none."""
    units, switch, choose = (_told(said, keys) for keys in (UNITS, SWITCH, CHOOSE))
    words = re.split(r"[,;\s]+", (units.value or "").lower()) if units else []
    return ProfileLimits(
        units=frozenset(_WORDS[word] for word in words if word in _WORDS) or None,
        units_name=units.key if units else "",
        level=_number(_told(said, LEVEL)),
        periods=_number(_told(said, PERIODS), least=1),
        installed=_room(_told(said, INSTALLED)),
        switches_phases=_yes(switch),
        switches_name=switch.key if switch else "",
        chooses_phase=_yes(choose),
        chooses_name=choose.key if choose else "",
    )


def _told(said: Mapping[str, Reported], keys: Sequence[str]) -> Reported | None:
    return next((said[folded(key)] for key in keys if folded(key) in said), None)


def _number(it: Reported | None, *, least: int = 0) -> ProfileLimit | None:
    return None if it is None else _limit(it.key, it.value, least)


def _room(it: Reported | None) -> ProfileLimit | None:
    """1.6 tells how many there may be; 2.x how many there are, and how many there may be as that variable's limit."""
    if it is None:
        return None
    return _limit(it.key, it.maximum if "/" in it.key else it.value, 1)


def _limit(key: str, value: str | None, least: int) -> ProfileLimit | None:
    text = (value or "").strip()
    return ProfileLimit(key, int(text)) if re.fullmatch(r"\d{1,6}", text) and int(text) >= least else None


def _yes(it: Reported | None) -> bool | None:
    return None if it is None else {"true": True, "false": False}.get((it.value or "").strip().lower())
