"""The doctor's route."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import get

from zaryad.auth import Role, needs
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.stations.doctor.examine import Report, examine
from zaryad.stations.model import Settings


@get("/stations/{id:str}/doctor", opt=needs(Role.OPERATOR, Role.TECHNICIAN))
async def see_doctor(id: str, db: Db, now: dt.datetime, language: str, station_rules: Settings) -> Report:
    """Say what came of a station's tries to connect and what to do; of identities we do not know, too."""
    async with db.begin() as tx:
        return await examine(tx, StationId(id), station_rules, now, language)


routes: list[Any] = [see_doctor]
