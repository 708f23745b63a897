"""Routes of the OCPP log. Operators and technicians see every station; who else may ask sees only `visible` ones."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import WebSocket, get, websocket
from litestar.di import Provide
from litestar.exceptions import WebSocketDisconnect
from litestar.params import Dependency, Parameter
from litestar.response import Stream

from zaryad import accounts, auth, charging
from zaryad.app.ocpp_log_view import FramePage, FrameWhole, StoryPage, TailMessage, batches, row_of, whole_of
from zaryad.auth import Caller, Role, needs
from zaryad.kernel.clock import Clock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.ocpp import log
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db, Tx

READERS = (Role.OPERATOR, Role.TECHNICIAN)
LOOK_AGAIN_S = 5.0  # whether who listens still may
SEND_WITHIN_S = 30.0

Place = Annotated[str | None, Parameter(max_length=48, description="a station's identity")]
Word = Annotated[str | None, Parameter(min_length=1, max_length=100)]
Text = Annotated[str | None, Parameter(min_length=2, max_length=100, description="in either frame, in any case")]
Time = Annotated[dt.datetime | None, Parameter(description="ISO 8601; without a zone it is UTC")]
Direction = Annotated[Literal["in", "out"] | None, Parameter(description="who asked: in the station, out the platform")]
Happened = Literal["call", "told", "stray", "junk", "opened", "closed", "hushed"]
Outcome = Annotated[
    str | None, Parameter(max_length=100, description="answered, error, unanswered, or an error's code")
]
After = Annotated[str | None, Parameter(max_length=40, description="the `next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=500)]
ExportLimit = Annotated[int, Parameter(ge=1, le=log.ROWS_MAX)]
Looked = Annotated[log.Filter, Dependency(skip_validation=True)]


async def visible(tx: Tx, caller: Caller) -> frozenset[str] | None:  # noqa: ARG001  # partners will be looked up
    """Return the stations whose frames the caller may see; None: all.

    Every route here asks it, and the database is asked for nothing else. A partner's stations are returned from here
    once there is ownership; until then nobody but the readers is let in, and would see nothing.
    """
    return None if caller.has(*READERS) else frozenset()


async def looked_for(
    *,
    db: Db,
    now: dt.datetime,
    caller: Caller,
    station: Place = None,
    session: UUID | None = None,
    charge_ref: Word = None,
    action: Word = None,
    direction: Direction = None,
    kind: Happened | None = None,
    outcome: Outcome = None,
    text: Text = None,
    since: Time = None,
    until: Time = None,
) -> log.Filter:
    """Read what is looked for; a session stands for its station, its transaction and its time."""
    refs: tuple[str, ...] = () if charge_ref is None else (charge_ref,)
    since, until = _utc(since), _utc(until)
    async with db.begin() as tx:
        stations = await visible(tx, caller)
        if session is not None:
            plot = await plot_of(tx, session, caller, now)
            if (station or plot.station_id) != plot.station_id or not set(refs) <= set(plot.charge_refs):
                raise DomainError(Kind.INVALID, "ocpp_log_other_session")
            station, refs = plot.station_id, plot.charge_refs or ("",)
            since, until = since or plot.since, until or plot.until
    return log.Filter(
        stations=stations,
        station=station,
        charge_refs=refs,
        action=action,
        direction=direction,
        kind=kind,
        outcome=outcome,
        text=text,
        since=since,
        until=until,
    )


def _utc(at: dt.datetime | None) -> dt.datetime | None:
    return at.replace(tzinfo=dt.UTC) if at is not None and at.tzinfo is None else at


async def plot_of(tx: Tx, id: UUID, caller: Caller, now: dt.datetime) -> log.Plot:
    """Return where and when a session's frames passed. NOT_FOUND `session_unknown`."""
    session = await charging.session_for(tx, charging.SessionId(id), caller)
    told = [session.ended_at, session.last_received_at, session.settled_at, session.requested_at]
    ended = now if session.state.live else max(at for at in told if at is not None)
    return log.plot(
        session.station_id,
        session.connector,
        () if session.charge_ref is None else (session.charge_ref,),
        session.token,
        min(session.requested_at, session.began_at or session.requested_at),
        ended,
    )


@get("/ocpp-log", opt=needs(*READERS), tags=["ocpp log"], dependencies={"wanted": Provide(looked_for)})
async def search_ocpp_log(
    *, wanted: Looked, db: Db, now: dt.datetime, after: After = None, limit: Limit = 50
) -> FramePage:
    """Find exchanges, newest first: of the last day if no time is said, of one station within a month."""
    page = await log.search(db, wanted, now, after=after, limit=limit)
    return FramePage([row_of(frame) for frame in page.frames], page.next, page.since, page.until)


@get("/ocpp-log/{key:str}", opt=needs(*READERS), tags=["ocpp log"])
async def get_ocpp_exchange(
    *,
    key: Annotated[str, Parameter(max_length=40)],
    db: Db,
    now: dt.datetime,
    caller: Caller,
    language: str,
) -> FrameWhole:
    """Return one exchange whole: both frames, indented, who asked and why, how long it took."""
    async with db.begin() as tx:
        stations = await visible(tx, caller)
    frame = await log.find(db, key, stations)
    async with db.begin() as tx:
        return await whole_of(tx, frame, language, now)


@get("/sessions/{id:uuid}/ocpp-log", opt=needs(*READERS), tags=["ocpp log"])
async def get_session_story(
    *, id: UUID, db: Db, now: dt.datetime, caller: Caller, after: After = None, limit: Limit = 200
) -> StoryPage:
    """Tell one transaction's story, oldest first: its own frames, and what happened around it at its connector."""
    async with db.begin() as tx:
        stations = await visible(tx, caller)
        plot = await plot_of(tx, id, caller, now)
    if stations is not None and plot.station_id not in stations:
        raise DomainError(Kind.NOT_FOUND, "session_unknown", session_id=id)
    frames, following = await log.story(db, plot, after=after, limit=limit)
    return StoryPage([row_of(frame) for frame in frames], following, plot.since, plot.until)


@get(
    "/ocpp-log/export",
    opt=needs(*READERS),
    tags=["ocpp log"],
    media_type="application/x-ndjson",
    dependencies={"wanted": Provide(looked_for)},
)
async def export_ocpp_log(*, wanted: Looked, db: Db, now: dt.datetime, limit: ExportLimit) -> Stream:
    """Write exchanges out as lines of JSON, oldest first, the last of which says how many there were.

    `limit`, and a time (`since` and `until`, or a session) are required.
    """
    if wanted.since is None or wanted.until is None:
        raise DomainError(Kind.INVALID, "ocpp_log_time_first")
    name = f"ocpp-log-{wanted.station or 'all'}-{wanted.since:%Y%m%dT%H%M%S}.jsonl"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in name)
    return Stream(
        log.lines(db, log.bounded(wanted, now), limit),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{plain}"'},
    )


@websocket("/ocpp-log/tail", opt=needs(*READERS), dependencies={"wanted": Provide(looked_for)})
async def tail_ocpp_log(
    *,
    socket: WebSocket[Any, Any, Any],
    wanted: Looked,
    db: Db,
    bus: Annotated[Bus, Dependency(skip_validation=True)],  # protocols: the framework would ask isinstance
    clock: Annotated[Clock, Dependency(skip_validation=True)],
    caller: Caller,
) -> None:
    """Send exchanges as they pass, an empty message now and then, and how many were too many. It ends with the role."""
    wanted = msgspec.structs.replace(wanted, since=None, until=None)
    async with log.tail(bus, wanted) as tail:
        await socket.accept()
        sending = asyncio.create_task(_send(socket, tail, db, clock, caller))
        gone = asyncio.create_task(_gone(socket))
        done, others = await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if sending in done:
            sending.result()


async def _send(socket: WebSocket[Any, Any, Any], tail: log.Tail, db: Db, clock: Clock, caller: Caller) -> None:
    loop = asyncio.get_running_loop()
    look_at = loop.time() + LOOK_AGAIN_S
    if not await _sent(socket, TailMessage([])):  # it listens from now on
        return
    while True:
        frames, lost = await tail.take(max(0.0, look_at - loop.time()))
        for items in batches(frames) or ([[]] if lost else []):
            if not await _sent(socket, TailMessage(items, lost)):
                return
            lost = 0
        if loop.time() >= look_at:
            look_at = loop.time() + LOOK_AGAIN_S
            await still_may(db, caller, clock.now())
            if not await _sent(socket, TailMessage([])):
                return


async def _sent(socket: WebSocket[Any, Any, Any], message: TailMessage) -> bool:
    """Send, unless the listener has left, or takes nothing for half a minute."""
    try:
        async with asyncio.timeout(SEND_WITHIN_S):
            await socket.send_text(msgspec.json.encode(message).decode())
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        return False
    return True


async def still_may(db: Db, caller: Caller, now: dt.datetime) -> None:
    """Raise when who listens may no longer: signed out, blocked, or without the role."""
    async with db.begin() as tx:
        person = await accounts.find(tx, caller.person_id)
        open_ones = await auth.list_sign_ins(tx, caller.person_id, now)
    if person is None or person.status != "active":
        raise DomainError(Kind.UNAUTHENTICATED, "sign_in_first")
    if caller.sign_in_id is not None and caller.sign_in_id not in {each.id for each in open_ones}:
        raise DomainError(Kind.UNAUTHENTICATED, "sign_in_first")
    if not {role.value for role in (*READERS, Role.ADMIN)} & set(person.roles):
        raise DomainError(Kind.FORBIDDEN, "role_missing")


async def _gone(socket: WebSocket[Any, Any, Any]) -> None:
    """Return when the listener has left; what it says is ignored."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_data(mode="text")


routes: list[Any] = [search_ocpp_log, export_ocpp_log, get_ocpp_exchange, tail_ocpp_log]
session_routes: list[Any] = [get_session_story]
