"""Requirement against measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.agents.domain.evidence import Claim, Comparator, Item, Limit, Measurement

# A value that is converted between units may lose its last digit; equality allows for half a percent.
ROUNDING = 1e-6
EQUALITY = 0.005


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not met"
    OPEN = "open"


@dataclass(frozen=True)
class Finding:
    """A requirement, what is evidence for it, and what follows."""

    requirement: Claim
    verdict: Verdict
    reason: str
    measurements: tuple[Measurement, ...] = ()
    items: tuple[Item, ...] = ()


def judge(requirement: Claim, measurements: Sequence[Measurement], items: Sequence[Item]) -> Finding:
    """Every measurement must hold; without any the point is open and never assumed to be met."""
    limit = requirement.limit
    if limit is None:
        if items:
            return Finding(requirement, Verdict.MET, "the part is recorded with this value", items=tuple(items[:1]))
        return Finding(requirement, Verdict.OPEN, "no evidence was found")
    if not measurements:
        return Finding(requirement, Verdict.OPEN, "no measurement was found")
    if limit.comparator is Comparator.ABOUT:
        return Finding(requirement, Verdict.OPEN, "the requirement is approximate", tuple(measurements))
    failing = tuple(m for m in measurements if not holds(limit, m.amount.si))
    if failing:
        return Finding(requirement, Verdict.NOT_MET, "a measurement is outside the limit", failing)
    return Finding(requirement, Verdict.MET, "every measurement is within the limit", tuple(measurements))


def holds(limit: Limit, value: float) -> bool:
    """Whether a value in SI base units is allowed."""
    slack = ROUNDING * max(abs(limit.low), abs(value))
    match limit.comparator:
        case Comparator.AT_LEAST:
            return value >= limit.low - slack
        case Comparator.AT_MOST:
            return value <= limit.low + slack
        case Comparator.BETWEEN if limit.high is not None:
            return limit.low - slack <= value <= limit.high + slack
    width = limit.tolerance if limit.tolerance is not None else EQUALITY * abs(limit.low)
    return abs(value - limit.low) <= width + slack
