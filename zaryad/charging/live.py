"""The live view over a WebSocket: at once, at every change, and now and then even if no hint comes.

Losing the bus loses freshness only. Hints that come while one view is on its way make one next view.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.params import Dependency

from zaryad.auth import SIGNED_IN, Caller
from zaryad.charging.find import session_for
from zaryad.charging.model import SessionId, State
from zaryad.charging.view import SessionView, view_of
from zaryad.kernel.clock import Clock
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db

AT_LEAST_EVERY_S = 15
AT_MOST_EVERY_S = 0.25
_OVER = (State.SETTLED, State.FAILED)


@websocket("/sessions/{id:uuid}/live", opt=SIGNED_IN)
async def session_live(
    *,
    socket: WebSocket[Any, Any, Any],
    id: UUID,
    db: Db,
    bus: Annotated[Bus, Dependency(skip_validation=True)],  # protocols: the framework would ask isinstance
    clock: Annotated[Clock, Dependency(skip_validation=True)],
    caller: Caller,
) -> None:
    """Send the session's view (as GET does) until it is settled or failed; what the client says is ignored."""
    changed = asyncio.Event()

    async def heard(_subject: str, _payload: bytes) -> None:
        changed.set()

    async with db.begin() as tx:
        await session_for(tx, SessionId(id), caller)  # refused before the handshake: 404, not a socket that closes
    unsubscribe = await bus.subscribe(f"session.{id}", heard)  # before the first view: no change falls between
    try:
        await socket.accept()
        sending = asyncio.create_task(_send(socket, SessionId(id), db, clock, caller, changed))
        gone = asyncio.create_task(_gone(socket))
        done, others = await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if sending in done:
            sending.result()
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await socket.close()
    finally:
        await unsubscribe()


async def _send(  # noqa: PLR0917  # all that a view takes
    socket: WebSocket[Any, Any, Any], id: SessionId, db: Db, clock: Clock, caller: Caller, changed: asyncio.Event
) -> None:
    last: SessionView | None = None
    while True:
        changed.clear()
        async with db.begin() as tx:
            seen = await view_of(tx, await session_for(tx, id, caller), clock.now())
        if seen != last:
            try:
                await socket.send_text(msgspec.json.encode(seen).decode())
            except (WebSocketDisconnect, RuntimeError):
                return
            last = seen
        if seen.state in _OVER:
            return
        await asyncio.sleep(AT_MOST_EVERY_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), AT_LEAST_EVERY_S)


async def _gone(socket: WebSocket[Any, Any, Any]) -> None:
    """Return when the client has left; its words are ignored."""
    while True:
        try:
            await socket.receive_data(mode="text")
        except (WebSocketDisconnect, RuntimeError):
            return
