"""What one sentence states: subject, property, value, how it binds, under which conditions.

Rules over English requirement prose (ISO/IEC Directives part 2 and EARS forms); no model is asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.curation.domain.claims import Comparator, Quantity
from services.curation.understanding.clauses import Clause, read_clause
from services.curation.understanding.phrases import (
    DIMENSION_WORDS,
    adds,
    code_of,
    kind_of_time,
    oddness,
    split_head,
    split_subject,
    unbind,
    verb_of,
    worded_property,
)
from services.curation.understanding.quantities import Found, find, with_comparator

_SUBORDINATE = re.compile(
    r"\b(?:until|when|where|if|unless|after|before|while|once|provided that|except|prior to|during|so that"
    r"|because|that|which|including|such as|as (?:clause|stated|required|given|shown|described))\b",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"\b(?:for|with|in|on)\s+(?:(?!(?:of|for|at)\b)[\w-]+\s+){1,5}(?:(?:thicker|thinner|longer|shorter|larger"
    r"|smaller|wider|heavier|greater"
    r"|higher|lower|more|less)\s+than|exceeding|over|above|below|up to)\s*$",
    re.IGNORECASE,
)
_TAIL_CONDITION = re.compile(
    r"(?:^|[\s,])(?P<condition>(?:for|when|where|if|unless|until|during|before|after|prior to|under|at|in|on"
    r"|within|except|provided|while|once|above|below|with|between|from)\b.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """What a sentence says, before it has a place and a name."""

    subject: str
    property: str
    modality: str
    confidence: float
    quantity: Quantity | None = None
    value_text: str = ""
    conditions: tuple[str, ...] = ()
    negated: bool = False
    action: str = ""


def read(sentence: str) -> list[Reading]:
    """The readings of a sentence; none where it states nothing that can be checked."""
    clause = read_clause(sentence.rstrip(" .;:"))
    if clause is None:
        return []
    found = list(_with_quantities(clause))
    return found or list(_worded(clause))


def _with_quantities(clause: Clause) -> Iterator[Reading]:
    predicate = ("not " if clause.negated else "") + clause.predicate
    main = _main(predicate, clause)
    if main is None:
        return
    head, tail = predicate[: main.start].strip(), predicate[main.end :]
    more = _another(tail, main)
    tail_now = tail[: more.start].rstrip(" ,").removesuffix(" and").removesuffix(" or") if more else tail
    first = _reading(clause, head, main, tail_now)
    if first is None:
        return
    yield first
    if more:
        conditions, _ = _conditions(tail[more.end :])
        quantity = more.quantity
        if quantity.comparator is Comparator.EQUAL and first.quantity:
            quantity = with_comparator(quantity, first.quantity.comparator)
        if conditions and set(conditions) != set(first.conditions):
            yield replace(
                first, quantity=quantity, conditions=clause.conditions + conditions, confidence=first.confidence - 0.1
            )


def _main(predicate: str, clause: Clause) -> Found | None:
    """The first quantity that is the value stated, not part of a condition."""
    for found in find(predicate, unitless=True):
        before = predicate[: found.start]
        if _SUBORDINATE.search(before) or (
            _BRANCH.search(predicate[: found.value_start]) and not before.strip().endswith("of")
        ):
            return None
        if found.quantity.unit or _is_bare_value(before, predicate[found.end :], clause):
            if clause.modality in ("is", "was", "may") and len(before.split()) > 8:
                return None
            return found
    return None


def _is_bare_value(before: str, after: str, clause: Clause) -> bool:
    """Whether a number without a unit is a value, as in `shall be at least 0.42`, not part of a name or a date."""
    free = re.fullmatch(
        r"(?:not )?(?:be|have|exceed|not exceed|of)?\s*(?:an? [\w\s-]+ of)?\s*", before.strip() + " ", re.IGNORECASE
    )
    return bool(free and re.match(r"\s*(?:$|[,;)]|(?:of the|for|when|where|at|in|under|if|unless|on)\b)", after))


def _another(tail: str, main: Found) -> Found | None:
    """A second value of the same kind, joined by `and` or `or`, each with a condition of its own."""
    for found in find(tail):
        if re.search(r"\b(?:and|or)\s*$", tail[: found.start]) and found.quantity.dimension == main.quantity.dimension:
            return found if main.quantity.unit else None
    return None


def _conditions(tail: str) -> tuple[tuple[str, ...], str]:
    """The conditions behind a value, and the words between the value and them."""
    tail = re.sub(r"^\s*\([^)]*\)", "", tail)
    tail = re.split(
        r",?\s+as (?:clause|stated|required|given|shown|described|specified|defined)\b|,\s*which\b|;", tail
    )[0]
    found = _TAIL_CONDITION.search(tail)
    for word in sorted(DIMENSION_WORDS, key=len, reverse=True):
        if re.match(rf"\s*{word}\b", tail):
            rest, _ = _conditions(tail[re.match(rf"\s*{word}\b", tail).end() :])  # type: ignore[union-attr]
            return rest, word
    if found is None:
        return (), tail.strip(" ,")
    return (found.group("condition").strip(" ,"),), tail[: found.start()].strip(" ,")


def _reading(clause: Clause, head: str, main: Found, tail: str) -> Reading | None:
    conditions, after = _conditions(tail)
    negated = clause.negated and not main.spent_not
    head = re.sub(r"^not\b\s*", "", head) if clause.negated else head
    action, phrase = split_head(head)
    phrase, comparator = unbind(phrase)
    quantity = with_comparator(main.quantity, comparator) if comparator else main.quantity
    subject, prop = clause.subject, phrase
    if after in DIMENSION_WORDS:
        prop = f"{phrase} {DIMENSION_WORDS[after]}".strip()
    elif not phrase and after and not action.startswith(("exceed", "be")) and len(after.split()) <= 5:
        prop = after
    if prop and action and prop not in action and adds(action):
        action = action.strip()
    elif not prop and adds(action):
        noun = re.match(r"of (?:their|its|the) (?:[\w-]+ )?([\w-]+)", after or "")
        prop = f"{verb_of(action)} {noun.group(1) if noun else kind_of_time(action, main.quantity)}".strip()
    if not prop:
        subject, comparator_of_subject = unbind(clause.subject)
        subject, prop = split_subject(subject)
        quantity = with_comparator(quantity, comparator_of_subject) if comparator_of_subject else quantity
    if not prop:
        return None
    if _reversed(negated, quantity):
        quantity, negated = _flip(quantity), False
    prop = re.sub(r"\b(?:measured|specified|required)\s+", "", prop).strip()
    confidence = {"shall": 0.95, "should": 0.9, "may": 0.7, "is": 0.8, "was": 0.85}[clause.modality] - oddness(prop)
    modality = clause.modality
    return Reading(
        subject, prop, modality, confidence, quantity, "", clause.conditions + conditions, negated, verb_of(action)
    )


def _reversed(negated: bool, quantity: Quantity) -> bool:
    return negated and quantity.comparator in (Comparator.AT_LEAST, Comparator.AT_MOST)


def _flip(quantity: Quantity) -> Quantity:
    """`shall not be more than 5` read as a bound: at most 5."""
    other = Comparator.AT_MOST if quantity.comparator is Comparator.AT_LEAST else Comparator.AT_LEAST
    return replace(quantity, comparator=other)


def _worded(clause: Clause) -> Iterator[Reading]:
    """A requirement or statement whose value is no quantity."""
    if clause.modality == "was" or len(clause.predicate.split()) > 40:
        return
    cut = _SUBORDINATE.search(clause.predicate)
    conditions = clause.conditions + ((clause.predicate[cut.start() :].strip(),) if cut else ())
    core = clause.predicate[: cut.start()].strip(" ,") if cut else clause.predicate
    code = code_of(core)
    if code is None and clause.modality == "is":
        return
    head = core[: core.rindex(code)].strip() if code else core
    verb_phrase, phrase = split_head(head) if code else (core, "")
    confidence = 0.8 if code else 0.7
    subject, prop = clause.subject, worded_property(head, phrase, code)
    if clause.modality == "is":
        subject, prop = split_subject(clause.subject) if not prop else (subject, prop)
        confidence -= 0.1
    if not prop or not subject:
        return
    action = verb_of(verb_phrase if code else core)
    confidence -= oddness(prop)
    yield Reading(subject, prop, clause.modality, confidence, None, code or core, conditions, clause.negated, action)
