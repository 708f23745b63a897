"""The whole of virtual time: a heap of what happens next. No sleeping, no sockets, one seed.

Whatever happens is awaited to its end before the next thing: two runs with one seed tell one story.
"""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections.abc import Callable
from inspect import isawaitable

Act = Callable[[], object]  # what comes back is awaited if it can be


class World:
    def __init__(self, seed: int, start: dt.datetime) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self._now = start
        self._next: list[tuple[dt.datetime, int, Act]] = []
        self._count = 0
        self.story: list[str] = []

    def now(self) -> dt.datetime:
        """The true time; the world is everybody's Clock."""
        return self._now

    def at(self, when: dt.datetime, act: Act) -> None:
        self._count += 1  # ties happen in the order they were asked for
        heapq.heappush(self._next, (max(when, self._now), self._count, act))

    def after(self, seconds: float, act: Act) -> None:
        self.at(self._now + dt.timedelta(seconds=seconds), act)

    def every(self, seconds: float, act: Act) -> None:
        async def again() -> None:
            doing = act()
            if isawaitable(doing):
                await doing
            self.after(seconds, again)

        self.after(seconds, again)

    async def run(self, until: dt.datetime) -> None:
        while self._next and self._next[0][0] <= until:
            self._now, _, act = heapq.heappop(self._next)
            doing = act()
            if isawaitable(doing):
                await doing
        self._now = until

    def tell(self, who: str, what: str) -> None:
        self.story.append(f"{self._now:%d %H:%M:%S.%f} {who} {what}")

    def chance(self, share: float) -> bool:
        return self.random.random() < share
