"""What goes round on a timer, and ends between rounds: a round cut short can leave a half-made database connection."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

END_WITHIN_S = 10.0


class Rounds:
    """Loops that start together and stop together."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, run: Callable[[], Awaitable[None]]) -> None:
        """Run now and then every so many seconds, a tenth more or less; a failure waits for the next round."""
        self._tasks.append(asyncio.create_task(self._loop(seconds, run), name=f"round {run.__name__}"))

    async def stop(self) -> None:
        """Let the present rounds end."""
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=END_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _loop(self, seconds: float, run: Callable[[], Awaitable[None]]) -> None:
        while not self._stop.is_set():
            try:
                await run()
            except Exception as error:  # noqa: BLE001  # tried again next time
                log.warning("round.failed", what=run.__name__, error=repr(error)[:200])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), seconds * random.uniform(0.9, 1.1))  # noqa: S311  # jitter is no secret
