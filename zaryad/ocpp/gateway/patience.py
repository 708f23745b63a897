"""How long a handler may take: one look round for all that run, instead of a timer each.

A timer of the event loop costs a sixth of what reading and answering a message does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Patience:
    """Interrupts what has run for too long, as `asyncio.timeout` would; a look round later at most."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._now = time.monotonic
        self._running: dict[asyncio.Task[object], float] = {}  # all wait equally long: the first is due first
        self._interrupted: set[asyncio.Task[object]] = set()

    async def of(self, work: Awaitable[T]) -> T:
        """Wait for it; TimeoutError when it was interrupted. One at a time in each task."""
        task = asyncio.current_task()
        assert task is not None, "tasks alone await"
        self._running[task] = self._now()
        try:
            return await work
        except asyncio.CancelledError as error:
            if task in self._interrupted and task.uncancel() == 0:
                raise TimeoutError from error
            raise
        finally:
            del self._running[task]
            self._interrupted.discard(task)

    def look(self) -> None:
        """Interrupt what is due."""
        before = self._now() - self._within_s
        for task, began in self._running.items():
            if began > before:
                return
            if task not in self._interrupted:
                self._interrupted.add(task)
                task.cancel()
