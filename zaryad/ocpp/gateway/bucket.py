"""A rate with a burst: so many a second on average, so many at once."""

from __future__ import annotations


class Bucket:
    """Tokens that come back with time. `at` is monotonic seconds."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = float(burst)
        self._then: float | None = None

    def has(self, at: float) -> bool:
        """Whether one more is within bounds."""
        if self._then is not None:
            self._left = min(self._burst, self._left + (at - self._then) * self._per_s)
        self._then = at
        return self._left >= 1

    def take(self, at: float) -> bool:
        """Take one; False, and nothing is taken, when there is none."""
        if not self.has(at):
            return False
        self._left -= 1
        return True
