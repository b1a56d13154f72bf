"""Intervals: Wilson's for a rate, the paired bootstrap for a difference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

RESAMPLES = 4000
Z95 = 1.959964


def rate(outcomes: list[bool]) -> dict[str, Any]:
    """Count, share and 95 % interval (Wilson 1927) of right answers; the share of none is null."""
    n, right = len(outcomes), sum(outcomes)
    if n == 0:
        return {"n": 0, "correct": 0, "rate": None, "low": None, "high": None}
    p, z2 = right / n, Z95**2
    middle, half = (p + z2 / (2 * n)) / (1 + z2 / n), Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {"n": n, "correct": right, "rate": round(p, 4), "low": round(low, 4), "high": round(high, 4)}


def difference(ours: list[float], theirs: list[float], seed: int = 0) -> dict[str, Any]:
    """Mean paired difference with its 95 % interval, by resampling questions (Efron 1979); null without any."""
    gaps = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    if len(gaps) == 0:
        return {"n": 0, "difference": None, "low": None, "high": None}
    rng = np.random.default_rng(seed)
    means = gaps[rng.integers(0, len(gaps), (RESAMPLES, len(gaps)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "n": len(gaps),
        "difference": round(float(gaps.mean()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }
