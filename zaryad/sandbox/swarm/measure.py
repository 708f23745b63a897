"""What a swarm saw: how fast, how late, how wrong."""

from __future__ import annotations

import time
from array import array
from collections import Counter

import msgspec

SAMPLES_MAX = 2_000_000  # latencies kept per action; beyond it only counts go on


class ActionFigures(msgspec.Struct, frozen=True):
    """One action's answers."""

    action: str
    answered: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Report(msgspec.Struct, frozen=True):
    """One run, or a phase of it."""

    phase: str
    seconds: float
    stations: int
    connected: int
    in_session: int
    handshakes: int
    handshakes_per_second: float
    reconnects: int
    answered: int
    answered_per_second: float
    errors: dict[str, int]
    swarm_cpu_share: float  # of one core; above 0.8 the swarm itself is what was measured
    actions: tuple[ActionFigures, ...]


class Measure:
    """Collects during a phase; `report` closes it and begins the next."""

    def __init__(self) -> None:
        self.handshakes = 0
        self.reconnects = 0
        self.errors: Counter[str] = Counter()
        self._latencies: dict[str, array[float]] = {}
        self._counts: Counter[str] = Counter()
        self._began = time.perf_counter()
        self._cpu = time.process_time()

    @property
    def answered(self) -> int:
        """Answers in this phase so far."""
        return self._counts.total()

    @property
    def seconds(self) -> float:
        """How long this phase has lasted."""
        return time.perf_counter() - self._began

    def answer(self, action: str, seconds: float) -> None:
        """Count an answer and how long it took."""
        self._counts[action] += 1
        kept = self._latencies.get(action)
        if kept is None:
            kept = self._latencies[action] = array("d")
        if len(kept) < SAMPLES_MAX:
            kept.append(seconds * 1_000)

    def worst_p99_ms(self) -> float:
        """Return the greatest p99 of all actions."""
        return max((_percentile(sorted(kept), 0.99) for kept in self._latencies.values()), default=0.0)

    def report(self, phase: str, *, stations: int, connected: int, in_session: int) -> Report:
        """Say what was seen since the last report."""
        seconds = max(self.seconds, 1e-6)
        done = Report(
            phase=phase,
            seconds=round(seconds, 2),
            stations=stations,
            connected=connected,
            in_session=in_session,
            handshakes=self.handshakes,
            handshakes_per_second=round(self.handshakes / seconds, 1),
            reconnects=self.reconnects,
            answered=self.answered,
            answered_per_second=round(self.answered / seconds, 1),
            errors=dict(self.errors),
            swarm_cpu_share=round((time.process_time() - self._cpu) / seconds, 3),
            actions=tuple(self._figures(action, seconds) for action in sorted(self._counts)),
        )
        self.__init__()  # type: ignore[misc]  # a new phase begins as a new measure does
        return done

    def _figures(self, action: str, seconds: float) -> ActionFigures:
        ordered = sorted(self._latencies[action])
        count = self._counts[action]
        p50, p95, p99 = (round(_percentile(ordered, share), 2) for share in (0.5, 0.95, 0.99))
        return ActionFigures(action, count, round(count / seconds, 1), p50, p95, p99, round(ordered[-1], 2))


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
