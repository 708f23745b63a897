"""`zaryad swarm ...` raises thousands of stations for load, against the running platform or `--gateway`."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.live import Live
from rich.table import Table

from zaryad.app.cli_sandbox import File, Json, complaints, config_of, fail, out
from zaryad.app.config import Config
from zaryad.app.services import database_url
from zaryad.kernel.clock import SystemClock
from zaryad.platform.db import Db
from zaryad.sandbox.swarm import Dialects, Plan, Report, Swarm
from zaryad.sandbox.swarm.network import create as create_network
from zaryad.stations import station_password

swarm = App(name="swarm", help="Raise a swarm of stations against a gateway and report rates and latencies.")


@swarm.default
def raise_swarm(
    *,
    stations: Annotated[int, Parameter(help="how many")],
    gateway: Annotated[str | None, Parameter(help="else the configuration's")] = None,
    sessions: Annotated[int, Parameter(help="how many of them charge")] = 0,
    interval: Annotated[int, Parameter(help="seconds between readings of a session")] = 30,
    heartbeat: Annotated[int, Parameter(help="seconds between heartbeats")] = 60,
    seconds: Annotated[int, Parameter(help="how long sessions run")] = 60,
    idle: Annotated[int, Parameter(help="seconds of heartbeats only, before sessions")] = 0,
    storm: Annotated[bool, Parameter(negative="", help="cut all links at once, and let all come back")] = False,
    at_once: Annotated[int, Parameter(help="handshakes under way at a time")] = 100,
    protocol: Annotated[Dialects, Parameter(help="what they speak; mixed: a third each")] = "1.6",
    prefix: Annotated[str, Parameter(help="what the stations' names begin with")] = "SWARM-",
    first: Annotated[int, Parameter(help="the number of the first: several swarms side by side")] = 1,
    create: Annotated[bool, Parameter(negative="", help="write the stations into the database first")] = False,
    password: Annotated[bool, Parameter(help="the passwords that --create gives")] = True,
    config: File = None,
    json: Json = False,
) -> None:
    """Raise `stations` stations; let `sessions` of them charge with a reading every `interval` seconds.

    Phases: connect (storm and boot), idle, sessions, reconnect (with --storm), stop. Each reports rates and latencies.

    Example: zaryad swarm --stations 1000 --sessions 200 --interval 10 --create
    """
    known = None if gateway is not None and not create and not password else config_of(config)
    secret = known.secret.encode() if known is not None and password else None
    plan = Plan(
        gateway=gateway or (known.sandbox.gateway_url if known is not None else ""),
        stations=stations,
        prefix=prefix,
        protocol=protocol,
        first=first,
        at_once=at_once,
        heartbeat_s=heartbeat,
        sessions=min(sessions, stations),
        interval_s=interval,
        seconds=seconds,
        idle_seconds=idle,
        storm=storm,
        password=lambda name: None if secret is None else station_password(secret, name).encode(),
    )
    if create and known is not None:
        try:
            made = uvloop.run(_create(known, plan, secret))
        except Exception as error:  # noqa: BLE001  # the driver's errors are the database's own affair
            fail(f"the stations could not be written: {str(error).splitlines()[0]}. Is the platform running?")
        complaints.print(f"{made} new stations")
    reports = uvloop.run(_swarm(plan, quiet=json))
    if json:
        sys.stdout.write(msgspec.json.encode(reports).decode() + "\n")


async def _create(config: Config, plan: Plan, secret: bytes | None) -> int:
    db = Db.connect(database_url(config), pool=2)
    try:
        return await create_network(db, plan, config.secret.encode(), secret, SystemClock().now())
    finally:
        await db.close()


async def _swarm(plan: Plan, *, quiet: bool) -> list[Report]:
    if quiet:
        return await Swarm(plan).run()
    running = Swarm(plan, told=lambda report: out.print(_phase_table(report)))
    task = asyncio.create_task(running.run())
    with Live(console=out, refresh_per_second=2, transient=True) as live:
        while not task.done():
            live.update(_progress(running))
            await asyncio.wait({task}, timeout=0.5)
    return await task


def _progress(running: Swarm) -> str:
    measure = running.measure
    return (
        f"{running.phase}: {running.connected}/{len(running.stations)} connected, {running.in_session} in session, "
        f"{measure.answered} answers ({measure.answered / max(measure.seconds, 0.1):.0f}/s), "
        f"{measure.reconnects} reconnects, {measure.errors.total()} errors"
    )


def _phase_table(report: Report) -> Table:
    title = (
        f"{report.phase}: {report.seconds} s, {report.connected}/{report.stations} connected, "
        f"{report.handshakes_per_second} handshakes/s, {report.answered_per_second} answers/s, "
        f"swarm's CPU {report.swarm_cpu_share:.0%}"
    )
    table = Table("action", "answers", "per second", "p50 ms", "p95 ms", "p99 ms", "max ms", title=title)
    for row in report.actions:
        table.add_row(
            row.action,
            *(str(value) for value in (row.answered, row.per_second, row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms)),
        )
    for error, count in report.errors.items():
        table.add_row(f"[red]{error}", str(count))
    return table
