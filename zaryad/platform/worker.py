"""Runs deferred jobs and periodic sweeps, and gives a killed worker's jobs back.

A job that fails is tried again for ever, ever more slowly: money that waits for a provider must not be
forgotten because somebody counted to ten. What never works shows in `zaryad_jobs_failing`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import procrastinate
import structlog
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from prometheus_client import Counter, Histogram

from zaryad.kernel.clock import Clock

log = structlog.get_logger()

JobFunction = Callable[..., Awaitable[None]]  # called with the job's keyword arguments

RAN = Counter("zaryad_jobs_total", "Jobs run", ["job", "outcome"])
TOOK = Histogram("zaryad_job_seconds", "Time a job took", ["job"])
SWEPT = Counter("zaryad_sweeps_total", "Sweeps run", ["sweep", "outcome"])

RETRY_SECONDS_MAX = 900
STALLED_AFTER_S = 15
HEARTBEAT_S = 5


class Sweep(msgspec.Struct, frozen=True):
    """Something looked after on a timer. Harmless when several workers do it at once."""

    name: str
    every: dt.timedelta
    run: Callable[[], Awaitable[None]]


class Persistent(BaseRetryStrategy):
    """1 s, 2 s, 4 s ... 15 min, for ever; jittered so that what failed together does not return together."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Decide when the job runs again."""
        wait = min(2 ** min(job.attempts, 12), RETRY_SECONDS_MAX)
        log.warning("job.failed", job=job.task_name, attempts=job.attempts + 1, again_in_s=wait, error=repr(exception))
        return RetryDecision(retry_in={"seconds": round(wait * random.uniform(0.8, 1.2)) or 1})  # noqa: S311  # jitter is no secret


class Worker:
    """The worker service's engine: `jobs` by name, `sweeps` on timers, on one database."""

    def __init__(
        self,
        url: str,
        jobs: Mapping[str, JobFunction],
        sweeps: Sequence[Sweep],
        clock: Clock,
        *,
        concurrency: int = 10,
    ) -> None:
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, max_size=concurrency + 4))
        self._sweeps = sweeps
        self._clock = clock
        self._concurrency = concurrency
        for name, function in jobs.items():
            self._app.task(name=name, retry=Persistent())(_measured(name, function))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; running jobs get ten seconds to finish, and run again later if they do not."""
        async with self._app.open_async():
            sweeping = [asyncio.create_task(self._sweep(sweep), name=f"sweep {sweep.name}") for sweep in self._sweeps]
            sweeping.append(asyncio.create_task(self._rescue(), name="rescue"))
            working = asyncio.create_task(
                self._app.run_worker_async(
                    concurrency=self._concurrency,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=2,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALLED_AFTER_S,
                    shutdown_graceful_timeout=10,
                    delete_jobs="successful",
                )
            )
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for task in (working, *sweeping):
                task.cancel()
            results = await asyncio.gather(working, *sweeping, return_exceptions=True)
            if not stop.is_set() and isinstance(results[0], Exception):
                raise results[0]

    async def _sweep(self, sweep: Sweep) -> None:
        period = sweep.every.total_seconds()
        await asyncio.sleep(min(1, period) * random.random())  # noqa: S311  # jitter is no secret
        while True:
            try:
                await sweep.run()
                SWEPT.labels(sweep.name, "done").inc()
            except Exception:
                SWEPT.labels(sweep.name, "failed").inc()
                log.exception("sweep.failed", sweep=sweep.name)
            await asyncio.sleep(period * random.uniform(0.9, 1.1))  # noqa: S311  # jitter is no secret

    async def _rescue(self) -> None:
        """Give back the jobs of workers that died without a word."""
        manager = self._app.job_manager
        while True:
            try:
                for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
                    assert job.id is not None
                    log.warning("job.rescued", job=job.task_name, id=job.id)
                    await manager.retry_job_by_id_async(job.id, retry_at=self._clock.now())
            except procrastinate.exceptions.ProcrastinateException as error:
                log.warning("jobs.rescue_failed", error=repr(error))
            await asyncio.sleep(HEARTBEAT_S)


def _measured(name: str, function: JobFunction) -> Callable[..., Awaitable[None]]:
    async def run(**arguments: Any) -> None:
        began = time.perf_counter()
        try:
            await function(**arguments)
        except Exception:
            RAN.labels(name, "failed").inc()
            raise
        RAN.labels(name, "done").inc()
        TOOK.labels(name).observe(time.perf_counter() - began)

    return run
