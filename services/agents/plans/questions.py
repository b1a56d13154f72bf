"""Questions to the model, and how its answers are checked."""

from services.agents.domain import matching
from services.agents.domain.evidence import Claim, Comparator
from services.agents.domain.verdicts import EQUALITY, Finding
from services.agents.ports import Units

_BOUNDS = {Comparator.AT_LEAST: "minimum", Comparator.AT_MOST: "maximum"}


def bare_property(claim: Claim) -> str:
    """The property without the words that bound it."""
    kept = [word for word in claim.attribute.split() if word.lower() not in ("minimum", "maximum", "min", "max")]
    return " ".join(kept) or claim.attribute


def subject_phrase(claim: Claim) -> str:
    """The subject within a sentence: `anchor rods for QF-203 frames`, `the wind load`."""
    subject = claim.subject.strip()
    first, _, rest = subject.partition(" ")
    lowered = subject if any(c.isupper() or c.isdigit() for c in first[1:]) else f"{first.lower()} {rest}".strip()
    head = matching.TAIL.split(lowered)[0]
    is_plural = head.endswith("s") and not head.endswith("ss")
    return lowered if is_plural or lowered.startswith(("the ", "a ", "an ")) else f"the {lowered}"


def fact_question(claim: Claim) -> str:
    """A question whose answer is the value that a requirement states."""
    bound = _BOUNDS.get(claim.limit.comparator, "") if claim.limit else ""
    asked = f"{bound} {bare_property(claim)}".strip()
    return f"What is the {asked} of {subject_phrase(claim)}{_conditions(claim)}?"


def measured_question(claim: Claim) -> str:
    return f"What is the measured {bare_property(claim)}{_conditions(claim)}?"


def statement_request(finding: Finding) -> str:
    """Asks for one sentence out of a finding's own values."""
    claim = finding.requirement
    values = ", ".join(m.amount.text for m in finding.measurements)
    return (
        f"Write one sentence for a report: the {bare_property(claim)} of {subject_phrase(claim)} "
        f"is required to be {claim.value}, was measured as {values}, and is {finding.verdict}."
    )


def agrees(claim: Claim, answer: str, units: Units) -> bool:
    """Whether an answer names the value that the document states, in any unit."""
    limit = claim.limit
    if limit is None:
        value = matching.words(claim.value_text)
        return bool(value) and value <= matching.words(answer)
    return any(matching.same_limit(limit, a.si, a.dimension, EQUALITY) for a in units.amounts(answer))


def is_supported(finding: Finding, sentence: str, units: Units) -> bool:
    """Whether a written sentence says nothing but the finding: its property, its amounts only, and its verdict."""
    claim = finding.requirement
    said = matching.words(sentence)
    named = matching.words(bare_property(claim)) | matching.part(claim.subject, "")
    if not named <= said or "\n" in sentence.strip():
        return False
    known = {f"{m.amount.si:.9g} {m.amount.dimension}" for m in finding.measurements}
    texts = f"{claim.value} {claim.subject} {claim.attribute} {' '.join(claim.conditions)}"
    known |= {f"{a.si:.9g} {a.dimension}" for a in units.amounts(texts)}
    stated = [f"{a.si:.9g} {a.dimension}" for a in units.amounts(sentence)]
    return bool(stated) and set(stated) <= known and _same_verdict(finding, sentence.lower())


def _same_verdict(finding: Finding, sentence: str) -> bool:
    negative = any(word in sentence for word in ("not met", "not meet", "fail", "below", "exceed", "does not"))
    positive = not negative and any(word in sentence for word in (" met", "meet", "satisf", "compl"))
    return positive if finding.verdict == "met" else negative


def _conditions(claim: Claim) -> str:
    phrases = matching.condition_phrases(claim)
    return f" {' '.join(phrases)}" if phrases else ""
