"""The OCPP log at the size of a large network: a day of five million exchanges, what finding costs, what indexes cost.

    python -m bench.frames                   five million rows (about eight minutes and six gigabytes of disk)
    python -m bench.frames --rows 500000     a tenth of it

"Cold": PostgreSQL has just been started, and its files are out of the system's cache. The machine is noisy; what
counts is how far below the limits the figures are, and ratios within one run.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import psycopg
import structlog

from tests.schema import make_schema
from zaryad.kernel.errors import DomainError
from zaryad.ocpp import log, store
from zaryad.ocpp.frames import Exchange, FrameLog
from zaryad.platform.db import Db
from zaryad.platform.postgres import Server, fitted, machine_memory

DAY = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
STATIONS = 2_000
BATCH = 500  # as the gateway writes
CHUNK = 20_000  # as the day is filled
HOUR = dt.timedelta(hours=1)
LIMITS = {"station, an hour": 1_000, "station, the day": 1_000, "action + error, the day": 3_000}

_MEASURANDS = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC")
_SAMPLES = [
    json.dumps(
        [
            {"value": str(1_000 + seed * 7 + number), "measurand": name, "unit": "Wh", "context": "Sample.Periodic"}
            for number, name in enumerate(_MEASURANDS)
        ]
    )
    for seed in range(50)
]
_CONFIGURATION = json.dumps(
    {"configurationKey": [{"key": f"VendorKey{n}", "readonly": False, "value": f"value {n}"} for n in range(40)]}
)
# Action, share in a thousand, whether the station asks.
_MIX = (
    ("MeterValues", 620, True),
    ("Heartbeat", 230, True),
    ("StatusNotification", 90, True),
    ("Authorize", 14, True),
    ("StartTransaction", 10, True),
    ("StopTransaction", 10, True),
    ("RemoteStartTransaction", 8, False),
    ("RemoteStopTransaction", 5, False),
    ("DataTransfer", 5, True),
    ("GetConfiguration", 3, False),
    ("BootNotification", 2, True),
    ("closed", 1, True),
    ("opened", 1, True),
    ("junk", 1, True),
)
_ACTIONS = [name for name, share, _ in _MIX for _ in range(share)]
_ASKS = {name: asks for name, _, asks in _MIX}
_ERRORS = ("InternalError", "FormationViolation", "NotSupported", "unanswered")


def station(number: int) -> str:
    return f"KG-BENCH-{number:05}"


def exchange(dice: random.Random, at: dt.datetime, number: int) -> Exchange:
    """One row of the day, about as a network of 1.6 stations makes them."""
    action = dice.choice(_ACTIONS) if number % 1_000_000 else "UpdateFirmware"
    place = dice.randrange(STATIONS)
    id = f"{number:x}"
    if action in ("opened", "closed", "junk"):
        outcome = {"opened": None, "closed": "1006", "junk": "no message"}[action]
        return Exchange(at, station(place), 1, "in", action, None, None, outcome, payload="10.0.0.1 ocpp1.6")
    ref = place * 1_000 + at.hour
    when = at.isoformat()
    body, answer = _said(action, ref, when, dice)
    direction = "in" if _ASKS.get(action, False) else "out"
    outcome = dice.choice(_ERRORS) if dice.random() < 0.004 else "answered"
    reply: str | None = f'[3,"{id}",{answer}]' if direction == "in" else answer
    if outcome != "answered":
        reply = f'[4,"{id}","{outcome}","try again",{{}}]' if outcome != "unanswered" else None
    frame = f'[2,"{id}","{action}",{body}]'
    return Exchange(
        at, station(place), 1, direction, "call", action, id, outcome, dice.random() * 40, frame, reply, "ocpp1.6"
    )


def _said(action: str, ref: int, when: str, dice: random.Random) -> tuple[str, str]:
    connector = 1 + ref % 2
    token = f"04{ref:012X}"
    if action == "MeterValues":
        samples = _SAMPLES[dice.randrange(50)]
        value = f'[{{"timestamp":"{when}","sampledValue":{samples}}}]'
        return f'{{"connectorId":{connector},"transactionId":{ref},"meterValue":{value}}}', "{}"
    if action == "Heartbeat":
        return "{}", f'{{"currentTime":"{when}"}}'
    if action == "StatusNotification":
        said = f'"connectorId":{connector},"errorCode":"NoError","status":"Charging","timestamp":"{when}"'
        return f'{{{said},"vendorId":"Vendor","info":"{dice.randrange(10**9)}"}}', "{}"
    if action == "StartTransaction":
        said = f'"connectorId":{connector},"idTag":"{token}","meterStart":1234567,"timestamp":"{when}"'
        return f"{{{said}}}", f'{{"idTagInfo":{{"status":"Accepted"}},"transactionId":{ref}}}'
    if action in ("StopTransaction", "RemoteStopTransaction"):
        return f'{{"transactionId":{ref},"meterStop":2345678,"timestamp":"{when}"}}', '{"status":"Accepted"}'
    if action == "GetConfiguration":
        return "{}", _CONFIGURATION
    return f'{{"idTag":"{token}","at":"{when}"}}', '{"status":"Accepted"}'


def rows_of(
    rows: int, first: int = 0, since: dt.datetime = DAY, span: dt.timedelta = dt.timedelta(days=1)
) -> Iterator[Exchange]:
    dice = random.Random(first)
    for number in range(rows):
        yield exchange(dice, since + span * number / rows, first + number)


class Machine:
    """A PostgreSQL of the platform's own kind that can be made to forget."""

    def __init__(self, directory: Path) -> None:
        directory.chmod(0o755)
        self._directory = directory / "pg"
        self._server = Server(self._directory, fitted(machine_memory()) | {"max_wal_size": "8GB"})
        self._server.initialise()
        self._process = self._server.start()
        self._wait()
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            connection.execute("create database bench")
        self.url = self._server.url("bench")
        make_schema(self.url)

    def forget(self) -> None:
        """Start it again with nothing of its files in memory."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("checkpoint")
        Server.stop(self._process)
        for path in (self._directory / "base").rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        self._process = self._server.start()
        self._wait()

    def stop(self) -> None:
        Server.stop(self._process)

    def _wait(self) -> None:
        for _ in range(600):
            try:
                psycopg.connect(self._server.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("it does not start")


async def fill(db: Db, rows: int) -> None:
    """Write the day, with the gateway's own hands but in longer batches."""
    frames = FrameLog(db, queue_max=CHUNK, text_max=16_384, bytes_max=1 << 30)
    began = time.perf_counter()
    for number, each in enumerate(rows_of(rows), 1):
        frames.offer(each)
        if number % CHUNK == 0:
            await frames.flush()
        if number % 500_000 == 0:
            print(f"  {number:,} rows, {number / (time.perf_counter() - began):,.0f}/s", flush=True)
    await frames.flush()


async def written(db: Db, table: str, batches: list[list[tuple[object, ...]]]) -> float:
    """The median time of one batch and its commit, in ms."""
    took = []
    for batch in batches:
        began = time.perf_counter()
        async with db.begin() as tx:
            await store.copy_frames(tx, batch, table)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def costs(db: Db) -> str:
    """What the indexes cost: batches at the end of the full day, of a copy with one index, of a copy with none."""
    names = ("ocpp_frame", "frame_one", "frame_none")
    async with db.begin() as tx:
        driver = await tx.driver()
        await driver.execute("set local statement_timeout = 0")  # copying the day takes minutes
        for name in names[1:]:
            await driver.execute(f"create table {name} (like ocpp_frame including defaults)")  # type: ignore[arg-type]  # a name of ours
        await driver.execute("create index on frame_one (station_id, at)")
        await driver.execute("insert into frame_one select * from ocpp_frame")
    frames = FrameLog(db, queue_max=10, text_max=16_384)
    medians: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(6):
        made = []
        for each in rows_of(40 * BATCH, 10**7 * (turn + 1), DAY + 23 * HOUR + turn * HOUR / 10, HOUR / 10):
            frame = frames._frame(each)  # noqa: SLF001  # what flush does with each
            made.append((frame.at.isoformat(), *msgspec.structs.astuple(frame)[1:]))
        batches = [made[at : at + BATCH] for at in range(0, len(made), BATCH)]
        for name in names[turn % 3 :] + names[: turn % 3]:
            medians[name].append(await written(db, name, batches))
    full, one, none = (statistics.median(medians[name]) for name in names)
    return (
        f"a batch of {BATCH} and its commit: {full:.1f} ms with all four, {one:.1f} ms with (station_id, at) alone, "
        f"{none:.1f} ms with none\nratio to one index {full / one:.2f}, to none {full / none:.2f}"
    )


Question = Callable[[Db], Awaitable[int]]


def questions() -> dict[str, Question]:
    """What people ask, each with how many rows it found."""
    until = DAY + dt.timedelta(days=1)
    noon = DAY + 12 * HOUR

    def search(**wanted: object) -> Question:
        asked = log.Filter(**({"since": DAY, "until": until} | wanted))  # type: ignore[arg-type]  # a shorthand

        async def ask(db: Db) -> int:
            try:
                page = await log.search(db, asked, until)
            except DomainError:  # ocpp_log_too_wide
                return -1
            return len(page.frames)

        return ask

    async def by_key(db: Db) -> int:
        page = await log.search(db, log.Filter(station=station(7), since=noon, until=noon + HOUR), until, limit=1)
        return int((await log.find(db, page.frames[0].key)).station_id == station(7))

    async def story(db: Db) -> int:
        plot = log.plot(station(7), 1, (str(7 * 1_000 + 12),), "04", noon, noon + HOUR)
        frames, _ = await log.story(db, plot, limit=500)
        return len(frames)

    async def export(db: Db) -> int:
        wanted = log.Filter(since=noon, until=noon + HOUR)
        return len([line async for line in log.lines(db, wanted, 10_000)]) - 1

    hour = {"since": noon, "until": noon + HOUR}
    return {
        "station, an hour": search(station=station(42), **hour),
        "station, the day": search(station=station(43)),
        "station + transaction, the day": search(station=station(44), charge_refs=(str(44 * 1_000 + 12),)),
        "action + error, the day": search(action="StartTransaction", outcome="error"),
        "action + one code, the day": search(action="Authorize", outcome="NotSupported"),
        "readings + error, the day": search(action="MeterValues", outcome="error"),
        "action + error, none there": search(action="SignCertificate", outcome="error"),
        "every error, the day": search(outcome="error"),
        "a rare action, the day": search(action="UpdateFirmware"),
        "connections that closed, the day": search(kind="closed"),
        "text at a station, an hour": search(station=station(45), text="VENDORKEY17", **hour),
        "text at a station, the day": search(station=station(46), text="no such text"),
        "text + action, the day": search(action="StartTransaction", text="no such text"),
        "text everywhere, an hour": search(text="no such text", **hour),
        "text everywhere, the day": search(text="no such text"),
        "newest, no filter": search(),
        "one by its key": by_key,
        "one transaction's story": story,
        "export of 10,000": export,
    }


async def asked(machine: Machine) -> list[str]:
    lines = [f"{'':34}{'rows':>6}{'cold ms':>10}{'warm ms':>10}"]
    for name, ask in questions().items():
        machine.forget()
        db = Db.connect(machine.url)
        await db.ping()
        times = []
        for _ in range(4):
            began = time.perf_counter()
            found = await ask(db)
            times.append((time.perf_counter() - began) * 1000)
        await db.close()
        warm = statistics.median(times[1:])
        limit = f"   < {LIMITS[name]:,}" if name in LIMITS else ""
        shown = "refused" if found < 0 else f"{found:,}"
        lines.append(f"{name:34}{shown:>6}{times[0]:10.0f}{warm:10.1f}{limit}")
        print(lines[-1], flush=True)
    return lines


async def sizes(db: Db) -> str:
    async with db.begin() as tx:
        driver = await tx.driver()
        found = await driver.execute(
            "select case when c.relkind = 'i' then regexp_replace(c.relname, '_\\d{8}', '') else c.relname end, "
            "pg_size_pretty(pg_table_size(c.oid)) from pg_class c where c.relname like 'ocpp_frame_2%' "
            "and pg_table_size(c.oid) > 1000000 order by pg_table_size(c.oid) desc"
        )
        return "\n".join(f"{name:50} {size}" for name, size in await found.fetchall())


async def measure(machine: Machine, rows: int, *, ask: bool) -> None:
    db = Db.connect(machine.url)
    print(f"{os.cpu_count()} cores; {rows:,} exchanges of {STATIONS:,} stations in one day", flush=True)
    await fill(db, rows)
    with psycopg.connect(machine.url, autocommit=True) as connection:
        connection.execute("vacuum analyze ocpp_frame")
    print(await sizes(db), flush=True)
    await db.close()
    if ask:
        await asked(machine)
    db = Db.connect(machine.url)
    print(await costs(db), flush=True)
    await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--costs", action="store_true", help="only what writing costs")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    directory = Path(tempfile.mkdtemp(prefix="zaryad-bench-"))
    machine = Machine(directory)
    try:
        asyncio.run(measure(machine, given.rows, ask=not given.costs))
    finally:
        machine.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
