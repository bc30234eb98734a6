"""Sums over a few numbers, in the order in which numpy and Python add them."""

from __future__ import annotations

from agents.compiled.rule import kernel

LANES = 8
PAIRWISE_FROM = 128


@kernel
def total_of(values):
    """Return the sum of float64 values as `numpy.sum` adds them: in eight lanes, in halves beyond 128 values."""
    n = len(values)
    if n > PAIRWISE_FROM:
        half = n // 2
        half -= half % LANES
        return total_of(values[:half]) + total_of(values[half:])
    if n < LANES:
        total = 0.0
        for k in range(n):
            total += values[k]
        return total
    a, b, c, d = values[0], values[1], values[2], values[3]
    e, f, g, h = values[4], values[5], values[6], values[7]
    last = n - n % LANES
    for k in range(LANES, last, LANES):
        a, b, c, d = a + values[k], b + values[k + 1], c + values[k + 2], d + values[k + 3]
        e, f, g, h = e + values[k + 4], f + values[k + 5], g + values[k + 6], h + values[k + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for k in range(last, n):
        total += values[k]
    return total


@kernel
def exact_sum(values):
    """Return the sum of float64 values with what rounding loses added at the end (Neumaier 1974)."""
    total, lost = 0.0, 0.0
    for value in values:
        larger = total + value
        lost += (total - larger) + value if abs(total) >= abs(value) else (value - larger) + total
        total = larger
    return total + lost
