"""Quantities in text: numbers with units, ranges, tolerances, and the words that say how they bind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from services.curation.domain.claims import Comparator, Quantity
from services.curation.understanding.units import NONE, Unit, find_unit, unit_pattern

_VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅛": 0.125, "⅜": 0.375, "⅝": 0.625, "⅞": 0.875, "⅓": 1 / 3, "⅔": 2 / 3}
_NUMBER_WORDS = {
    word: float(n)
    for n, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
} | {"fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "sixty": 60.0, "ninety": 90.0}
# Spans whose digits are no quantity: dates, clause numbers, designations.
_NO_VALUE = re.compile(
    r"\b\d{4}-\d{1,2}(?:-\d{1,2})?\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|(?<![\w.])\d+(?:\.\d+){2,}\b"
    r"|(?<!\w)\d+(?:-\d+){2,}"
    r"|(?<![\w°/·⋅])(?![kcdm]?m[23]\b)[A-Za-z][A-Za-z]*[-/]?\d[\w/-]*(?:\.\d+)?"
)
_VALUE = r"\d{1,3}(?:[,\u00a0\u202f\u2009]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?(?:\s?[x×]\s?10(?:\^|\*\*)?[-−]?\d+)?"
_FRACTION = r"\d+[ -]\d+/\d+|\d+/\d+|\d*[½¼¾⅛⅜⅝⅞⅓⅔]"
_INCH_FOLLOWS = (
    r"(?=\s*(?:$|[.,;:)\]/×x–—-]|(?:thick|wide|long|deep|high|tall|diameter|by|to|and|or|min|max|above|below|per"
    r"|nominal|of)\b))"
)


@dataclass(frozen=True)
class Value:
    """One number with its unit at `start:end` of a text."""

    start: int
    end: int
    number: float
    unit: Unit
    resolution: float
    signed: bool = False


@dataclass(frozen=True)
class Found:
    """A quantity at `start:end` of a text; `start` includes the words that compare."""

    start: int
    end: int
    value_start: int
    quantity: Quantity
    spent_not: bool = False
    """Whether the comparator used up a negation before it, as in `not less than`."""


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(_NUMBER_WORDS)
    return re.compile(
        rf"(?P<pm>±|\+/[-−]|\+\s?/\s?[-−]|plus or minus\s)?\s?(?<![\w./:^])(?P<sign>(?<![\d)])[-−–])?"
        rf"(?P<n>{_FRACTION}|\d{{1,3}}(?:[ ]\d{{3}})+(?:\.\d+)?(?=[ \u00a0]?{unit_pattern()})|{_VALUE}|\b(?:{names})\b)"
        rf"(?:(?P<gap>[ \u00a0\u202f-]?)(?P<u>{unit_pattern()}))?(?P<quote>\")?",
    )


_LEAST = (
    r"at least|not\s+(?:be\s+)?(?:less|fewer|smaller|lower|shorter|thinner|sooner|earlier)\s+than"
    r"|no\s+(?:less|fewer|smaller|"
    r"lower|sooner|shorter|thinner)\s+than|not\s+(?:be\s+|fall\s+|drop\s+)?below|not\s+(?:be\s+)?under"
    r"|minimum(?:\s+of)?|min\.?|≥|>=|greater than"
    r"|more than|higher than|longer than|in excess of|exceeds?|exceeding|above|>|minimum value of"
)
_MOST = (
    r"not\s+(?:to\s+)?(?:be\s+)?exceed(?:ing)?|at most|no[t]?\s+(?:be\s+)?(?:more|greater|larger|longer"
    r"|higher|wider|thicker|later|heavier)\s+than"
    r"|not\s+(?:be\s+)?(?:above|over|beyond)|maximum(?:\s+of)?|max\.?|≤|<=|less than|fewer than|lower than"
    r"|smaller than|shorter than|below|up to"
    r"|limited to|within(?:\s+a\s+tolerance\s+of)?|<|no later than|not\s+rise\s+above"
)
_ABOUT = r"about|approximately|approx\.?|around|roughly|circa|ca\.|nominally|~|≈"
_BEFORE = re.compile(
    rf"(?:(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<about>{_ABOUT}))\s*(?:a|an|of|the)?\s*$", re.IGNORECASE
)
_AFTER = re.compile(
    r"^\s*,?\s*(?:(?P<least>min(?:imum)?\b\.?|or (?:more|greater|above|higher|longer|larger)|and (?:above"
    r"|over|more)|at least\b)"
    r"|(?P<most>max(?:imum)?\b\.?|or (?:less|fewer|below|lower|shorter|smaller)|and below|at most\b))",
    re.IGNORECASE,
)
_RANGE_JOINT = re.compile(r"^\s*(?:to|through|–|—|-|−|\.\.\.?|…|up to)\s*(?:and including\s*)?$")
_AND_JOINT = re.compile(r"^\s*and\s*(?:at most\s*)?$")
_BETWEEN = re.compile(r"(?:between|from|range of|ranging from|ranges from)\s*$", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"^\s*(?:with a tolerance of)?\s*$")


def find(text: str, unitless: bool = False) -> list[Found]:
    """Every quantity of `text`, left to right; bare numbers only if `unitless`."""
    found = [_bound(text, one) for one in _joined(text, list(_values(text)))]
    return [one for one in found if unitless or one.quantity.unit]


def _values(text: str) -> Iterator[Value]:
    masked = _NO_VALUE.sub(lambda match: "\x00" * len(match.group()), text)
    for match in _pattern().finditer(masked):
        written = match.group("u") or ""
        if written and not _is_unit_here(text, match):
            written = ""
        unit = find_unit(written) if written else NONE
        end = match.end("u") if written else match.end("n")
        if match.group("quote") and not written and text.count('"', 0, match.start()) % 2 == 0:
            unit, end = find_unit("in"), match.end()
        if unit is None or (match.group("n") in _NUMBER_WORDS and unit is NONE):
            continue
        number, resolution = _number(match.group("n"))
        start = (
            match.start("pm") if match.group("pm") else match.start("sign") if match.group("sign") else match.start("n")
        )
        yield Value(start, end, -number if match.group("sign") else number, unit, resolution, bool(match.group("pm")))


def _is_unit_here(text: str, match: re.Match[str]) -> bool:
    """`in` is an inch only where no preposition can stand; a letter that is a unit stands apart from its number."""
    written, rest = match.group("u"), text[match.end("u") :]
    if written == "in":
        return bool(re.match(_INCH_FOLLOWS, rest))
    return not (written in ("A", "K", "V", "L") and match.group("gap") != " " and rest[:1].isalnum())


def _number(written: str) -> tuple[float, float]:
    """The number and half of its last digit."""
    if written.lower() in _NUMBER_WORDS:
        return _NUMBER_WORDS[written.lower()], 0.0
    if written[-1] in _VULGAR:
        return float(written[:-1] or 0) + _VULGAR[written[-1]], 0.0
    if "/" in written:
        whole, _, fraction = re.sub(r"[ -]", " ", written).rpartition(" ")
        top, bottom = fraction.split("/")
        return float(whole or 0) + (float(top) / float(bottom) if float(bottom) else 0.0), 0.0
    power = re.split(r"\s?[x×]\s?10(?:\^|\*\*)?", written)
    mantissa = re.sub(r"[ \u00a0\u202f\u2009]", "", power[0])
    mantissa = re.sub(r",(?=\d{3}(?:\D|$))", "", mantissa).replace(",", ".")
    scale = 10.0 ** int(power[1].replace("−", "-")) if len(power) > 1 else 1.0
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * scale, 0.5 * 10.0**-decimals * scale


def _joined(text: str, values: list[Value]) -> Iterator[Found]:
    """Ranges and tolerances made of two values, equivalents in brackets left out."""
    at = 0
    while at < len(values):
        first = values[at]
        second = values[at + 1] if at + 1 < len(values) else None
        found, used = _pair(text, first, second) if second else (None, 1)
        found = found or _single(text, first)
        at += used
        while at < len(values) and _restates(text, found, values[at]):
            found = replace(found, end=text.index(")", values[at].end) + 1)
            at += 1
        yield found


def _pair(text: str, first: Value, second: Value) -> tuple[Found | None, int]:
    between = text[first.end : second.start]
    if second.signed and _PLUS_MINUS.match(between):
        unit = first.unit if first.unit is not NONE else second.unit
        return _with_tolerance(text, replace(first, unit=unit), second), 2
    before = _BETWEEN.search(text[: first.start])
    joins = _RANGE_JOINT.match(between) or (before and _AND_JOINT.match(between))
    unit = first.unit if first.unit is not NONE else second.unit
    high = abs(second.number) if between.strip() == "" else second.number
    if not joins or unit.dimension != second.unit.dimension or first.signed or second.signed:
        return None, 1
    if unit.to_si(first.number) >= second.unit.to_si(high):
        return None, 1
    start = before.start() if before else first.start
    return _range(text, start, replace(first, unit=unit), replace(second, number=high)), 2


def _quantity(comparator: Comparator, value: Value, text: str) -> Quantity:
    unit = value.unit
    return Quantity(
        comparator,
        value.number,
        unit.written,
        text,
        unit.to_si(value.number),
        unit.si,
        unit.dimension,
        resolution=value.resolution * unit.factor,
    )


def _single(text: str, value: Value) -> Found:
    written = text[value.start : value.end].strip()
    if not value.signed:
        return Found(value.start, value.end, value.start, _quantity(Comparator.EQUAL, value, written))
    half = value.number * value.unit.factor
    quantity = replace(
        _quantity(Comparator.BETWEEN, value, written),
        low=-value.number,
        high=value.number,
        si_low=-half,
        si_high=half,
        tolerance=value.number,
        si_tolerance=half,
    )
    return Found(value.start, value.end, value.start, quantity)


def _with_tolerance(text: str, value: Value, tolerance: Value) -> Found:
    quantity = replace(
        _quantity(Comparator.EQUAL, value, text[value.start : tolerance.end].strip()),
        tolerance=tolerance.number * tolerance.unit.factor / value.unit.factor
        if tolerance.unit is not NONE
        else tolerance.number,
        si_tolerance=tolerance.number * (tolerance.unit if tolerance.unit is not NONE else value.unit).factor,
    )
    return Found(value.start, tolerance.end, value.start, quantity)


def _range(text: str, start: int, low: Value, high: Value) -> Found:
    quantity = replace(
        _quantity(Comparator.BETWEEN, low, text[low.start : high.end].strip()),
        high=(high.unit.to_si(high.number) - low.unit.offset) / low.unit.factor,
        si_high=high.unit.to_si(high.number),
    )
    return Found(start, high.end, low.start, quantity)


def _restates(text: str, found: Found, value: Value) -> bool:
    """Whether `value` is the same again in brackets, as in `50 ksi (345 MPa)`."""
    opened = re.fullmatch(r"\s*\(\s*(?:about|approx\.?|i\.e\.|=|≈)?\s*", text[found.end : value.start])
    return bool(
        opened and text[value.end :].lstrip().startswith(")") and value.unit.dimension == found.quantity.dimension
    )


def _bound(text: str, found: Found) -> Found:
    """Adds the comparator that the words around a single value give it."""
    if found.quantity.comparator is Comparator.BETWEEN:
        return found
    before, after = _BEFORE.search(text[: found.start]), _AFTER.match(text[found.end :])
    match = before or after
    if match is None:
        return found
    kind = next(name for name in ("least", "most", "about") if name in match.groupdict() and match.group(name))
    comparator = {"least": Comparator.AT_LEAST, "most": Comparator.AT_MOST, "about": Comparator.ABOUT}[kind]
    start = before.start() if before else found.start
    end = found.end + (after.end() if after and not before else 0)
    spent = bool(before and re.match(r"not\b", before.group(), re.IGNORECASE))
    return replace(
        found, start=start, end=end, quantity=replace(found.quantity, comparator=comparator), spent_not=spent
    )


def with_comparator(quantity: Quantity, comparator: Comparator) -> Quantity:
    """The same value bound otherwise, as `minimum` in a column's title binds it."""
    return quantity if quantity.comparator is not Comparator.EQUAL else replace(quantity, comparator=comparator)


def read_cell(cell: str, unit: str = "") -> Quantity | None:
    """The quantity that a table cell holds wholly, with the unit of its column where the cell has none; else None."""
    text = f"{cell.strip()} {unit.strip()}".strip() if unit.strip(" -–") else cell.strip()
    for candidate in dict.fromkeys((cell.strip(), text)):
        found = find(candidate, unitless=True)
        is_whole = len(found) == 1 and not re.search(r"\w", candidate[: found[0].start] + candidate[found[0].end :])
        if is_whole and (found[0].quantity.unit or candidate == text):
            return found[0].quantity
    return None
