"""Which measurement is evidence for which requirement. What is unsure is no evidence, and the point stays open."""

import re
from collections.abc import Iterable, Sequence

from services.agents.domain.evidence import Claim, Item, Limit, Measurement

_WORD = re.compile(r"[a-z0-9µ]+")
_SENTENCE_END = re.compile(r"\.\s+(?=[A-Z])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STOP = "a an and at be by for from in is it no not of on or shall than that the to under was were with"
STOP = frozenset(_STOP.split(" "))
MAX_NAME_WORDS = 6
# A value that is converted between units may lose its last digit.
SAME = 1e-6
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
    around = words(requirement.subject) | words(" ".join(condition_phrases(requirement))) | words(design)
    given = words(measurement.attribute) - QUALIFIERS
    beside = words(measurement.subject)
    same_property = bool(asked & given) and asked <= given | beside and given <= asked | around
    return same_property and _is_part(requirement, beside | given, design) and _fulfils(requirement, measurement)


def _is_part(requirement: Claim, named: frozenset[str], design: str) -> bool:
    wanted = part(requirement.subject, design)
    return bool(wanted) and wanted <= named


def condition_phrases(claim: Claim) -> list[str]:
    """A claim's conditions, each up to the end of its sentence."""
    return [_SENTENCE_END.split(condition)[0].strip() for condition in claim.conditions]


def _fulfils(requirement: Claim, measurement: Measurement) -> bool:
    """Whether the numbers of the requirement's conditions stand with the measurement too."""
    stripped = [_IDENTIFIER.sub(" ", phrase) for phrase in condition_phrases(requirement)]
    needed = {number for phrase in stripped for number in _NUMBER.findall(phrase)}
    stated = f"{measurement.attribute} {measurement.context}"
    return needed <= set(_NUMBER.findall(stated))


def names_value(requirement: Claim, item: Item, design: str) -> bool:
    """Whether an entry of a tool names the very thing that a requirement asks for, for the part that it is about."""
    value = words(requirement.value_text)
    if not value or requirement.negated or not _is_part(requirement, words(item.subject), design):
        return False
    return any(value == words(text) for text in item.texts)


def states_value(claim: Claim) -> bool:
    """Whether a requirement states a value that can be asked for and compared: an amount, or a thing by its name."""
    if claim.limit is not None:
        return True
    value, attribute = claim.value_text.lower().split(), claim.attribute.lower().split()
    is_name = bool(value) and len(value) <= MAX_NAME_WORDS and value[0] not in ("be", *attribute[:1])
    return is_name and not claim.negated and bool(words(claim.attribute))


def same_requirement(first: Claim, second: Claim) -> bool:
    """Whether two claims demand the same of the same."""
    if words(first.subject) != words(second.subject) or words(first.attribute) != words(second.attribute):
        return False
    if first.limit is None or second.limit is None:
        return words(first.value_text) == words(second.value_text)
    is_same = same_limit(first.limit, second.limit.low, second.limit.dimension, SAME)
    return is_same and first.limit.comparator is second.limit.comparator and first.limit.high == second.limit.high


def is_about(claim: Claim, names: Sequence[str]) -> bool:
    """Whether a claim belongs to what `names` names, by its subject, its words or its document's title."""
    return mentions(f"{claim.subject} {claim.quote.text} {claim.quote.title}", names)


def same_limit(limit: Limit, si: float, dimension: str, relative: float) -> bool:
    """Whether an amount is the value of a limit, either end of a range counting."""
    ends = [limit.low] if limit.high is None else [limit.low, limit.high]
    return limit.dimension == dimension and any(abs(si - end) <= relative * max(abs(end), abs(si)) for end in ends)
