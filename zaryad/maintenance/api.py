"""All routes of maintenance."""

from __future__ import annotations

from typing import Any

from zaryad.maintenance.settings import api as settings_api
from zaryad.maintenance.watch import api as watch_api

routes: list[Any] = [*settings_api.routes, *watch_api.routes]
