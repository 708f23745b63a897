"""`zaryad replay FILE` plays a conversation that the OCPP log has exported, as the station that had it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from websockets.exceptions import InvalidStatus, WebSocketException

from zaryad.app.cli_sandbox import File, Json, complaints, config_of, fail, out
from zaryad.kernel.clock import SystemClock
from zaryad.sandbox.replay import Played, Step, Tape, TapeError, play, read
from zaryad.stations import station_password

replay = App(name="replay", help="Play a recorded conversation again, as its station.")
SHOWN = 50


@replay.default
def play_again(
    file: Path,
    *,
    station: Annotated[str | None, Parameter(help="who to be; else whoever was recorded, the first of several")] = None,
    speed: Annotated[int, Parameter(help="times as fast as it was; 0: as fast as it is answered")] = 1,
    against: Annotated[str | None, Parameter(help="the gateway; else the configuration's")] = None,
    password: Annotated[str | None, Parameter(help="else the one that a demo's or a swarm's station has")] = None,
    check: Annotated[bool, Parameter(negative="", help="compare the answers with the recorded ones")] = False,
    shift: Annotated[bool, Parameter(negative="", help="move all times so that it begins now")] = False,
    config: File = None,
    json: Json = False,
) -> int:
    """Send the station's calls with their pauses, and answer our orders as the recording did.

    The file is what `GET /api/v1/ocpp-log/export` gives. With `--check` the exit code is 1 when an answer differs.

    Example: zaryad replay log.jsonl --speed 10 --check
    """
    if speed < 0:
        fail("--speed is 0 or more")
    try:
        with file.open("rb") as lines:
            tape = read(lines, station)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except TapeError as error:
        fail(f"{file}: {error}")
    known = None if against is not None and password is not None else config_of(config)
    url = against or (known.sandbox.gateway_url if known is not None else "")
    secret = password
    if secret is None and known is not None:
        secret = station_password(known.secret.encode(), tape.station_id)
    if not json:
        _introduce(tape, file)
    try:
        played = asyncio.run(
            play(
                tape,
                url,
                station_id=tape.station_id,
                password=None if secret is None else secret.encode(),
                speed=speed,
                begins_at=SystemClock().now() if shift else None,
                told=(lambda _step: None) if json else _tell,
            )
        )
    except InvalidStatus as error:
        fail(f"{url} answered HTTP {error.response.status_code}: is the station known there, and its password?")
    except (OSError, TimeoutError, WebSocketException) as error:
        fail(f"no connection to {url}: {error}")
    if json:
        sys.stdout.write(msgspec.json.encode(played).decode() + "\n")
    else:
        _conclude(played, check=check)
    return 1 if check and played.differences else 0


def _introduce(tape: Tape, file: Path) -> None:
    out.print(f"{tape.station_id}, {tape.subprotocol}: {len(tape.turns)} exchanges")
    if tape.cut:
        complaints.print(f"{tape.cut} exchanges were cut short in the log and are passed over")
    if not tape.whole:
        complaints.print(f"{file} has no last line: it may not be whole")


def _tell(step: Step) -> None:
    who = f"{step.turn}/{step.turns}" if step.by_station else "order"
    out.print(f"[dim]{who:>12}[/dim]  {step.action}: {step.outcome}")


def _conclude(played: Played, *, check: bool) -> None:
    out.print(f"{played.calls} calls, {played.answered} answered, {played.orders} orders answered")
    for action, count in played.missing.items():
        out.print(f"[yellow]did not come:[/yellow] {action}, {count} times")
    for action, count in played.strange.items():
        out.print(f"[yellow]not in the recording:[/yellow] {action}, {count} times")
    if not check:
        return
    for it in played.differences[:SHOWN]:
        out.print(f"[red]{it.turn + 1} {it.action} {it.path}:[/red] recorded {it.recorded!r}, came {it.came!r}")
    if len(played.differences) > SHOWN:
        out.print(f"... and {len(played.differences) - SHOWN} more")
    out.print(f"{len(played.differences)} differences")
