"""All routes of maintenance: under /api/v1, and where stations fetch and send files."""

from __future__ import annotations

from typing import Any

from zaryad.maintenance.campaigns import api as campaigns_api
from zaryad.maintenance.files import api as files_api
from zaryad.maintenance.firmware import api as firmware_api
from zaryad.maintenance.logs import api as logs_api
from zaryad.maintenance.settings import api as settings_api
from zaryad.maintenance.watch import api as watch_api

routes: list[Any] = [
    *settings_api.routes,
    *watch_api.routes,
    *files_api.routes,
    *logs_api.routes,
    *firmware_api.routes,
    *campaigns_api.routes,
]
root_routes: list[Any] = files_api.root_routes
