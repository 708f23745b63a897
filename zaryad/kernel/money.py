"""Money is a whole number of minor units and a currency. Nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

# ISO 4217 exponents that differ from 2. Two decimals are never assumed elsewhere.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "TND": 3, "JOD": 3}


def exponent(currency: str) -> int:
    """Return how many decimal digits the currency's minor unit has."""
    return EXPONENTS.get(currency, 2)


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in the currency's minor units (tyiyn, kopecks); negative where a sum may be owed back."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def percent(self, percent: int) -> Money:
        """Return so many hundredths of it, rounded down: what is set aside never exceeds its share."""
        return Money(self.minor * percent // 100, self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Share out by weights without losing a minor unit: earlier shares take the remainder."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        shares = [self.minor * weight // total for weight in weights]
        for index in range(self.minor - sum(shares)):
            shares[index] += 1
        return [Money(share, self.currency) for share in shares]

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} is not {other.currency}")
        return other


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers, halves away from zero: the one rounding of a bill's total (denominator > 0)."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
