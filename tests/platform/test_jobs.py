"""A job commits with its caller's transaction, runs after a failure again, and outlives a killed worker."""

import asyncio
import datetime as dt

import psycopg
import pytest

from zaryad.kernel.clock import SystemClock
from zaryad.platform import jobs
from zaryad.platform.db import Db
from zaryad.platform.worker import Sweep, Worker


class RolledBackError(Exception):
    pass


async def _run(worker: Worker, until: asyncio.Event, seconds: float = 10) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        await asyncio.wait_for(until.wait(), seconds)
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


async def test_a_job_of_a_rolled_back_transaction_never_runs(db: Db, database_url: str) -> None:
    ran, done = [], asyncio.Event()

    async def note(word: str) -> None:
        ran.append(word)
        if word == "kept":
            done.set()

    async def lost() -> None:
        async with db.begin() as tx:
            await jobs.defer(tx, "test.note", word="lost")
            raise RolledBackError

    with pytest.raises(RolledBackError):
        await lost()
    async with db.begin() as tx:
        await jobs.defer(tx, "test.note", word="kept")
    await _run(Worker(database_url, {"test.note": note}, [], SystemClock()), done)
    assert ran == ["kept"]


async def test_a_failing_job_is_tried_again(db: Db, database_url: str) -> None:
    tries, done = [], asyncio.Event()

    async def sometimes() -> None:
        tries.append(1)
        if len(tries) < 2:
            raise RuntimeError("not yet")
        done.set()

    async with db.begin() as tx:
        await jobs.defer(tx, "test.sometimes")
    await _run(Worker(database_url, {"test.sometimes": sometimes}, [], SystemClock()), done)
    assert len(tries) == 2


async def test_a_dead_workers_job_is_given_back(db: Db, database_url: str) -> None:
    done = asyncio.Event()

    async def finish() -> None:
        done.set()

    async with db.begin() as tx:
        await jobs.defer(tx, "test.finish")
    with psycopg.connect(database_url, autocommit=True) as connection:  # as a worker that was killed leaves it
        connection.execute("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')")
        connection.execute(
            "update procrastinate_jobs set status = 'doing', worker_id = (select max(id) from procrastinate_workers)"
        )
    await _run(Worker(database_url, {"test.finish": finish}, [], SystemClock()), done, 20)


async def test_a_sweep_goes_on_after_it_failed(db: Db, database_url: str) -> None:
    runs, done = [], asyncio.Event()

    async def shaky() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError("once")
        done.set()

    sweep = Sweep(name="shaky", every=dt.timedelta(milliseconds=50), run=shaky)
    await _run(Worker(database_url, {}, [sweep], SystemClock()), done)
