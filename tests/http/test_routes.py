"""Walks over all routes: each has a rule, the rule is what the documentation says, and it is what happens."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from litestar import get

from tests.http.routes import Route, application, routes_of, table, written
from tests.http.site import CONFIG, Site
from zaryad import accounts, sandbox
from zaryad.auth import Role
from zaryad.platform.db import Db

REFUSED = {"sign_in_first", "role_missing", "route_without_rule"}


def test_every_route_and_websocket_has_a_rule() -> None:
    routes = routes_of(application())
    assert len(routes) > 60, "the walk finds them"
    assert any(route.method == "WEBSOCKET" for route in routes)
    forgotten = [
        route for route in routes if route.rule != "public" and not (route.roles and Role.ADMIN in route.roles)
    ]
    assert not forgotten, "say opt=needs(...), SIGNED_IN or PUBLIC"


def test_a_route_without_a_rule_is_found_by_the_walk() -> None:
    app = application()

    @get("/forgotten")
    async def forgotten() -> None:
        """Somebody was in a hurry."""

    app.register(forgotten)
    assert [route.path for route in routes_of(app) if route.rule is None] == ["/forgotten"]


def test_the_documentation_has_the_same_table() -> None:
    assert written() == table(routes_of(application())), "run: python -m tests.http.routes"


def test_roles_are_the_same_words_in_code_and_table() -> None:
    assert tuple(role.value for role in Role) == accounts.ROLES


@pytest.fixture
async def open_site(db: Db) -> Site:
    """A site where the sandbox is open to drivers, as `zaryad up --demo` makes it."""
    return Site(db, msgspec.structs.replace(CONFIG, sandbox=sandbox.Settings(drivers_may_act=True)))


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "nobody")
async def test_every_route_as_every_role(open_site: Site, role: Role | None) -> None:
    """Called with nothing in the body: whoever is let in gets as far as a 2xx, 3xx, 4xx of the route's own."""
    site, routes = open_site, [route for route in routes_of(open_site.app) if route.method != "WEBSOCKET"]
    headers = {} if role is None else site.bearer(await site.person(role, phone="+996555000111"))
    wrong: list[tuple[Route, Any]] = []
    async with site.client() as client:
        for route in routes:
            client.cookies.clear()
            answer = await client.request(route.method, route.filled, headers=headers)
            is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
            code = answer.json()["code"] if is_problem and route.method != "HEAD" else ""
            expected = code not in REFUSED if route.lets_in(role) else answer.status_code in (401, 403)
            if not expected or answer.status_code == 500:
                wrong.append((route, (answer.status_code, code)))
    assert not wrong
