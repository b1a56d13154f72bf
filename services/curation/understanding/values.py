"""When two claims say the same value and when they exclude each other."""

import re
from math import inf

from services.curation.domain.claims import Claim, Comparator, Quantity
from services.curation.understanding.units import find_unit
from services.curation.understanding.wording import is_code, stems

# Conversions between systems of units are rounded by the documents that make them: 50 ksi is written 345 MPa.
CONVERSION = 0.01
KELVIN = 1.0
_CUMULATIVE = re.compile(
    r"\b(?:conform|comply|compl|accord|meet|follow|satisf|reference|refer|tested|verified|examined|inspected"
    r"|checked|see|include|qualified|certif)",
    re.IGNORECASE,
)


def grouped(claims: list[Claim]) -> list[list[Claim]]:
    """Claims that state the same value, in groups; the order of the input decides ties only."""
    groups: list[list[Claim]] = []
    for claim in claims:
        home = next((group for group in groups if same(group[0], claim)), None)
        if home is None:
            groups.append([claim])
        else:
            home.append(claim)
    return groups


def same(a: Claim, b: Claim) -> bool:
    if a.negated != b.negated:
        return False
    if a.quantity and b.quantity:
        return _same_quantity(a.quantity, b.quantity)
    if a.quantity or b.quantity:
        return False
    return stems(a.value_text) == stems(b.value_text)


def _same_quantity(a: Quantity, b: Quantity) -> bool:
    if a.comparator is not b.comparator or a.dimension != b.dimension:
        return False
    highs = a.si_high is None or b.si_high is None or close(a.si_high, b.si_high, a, b)
    tolerances = a.si_tolerance is None or b.si_tolerance is None or close(a.si_tolerance, b.si_tolerance, a, b)
    return close(a.si_low, b.si_low, a, b) and highs and tolerances


def close(x: float, y: float, a: Quantity, b: Quantity) -> bool:
    """Whether two values in SI are one value as precisely as both were written."""
    written = min(a.resolution, b.resolution)
    slack = max(written, 1e-9 * max(abs(x), abs(y), 1e-30))
    if a.unit != b.unit and "temperature" in a.dimension:
        slack = max(slack, KELVIN)
    elif a.unit != b.unit:
        slack = max(slack, CONVERSION * max(abs(x), abs(y)))
    return abs(x - y) <= slack


def contradiction(a: Claim, b: Claim) -> str | None:
    """Why two claims of one topic and scope cannot both hold, or None where they can."""
    if a.modality == "means" or b.modality == "means":
        return _definitions(a, b)
    if a.quantity and b.quantity:
        return None if a.negated or b.negated else _quantities(a, b)
    if a.quantity or b.quantity:
        return None
    if a.negated != b.negated:
        return _negation(a, b)
    return None if a.negated else _designations(a, b)


def _quantities(a: Claim, b: Claim) -> str | None:
    qa, qb = a.quantity, b.quantity
    if qa is None or qb is None or qa.dimension != qb.dimension or _same_quantity(qa, qb):
        return None
    advice = "should" in (a.modality, b.modality) and a.modality != b.modality
    permits = "may" in (a.modality, b.modality) and a.modality != b.modality
    if qa.comparator is qb.comparator and not advice and not permits:
        return f"{_written(qa, qb)} and {_written(qb, qa)} are different {_bound(qa)}"
    if _apart(qa, qb):
        return f"{_written(qa, qb)} and {_written(qb, qa)} exclude each other"
    return None


def _apart(a: Quantity, b: Quantity) -> bool:
    (low_a, high_a), (low_b, high_b) = interval(a), interval(b)
    upper, lower = (high_a, low_b) if low_a <= low_b else (high_b, low_a)
    return upper < lower and not close(upper, lower, a, b)


def interval(quantity: Quantity) -> tuple[float, float]:
    """The values that a quantity admits, in SI."""
    low, high = quantity.si_low, quantity.si_high
    if quantity.comparator is Comparator.AT_LEAST:
        return low, inf
    if quantity.comparator is Comparator.AT_MOST:
        return -inf, low
    if quantity.comparator is Comparator.BETWEEN and high is not None:
        return low, high
    slack = 0.05 * abs(low) if quantity.comparator is Comparator.ABOUT else quantity.si_tolerance or 0.0
    return low - slack, low + slack


def _bound(quantity: Quantity) -> str:
    names = {Comparator.AT_LEAST: "minimum values", Comparator.AT_MOST: "maximum values", Comparator.BETWEEN: "ranges"}
    return names.get(quantity.comparator, "values")


def _written(quantity: Quantity, other: Quantity) -> str:
    """A value as written, and in the other's unit where the two differ."""
    text = quantity.text.replace(" and ", " to ")
    if quantity.unit == other.unit or not other.low or other.dimension != quantity.dimension:
        return text
    factor = _factor(other)
    if factor is None:
        return text
    return f"{text} (about {(quantity.si_low - factor[1]) / factor[0]:.4g} {other.unit})"


def _factor(quantity: Quantity) -> tuple[float, float] | None:
    """How `quantity`'s unit converts to SI: (factor, offset)."""
    unit = find_unit(quantity.unit) if quantity.unit else None
    return (unit.factor, unit.offset) if unit else None


def _negation(a: Claim, b: Claim) -> str | None:
    """One demands or permits what the other forbids."""
    if not a.is_requirement or not b.is_requirement:
        return None
    shorter, longer = sorted((set(stems(a.value_text)), set(stems(b.value_text))), key=len)
    if a.value_text and b.value_text and not shorter <= longer:
        return None
    return (
        "one demands what the other forbids"
        if "may" not in (a.modality, b.modality)
        else "one permits what the other forbids"
    )


def _designations(a: Claim, b: Claim) -> str | None:
    """Two names for what can only be one, such as two paint systems. Standards to conform to add up instead."""
    if not _is_designation(a.value_text) or not _is_designation(b.value_text):
        return None
    if stems(a.value_text) == stems(b.value_text) or _family(a.value_text) != _family(b.value_text):
        return None
    if _CUMULATIVE.search(f"{a.action} {a.property}") and _CUMULATIVE.search(f"{b.action} {b.property}"):
        return None
    return f"{a.value_text} and {b.value_text} are different designations"


def _is_designation(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= 5 and (any(is_code(word) for word in words) or bool(re.search(r"\d", text)))


def _family(text: str) -> str:
    """The letters of a designation: PS-4 and PS-6 are of one family, PS-4 and ASTM A36 are not."""
    return re.sub(r"[\d.\s/:-]+", "", text).lower()[:4]


def _definitions(a: Claim, b: Claim) -> str | None:
    """Definitions differ in wording as a rule; they contradict where next to no word is shared."""
    if a.modality != b.modality or a.document == b.document:
        return None
    mine, other = set(stems(a.value_text)), set(stems(b.value_text))
    if min(len(mine), len(other)) < 4 or len(mine & other) / len(mine | other) > 0.1:
        return None
    return "two definitions of one term that share next to no word"
