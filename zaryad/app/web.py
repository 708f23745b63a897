"""The HTTP application of a deployment: the routes and pages of the modules that are on, behind one edge."""

from __future__ import annotations

import datetime as dt
from typing import Any

import anyio
from litestar import Litestar

from zaryad import auth, maintenance, payments
from zaryad.app import api_ocpp_log, demo, wiring
from zaryad.app.config import Config, ModuleName
from zaryad.app.demo_page import demo_routes
from zaryad.app.order_words import sayable
from zaryad.app.wiring_security import Guard, who_is
from zaryad.auth import Caller
from zaryad.auth import api as auth_api
from zaryad.auth import pages as auth_pages
from zaryad.booking import api as booking_api
from zaryad.certificates import api as certificates_api
from zaryad.charging import api as charging_api
from zaryad.charging.pages import page_routes as driver_pages
from zaryad.charging.receipts import api as receipts_api
from zaryad.kernel.clock import Clock
from zaryad.maintenance import api as maintenance_api
from zaryad.notify import api as notify_api
from zaryad.payments import api as payments_api
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db
from zaryad.platform.http import Asked, Edge, make_app
from zaryad.sandbox import api as sandbox_api
from zaryad.stations import api as stations_api
from zaryad.stations.orders import api as orders_api
from zaryad.stations.orders.bulk import api as bulk_api
from zaryad.stations.orders.calls import api as calls_api
from zaryad.stations.orders.local_list import api as local_list_api
from zaryad.stations.orders.profiles import api as profiles_api
from zaryad.stations.security import api as security_api
from zaryad.tariffs import api as tariffs_api
from zaryad.ui.errors import error_pages
from zaryad.ui.frame import provide_frame
from zaryad.ui.static import static_file
from zaryad.ui.switch import switch_language
from zaryad.wallet import api as wallet_api

API: dict[ModuleName, list[Any]] = {
    "auth": auth_api.routes,
    "notify": notify_api.routes,
    "stations": [
        *stations_api.routes,
        *orders_api.routes,
        *calls_api.routes,
        *security_api.routes,
        *profiles_api.routes,
        *local_list_api.routes,
        *bulk_api.routes,
        *api_ocpp_log.routes,
    ],
    "certificates": certificates_api.routes,
    "tariffs": tariffs_api.routes,
    "wallet": wallet_api.routes,
    "payments": payments_api.routes,
    "booking": booking_api.routes,
    "charging": [*charging_api.routes, *receipts_api.routes, *api_ocpp_log.session_routes],
    "maintenance": maintenance_api.routes,
    "sandbox": sandbox_api.routes,
}
PAGES: dict[ModuleName, list[Any]] = {
    "auth": auth_pages.page_routes,
    "charging": driver_pages,
    "maintenance": maintenance_api.root_routes,
}


def make_http_app(config: Config, db: Db, bus: Bus, clock: Clock, providers: payments.Providers) -> Litestar:
    """Build the application; what is switched off by `[modules]` has no routes."""
    gate, guard = auth.Gate(auth.keys_of(config.secret.encode()), config.auth, config.people), Guard(config)
    return make_app(
        api=api_routes(config),
        root=page_routes(config),
        edge=_edge(config, db, clock, gate),
        settings=config.http,
        db=db,
        bus=bus,
        clock=clock,
        dependencies={
            "frame": provide_frame(demo=config.demo.enabled),
            "auth_gate": gate,
            "station_rules": config.stations,
            "station_key": config.secret.encode(),
            "station_security": config.station_security,
            "certificate_rules": config.certificates,
            "seal": guard.seal,
            "trust": guard.trust,
            "who_is": who_is,
            "sayable": sayable,
            "profile_limits": maintenance.profile_limits,
            "order_ended": wiring.order_ended(config),
            "wallet_rules": config.wallet,
            "payment_rules": demo.with_bank(config) if config.demo.enabled else config.payments,
            "payment_providers": providers,
            "charging_rules": config.charging,
            "maintenance_rules": config.upkeep,
            "receipt_limit": anyio.CapacityLimiter(config.receipts.pdf_at_once),
            "sandbox_rules": config.sandbox,
            "demo_facts": demo.facts(config),
        },
    )


def api_routes(config: Config) -> list[Any]:
    """Return the routes under /api/v1."""
    found = [route for name, routes in API.items() if config.has_module(name) for route in routes]
    found += auth_api.settings_routes(config.system.told)
    return found + (notify_api.demo_routes() if config.demo.enabled else [])


def page_routes(config: Config) -> list[Any]:
    """Return the pages, and the files they are made of."""
    found = [route for name, routes in PAGES.items() if config.has_module(name) for route in routes]
    return [*found, static_file, switch_language, *(demo_routes if config.demo.enabled else [])]


def _edge(config: Config, db: Db, clock: Clock, gate: auth.Gate) -> Edge:
    """Return all that the HTTP edge is told by those who know people: who asks, whether they may, in which words."""

    def authenticate(token: str, now: dt.datetime) -> Caller | None:
        return auth.read_access(gate.keys.access, token, now)

    async def renew(asked: Asked, now: dt.datetime) -> Caller | None:
        done = await auth_api.renew(db, gate, asked, now)
        return None if done is None else authenticate(done.tokens.access, now)

    return Edge(
        authenticate=authenticate,
        check=auth.check,
        public=auth.PUBLIC,
        rule=auth.RULE,
        language=lambda asked: auth_pages.language_of(asked, config.system.language),
        translate=auth_pages.translated,
        renew=renew,
        error_page=error_pages(clock, demo=config.demo.enabled),
        access_cookie=auth.ACCESS_COOKIE,
        refresh_cookie=auth.REFRESH_COOKIE,
        csrf_cookie=auth.CSRF_COOKIE,
    )
