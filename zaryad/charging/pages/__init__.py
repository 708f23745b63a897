"""The driver's pages: find, start, live, result, balance, history. Each calls only what an API route calls too."""

from typing import Any

from zaryad.charging.pages import balance, find, history, session, start

page_routes: list[Any] = [*find.routes, *start.routes, *session.routes, *balance.routes, *history.routes]

__all__ = ["page_routes"]
