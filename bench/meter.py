"""Durable MeterValues per second of one gateway process, beside its limits measured in the same run.

    python -m bench.meter              the table of ratios, medians of three rounds (about three minutes)
    python -m bench.meter --quick      one short round

E  the same server and codec with handlers that only answer
D  COPY into the same table, batches of 100, two connections
N  the naive program (bench/naive.py): usual libraries, one commit per message
The machine is noisy; ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg
import uvloop

from bench.load import Load, Result
from bench.network import running_sessions
from tests.schema import make_schema
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db
from zaryad.platform.lifecycle import settle_memory
from zaryad.platform.postgres import Server, fitted, machine_memory

BATCH = 100
COPY_CONNECTIONS = 2
EXTRA = '{"Current.Offered": "150.0 A", "Power.Offered": "60000.0 W", "Temperature": "41.5 Celsius"}'


class Served(msgspec.Struct):
    """A load on one server, and what it cost that server's Python."""

    result: Result
    cpu_s: float

    @property
    def cpu_us(self) -> float:
        """CPU microseconds of the server process per message."""
        return self.cpu_s / max(self.result.answered, 1) * 1e6


class Process:
    """A server under measure in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout is not None
        self.port = int(self._child.stdout.readline())

    def cpu_s(self) -> float:
        """CPU seconds it has used."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        return float(self._child.stdout.readline())

    def kill(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


@contextmanager
def databases(directory: Path) -> Iterator[tuple[str, str]]:
    """A PostgreSQL of the platform's own kind, durable, and a NATS server; their URLs."""
    directory.chmod(0o755)
    server = Server(directory / "pg", fitted(machine_memory()) | {"min_wal_size": "2GB", "max_wal_size": "8GB"})
    server.initialise()
    postgres = server.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nats = subprocess.Popen(
        [Path(sys.executable).parent / "nats-server", "-a", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                    connection.execute("create database bench")
                break
            except psycopg.OperationalError:
                time.sleep(0.1)
        make_schema(server.url("bench"))
        _run_in(server.url("bench"))
        yield server.url("bench"), f"nats://127.0.0.1:{port}"
    finally:
        nats.kill()
        Server.stop(postgres)


def _run_in(url: str) -> None:
    """Give the server what one that has run for an hour has: WAL segments to use again.

    On a new server each is filled with zeroes first, which holds every commit up for some 60 ms.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(110):
            connection.execute("select pg_logical_emit_message(true, 'bench', 'x')")
            connection.execute("select pg_switch_wal()")
        connection.execute("checkpoint")


async def served(process: Process, names: list[str], transactions: list[int], seconds: float) -> Served:
    """Load a server to its limit."""
    load = Load(process.port, names, transactions)
    await load.connect()
    await load.burst(seconds / 2, 0.5)  # caches, plans, and PostgreSQL's first pages
    before = process.cpu_s()
    result = await load.burst(seconds, 0)
    cpu_s = process.cpu_s() - before
    load.close()
    return Served(result, cpu_s)


async def at_rate(process: Process, names: list[str], transactions: list[int], rate: float, seconds: float) -> Served:
    """Load a server at a steady rate."""
    load = Load(process.port, names, transactions)
    await load.connect()
    before = process.cpu_s()
    result = await load.steady(rate, seconds, 1)
    cpu_s = process.cpu_s() - before
    load.close()
    return Served(result, cpu_s)


def _copy_batch(connection: psycopg.Connection, now: dt.datetime) -> None:
    """COPY a hundred rows with the columns that a reading of the load has, and commit."""
    session = new_id()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy reading (session_id, at, received_at, energy_mwh, power_mw, current_ma, voltage_mv, soc_percent,"
            " extra) from stdin"
        ) as copy,
    ):
        for row in range(BATCH):
            at = now + dt.timedelta(seconds=row)
            copy.write_row((session, at, at, 10**9 + row, 59_800_000, 149_700, 399_100, 54, EXTRA))
    connection.commit()


def _copy(url: str, seconds: float, out: multiprocessing.Queue[int]) -> None:
    rows, now = 0, dt.datetime.now(dt.UTC)
    with psycopg.connect(url) as connection:
        _copy_batch(connection, now)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            _copy_batch(connection, now)
            rows += BATCH
    out.put(rows)


def copied(url: str, seconds: float) -> float:
    """D: rows a second by COPY."""
    out: multiprocessing.Queue[int] = multiprocessing.Queue()
    children = [multiprocessing.Process(target=_copy, args=(url, seconds, out)) for _ in range(COPY_CONNECTIONS)]
    for child in children:
        child.start()
    rows = sum(out.get() for _ in children)
    for child in children:
        child.join()
    return rows / seconds


def settle(url: str) -> None:
    """Have everything written that was left to be written later: one measurement's dirty pages are not the next's."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("checkpoint")
    os.sync()


def one_copy(url: str) -> float:
    """The median of one COPY of a batch and its commit, alone on the machine, in ms."""
    took, now = [], dt.datetime.now(dt.UTC)
    with psycopg.connect(url) as connection:
        _copy_batch(connection, now)
        for _ in range(100):
            began = time.perf_counter()
            _copy_batch(connection, now)
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def prepared(url: str, names: list[str]) -> list[int]:
    """Begin a session on every station."""
    db = Db.connect(url)
    now = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30)
    transactions = await running_sessions(db, names, now)
    await db.close()
    return transactions


class Round(msgspec.Struct):
    """One round's figures."""

    echo: float
    durable: float
    copy: float
    naive: float
    echo_cpu_us: float
    durable_cpu_us: float
    half_p50_ms: float
    half_p99_ms: float
    commit_ms: float
    lost: int


def one_round(url: str, nats: str, names: list[str], transactions: list[int], seconds: float) -> Round:
    """Measure everything once."""
    copy = copied(url, seconds)
    settle(url)
    commit_ms = one_copy(url)
    process = Process("bench.server", "echo", url, nats)
    echo = uvloop.run(served(process, names, transactions, seconds))
    process.kill()
    process = Process("bench.server", "durable", url, nats)
    before = _stored(url)
    durable = uvloop.run(served(process, names, transactions, seconds))
    half = uvloop.run(at_rate(process, names, transactions, durable.result.rate / 2, seconds))
    process.kill()
    acknowledged = durable.result.answered + half.result.answered
    lost = max(0, acknowledged - (_stored(url) - before))
    process = Process("bench.naive", url)
    naive = uvloop.run(_naive(process, names[:100], seconds))
    process.kill()
    assert durable.result.errors == half.result.errors == echo.result.errors == 0
    return Round(
        echo=echo.result.rate,
        durable=durable.result.rate,
        copy=copy,
        naive=naive,
        echo_cpu_us=echo.cpu_us,
        durable_cpu_us=durable.cpu_us,
        half_p50_ms=half.result.percentile(0.5),
        half_p99_ms=half.result.percentile(0.99),
        commit_ms=commit_ms,
        lost=lost,
    )


async def _naive(process: Process, names: list[str], seconds: float) -> float:
    load = Load(process.port, names, list(range(1, len(names) + 1)))
    await load.connect()
    result = await load.burst(seconds, 1)
    load.close()
    return result.rate


def _stored(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from reading").fetchone()
        assert row is not None
        return int(row[0])


def told(rounds: list[Round]) -> str:
    """The medians, those of ratios within a round and between its least and its greatest, with the targets."""

    def median(name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in rounds))

    def row(label: str, name: str, to: str, target: str) -> str:
        found = [getattr(each, name) / getattr(each, to) for each in rounds]
        digits = 1 if min(found) >= 10 else 2
        shown = "".join(f"{value:8.{digits}f}" for value in (min(found), statistics.median(found), max(found)))
        return f"{label:34}{shown}   {target}"

    lines = [
        f"E  echo only            {median('echo'):10,.0f} /s   {median('echo_cpu_us'):6.0f} us of Python each",
        f"   durable, priced      {median('durable'):10,.0f} /s   {median('durable_cpu_us'):6.0f} us of Python each",
        f"D  COPY                 {median('copy'):10,.0f} /s",
        f"N  naive                {median('naive'):10,.0f} /s",
        "",
        f"{f'ratio of {len(rounds)} rounds':34}{'least':>8}{'median':>8}{'most':>8}   target of the median",
        row("durable / E", "durable", "echo", ">= 0.45"),
        row("durable / D", "durable", "copy", ">= 0.25"),
        row("durable / N", "durable", "naive", ">= 25"),
        row("CPU per durable / per echo", "durable_cpu_us", "echo_cpu_us", "<= 1.5"),
        row("p99 at half load / one commit", "half_p99_ms", "commit_ms", "<= 4")
        + f"   ({median('half_p99_ms'):.1f} / {median('commit_ms'):.1f} ms; p50 {median('half_p50_ms'):.1f} ms)",
        f"{'acknowledged and not stored':34}{sum(each.lost for each in rounds):16}           0",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stations", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--quick", action="store_true", help="one round of three seconds")
    asked = parser.parse_args()
    rounds, seconds = (1, 3.0) if asked.quick else (asked.rounds, asked.seconds)
    directory = Path(tempfile.mkdtemp(prefix="zaryad-bench-"))
    names = [f"BENCH{number:05}" for number in range(asked.stations)]
    try:
        with databases(directory) as (url, nats):
            print(f"{os.cpu_count()} cores; {asked.stations} stations with a session each", flush=True)
            transactions = asyncio.run(prepared(url, names))
            settle_memory()  # the load, too, is not to stop for garbage
            found = []
            for number in range(rounds):
                found.append(one_round(url, nats, names, transactions, seconds))
                print(f"round {number + 1} of {rounds}: {found[-1].durable:,.0f} durable/s", flush=True)
            print(told(found))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
