"""All routes of the application with their rules, and the table of them in docs/api.md.

`python -m tests.http.routes` writes the table; a test compares it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from tests.http.site import Site
from zaryad.auth import RULE, Role
from zaryad.platform.db import Db

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BEGIN, END = "<!-- routes: begin -->", "<!-- routes: end -->"
MACHINE = ("/healthz", "/readyz", "/metrics")


class Route(msgspec.Struct, frozen=True, order=True):
    """One operation. `rule` is "public", a set of roles, or None when somebody forgot it."""

    path: str
    method: str
    rule: Any
    about: str

    @property
    def roles(self) -> frozenset[Role]:
        return self.rule if isinstance(self.rule, frozenset) else frozenset()

    def lets_in(self, role: Role | None) -> bool:
        return self.rule == "public" or role in self.roles

    @property
    def who(self) -> str:
        """Who may call, in the words of the table."""
        if self.rule == "public":
            return "everybody"
        if self.roles == frozenset(Role):
            return "signed in"
        others = [role.value for role in Role if role in self.roles and role is not Role.ADMIN]
        return ", ".join([*others, "admin"])

    @property
    def filled(self) -> str:
        """The path with something in each of its places."""
        fills = {"uuid": "01920000-0000-7000-8000-000000000000", "int": "1", "str": "x"}
        kinds = {"id": "uuid", "person_id": "uuid", "session_id": "uuid", "payment_id": "uuid", "number": "int"}
        kinds |= {"connector": "int", "act": "plug", "order_id": "uuid", "day": "2027-01-01"}

        def fill(found: re.Match[str]) -> str:
            kind = kinds.get(found[1], "str")
            return fills.get("str" if found[1] == "id" and "/stations/{id}" in self.path else kind, kind)

        return re.sub(r"\{(\w+)\}", fill, self.path)


def routes_of(app: Litestar) -> list[Route]:
    """Return every operation; the framework's own answers to OPTIONS do nothing, and let nobody in."""
    found = []
    for route in app.routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]  # of a WebSocket
        for handler in handlers:
            about = (handler.fn.__doc__ or "").strip().partition("\n")[0]
            methods = sorted(getattr(handler, "http_methods", ["WEBSOCKET"]))
            found += [Route(route.path_format, each, handler.opt.get(RULE), about) for each in methods]
    found = [each for each in found if each.method != "OPTIONS"]
    return sorted(found, key=lambda each: (not each.path.startswith("/api/"), each.path, each.method))


def table(routes: list[Route]) -> str:
    """Return the table of docs/api.md."""
    lines = ["| method | path | who | what |", "|---|---|---|---|"]
    for route in routes:
        method = route.method.replace("WEBSOCKET", "WS")
        about = route.about if route.path.startswith("/api/v1") else "for machines" if route.path in MACHINE else "page"
        if route.path.startswith(("/api", "/static")) and not route.path.startswith("/api/v1"):
            about = "files and documentation"
        lines.append(f"| {method} | `{route.path}` | {route.who} | {about} |")
    return "\n".join(lines)


def application() -> Litestar:
    """Build the application without ever touching its database."""
    return Site(Db.connect("postgresql://nobody@localhost:1/none")).app


def written() -> str:
    """Return the table as it stands in the document."""
    return DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table(routes_of(application()))}\n{END}{after}", encoding="utf-8")
