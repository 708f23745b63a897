"""The one route of messages: in a demo, what would have been sent. No other deployment has it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from litestar import get

from zaryad.notify.send import recent
from zaryad.platform.db import Db


class MessageShown(msgspec.Struct, frozen=True):
    """A message of the development channel."""

    phone: str
    text: str
    at: dt.datetime
    state: str


@get("/demo/messages", opt={"roles": "public"}, tags=["demo"])
async def list_demo_messages(db: Db) -> list[MessageShown]:
    """List what the development channel would have sent, the newest first. Only in a demo."""
    async with db.begin() as tx:
        found = await recent(tx)
    return [MessageShown(each.phone, each.text or "", each.at, each.state) for each in found]


def demo_routes() -> list[Any]:
    """Return the routes of a demo."""
    return [list_demo_messages]


routes: list[Any] = []
