"""Whether two claims can apply to the same case at all."""

import re
from functools import lru_cache
from math import inf

from services.curation.domain.claims import Claim
from services.curation.understanding.quantities import find
from services.curation.understanding.values import interval
from services.curation.understanding.wording import stem, stems, word_set

# Pairs of words of which only one can apply; each group lists what excludes what.
_OPPOSITES = (
    ("indoor", "outdoor"), ("interior", "exterior"), ("internal", "external"), ("inside", "outside"), ("hot", "cold"),
    ("hot-finished", "cold-formed"), ("hot-rolled", "cold-rolled", "cold-formed"), ("temporary", "permanent"),
    ("new", "existing"), ("upper", "lower"), ("top", "bottom"), ("primary", "secondary"), ("wet", "dry"),
    ("summer", "winter"), ("longitudinal", "transverse"), ("horizontal", "vertical"), ("welded", "bolted", "riveted"),
    ("sprinklered", "unsprinklered"), ("insured", "uninsured"), ("tension", "compression"), ("male", "female"),
    ("adult", "child", "paediatric", "pediatric"), ("domestic", "international"), ("full-time", "part-time"),
    ("oral", "intravenous", "topical"), ("inlet", "outlet"), ("day", "night"), ("first", "second", "third"),
    ("painted", "unpainted"), ("coated", "uncoated"), ("galvanized", "ungalvanized"), ("left", "right"),
    ("minimum", "maximum"), ("carbon", "stainless"), ("static", "dynamic"), ("buyer", "seller"),
    ("employer", "employee"), ("landlord", "tenant"), ("accidental", "characteristic", "quasi-permanent", "frequent"),
    ("empty", "loaded", "full"), ("public", "private"), ("mean", "local", "individual"),
)  # fmt: skip
_TEMPORAL = re.compile(r"^(?:before|after|prior to|following)\b", re.IGNORECASE)
_UPWARD = re.compile(
    r"\b(?:thicker|longer|larger|wider|heavier|greater|higher|more|taller|deeper) than|exceeding|\bover\b"
    r"|\babove\b|in excess of|or more|or greater",
    re.IGNORECASE,
)
_DOWNWARD = re.compile(
    r"\b(?:thinner|shorter|smaller|narrower|lighter|less|lower) than|\bbelow\b|\bunder\b|up to|not exceeding|or less",
    re.IGNORECASE,
)
_FILLER = frozenset(stem(word) for word in word_set("case use all when where than"))


def overlap(a: Claim, b: Claim) -> bool:
    """Whether a case falls under both claims: no opposite words, no disjoint ranges, no condition of one alone."""
    if _opposed(_words(a), _words(b)):
        return False
    if a.negated != b.negated:
        return _same_conditions(_without_time(a), _without_time(b))
    return _same_conditions(a.conditions, b.conditions)


def _without_time(claim: Claim) -> tuple[str, ...]:
    # A prohibition holds at any time, so that `shall be done before delivery` contradicts `shall not be done`.
    return tuple(condition for condition in claim.conditions if not _TEMPORAL.match(condition))


def _words(claim: Claim) -> frozenset[str]:
    text = " ".join((claim.subject, claim.property, *claim.conditions, *claim.headings[-1:]))
    return frozenset(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()))


@lru_cache(maxsize=65536)
def _opposed(a: frozenset[str], b: frozenset[str]) -> bool:
    for group in _OPPOSITES:
        mine, other = {word for word in group if word in a}, {word for word in group if word in b}
        if mine and other and not mine & other:
            return True
    return False


def _same_conditions(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Equal after folding, or each with a range of the same dimension and the ranges overlapping."""
    rest_a, rest_b = _ranges_and_words(a), _ranges_and_words(b)
    if set(rest_a[0]) != set(rest_b[0]) or rest_a[1] != rest_b[1]:
        return False
    return all(_meet(span, rest_b[0][dimension]) for dimension, span in rest_a[0].items())


def _meet(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether two ranges share more than an end point; two points meet where they are equal."""
    slack = 1e-6 * max(abs(value) for value in (*a, *b, 1e-9) if abs(value) != inf)
    if a[0] == a[1] or b[0] == b[1]:
        return max(a[0], b[0]) <= min(a[1], b[1]) + slack
    return min(a[1], b[1]) - max(a[0], b[0]) > slack


@lru_cache(maxsize=65536)
def _ranges_and_words(conditions: tuple[str, ...]) -> tuple[dict[str, tuple[float, float]], frozenset[str]]:
    """The ranges that conditions name, by dimension, and what they say besides."""
    ranges: dict[str, tuple[float, float]] = {}
    words: set[str] = set()
    for condition in conditions:
        plain = condition
        for found in find(condition):
            span = interval(found.quantity)
            before = condition[: found.value_start]
            if span[0] == span[1]:
                span = (
                    (span[0], inf) if _UPWARD.search(before) else (-inf, span[1]) if _DOWNWARD.search(before) else span
                )
            ranges[found.quantity.dimension] = span
            plain = plain.replace(condition[found.start : found.end], " ")
        words |= set(stems(_DOWNWARD.sub(" ", _UPWARD.sub(" ", plain)))) - _FILLER
    return ranges, frozenset(words)
