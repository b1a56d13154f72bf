"""Which measurement is evidence for which requirement. What is unsure is no evidence, and the point stays open."""

import re
from collections.abc import Iterable, Sequence

from services.agents.domain.evidence import Claim, Item, Limit, Measurement

_WORD = re.compile(r"[a-z0-9µ]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STOP = "a an and at be by for from in is it no not of on or shall than that the to under was were with"
STOP = frozenset(_STOP.split(" "))
# Words that say which value of a property is meant, and so stand on one side only.
_QUALIFIERS = """actual allowed average characteristic least max maximum mean measured min minimum most nominal
permitted required specified tested"""
QUALIFIERS = frozenset(re.split(r"\s+", _QUALIFIERS))
# The part that a subject names ends where the thing that it belongs to begins.
TAIL = re.compile(r"\s+(?:for|of|in|at|on|under|from)\s+", re.IGNORECASE)
# A lot, heat, drawing or report: letters and digits, such as H4471 or AR-88.
_IDENTIFIER = re.compile(r"\b(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b")


def words(text: str) -> frozenset[str]:
    """A text's words without endings of the plural and without function words."""
    found = _WORD.findall(text.lower().replace("μ", "µ"))
    return frozenset(_singular(word) for word in found if word not in STOP)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def identifiers(texts: Iterable[str]) -> frozenset[str]:
    """Lots, heats, reports and the like that the texts name, in upper case."""
    return frozenset(match.upper() for text in texts for match in _IDENTIFIER.findall(text))


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether a text names any of `names` as whole words."""
    lowered = text.lower()
    return any(re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", lowered) for name in names if name)


def part(subject: str, design: str) -> frozenset[str]:
    """The words of the part that a subject names: `anchor rod` of `Anchor rods for QF-203 frames`."""
    head = TAIL.split(subject)[0]
    return words(head) - words(design)


def measures(requirement: Claim, measurement: Measurement, design: str) -> bool:
    """Whether a measurement is of the very property and part that a requirement limits."""
    limit = requirement.limit
    if limit is None or limit.dimension != measurement.amount.dimension:
        return False
    asked = words(requirement.attribute) - QUALIFIERS
    around = words(requirement.subject) | words(" ".join(requirement.conditions)) | words(design)
    given = words(measurement.attribute) - QUALIFIERS
    beside = words(measurement.subject)
    same_property = bool(asked & given) and asked <= given | beside and given <= asked | around
    return same_property and _is_part(requirement, beside | given, design) and _fulfils(requirement, measurement)


def _is_part(requirement: Claim, named: frozenset[str], design: str) -> bool:
    wanted = part(requirement.subject, design)
    return bool(wanted) and wanted <= named


def _fulfils(requirement: Claim, measurement: Measurement) -> bool:
    """Whether the numbers of the requirement's conditions stand with the measurement too."""
    needed = {number for condition in requirement.conditions for number in _NUMBER.findall(condition)}
    stated = f"{measurement.attribute} {measurement.context}"
    return needed <= set(_NUMBER.findall(stated))


def names_value(requirement: Claim, item: Item, design: str) -> bool:
    """Whether an entry of a tool names the very thing that a requirement asks for, for the part that it is about."""
    value = words(requirement.value_text)
    if not value or requirement.negated or not _is_part(requirement, words(item.subject), design):
        return False
    return any(value == words(text) for text in item.texts)


def is_about(claim: Claim, names: Sequence[str]) -> bool:
    """Whether a claim belongs to what `names` names, by its subject, its words or its document's title."""
    return mentions(f"{claim.subject} {claim.quote.text} {claim.quote.title}", names)


def same_limit(limit: Limit, si: float, dimension: str, relative: float) -> bool:
    """Whether an amount is the value of a limit, either end of a range counting."""
    ends = [limit.low] if limit.high is None else [limit.low, limit.high]
    return limit.dimension == dimension and any(abs(si - end) <= relative * max(abs(end), abs(si)) for end in ends)
