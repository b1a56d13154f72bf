"""Which claims can be asked about in a sentence. What an extractor gets wrong must not become a training example."""

import re
from dataclasses import replace

from services.synthesis.domain.corpus import Claim
from services.synthesis.domain.examples import Reason
from services.synthesis.domain.language import ARTICLES, CONJUNCTIONS, PREPOSITIONS, key, words

MAX_SUBJECT_WORDS, MAX_VALUE_WORDS, MAX_DEFINITION_WORDS = 10, 10, 24
# Words that open a clause or point elsewhere: a phrase with one of them is a piece of a sentence, no name of a thing.
_CLAUSE = frozenset(
    re.findall(r"\w+", "that which who whose whether because so please we i you it them they this these no only not")
)
_ENDS = PREPOSITIONS | CONJUNCTIONS | ARTICLES | {"and", "or", "as", "then"}
# Heads of table columns that say nothing of what stands below them.
_HEADS = frozenset(re.findall(r"\w+", "requirement item test remark remarks note notes report status number no"))


def tidy(claim: Claim) -> Claim:
    """The claim without what follows the end of a sentence in its conditions."""
    conditions = (re.split(r"[.;](?:\s|$)", condition.strip())[0].strip(" ,") for condition in claim.conditions)
    return replace(claim, conditions=tuple(condition for condition in conditions if condition))


def objection(claim: Claim) -> Reason | None:
    """Why no question can be made from a claim, or None."""
    if claim.quantity is None and not claim.value_text.strip() and not claim.negated:
        return Reason.VALUE_UNCLEAR
    if not _is_name(claim.subject):
        return Reason.SUBJECT_UNCLEAR
    if is_yes_no(claim):
        return None if key(verb_phrase(claim)) else Reason.PROPERTY_UNCLEAR
    if not _is_property(claim):
        return Reason.PROPERTY_UNCLEAR
    return None if claim.quantity is not None or _is_value(claim) else Reason.VALUE_UNCLEAR


def is_definition(claim: Claim) -> bool:
    return claim.modality == "means" or claim.property.lower() == "definition"


def is_yes_no(claim: Claim) -> bool:
    """Whether the claim forbids something, and so is asked about with `May …?`."""
    return claim.quantity is None and claim.negated


def verb_phrase(claim: Claim) -> str:
    """What a claim forbids: `be used on galvanized members`."""
    value = claim.value_text.strip().rstrip(".")
    if value and (says_what_to_do(claim) or len(value.split()) > 1):
        return value
    return f"be {claim.property.strip(' ,')}"


def _is_name(subject: str) -> bool:
    """Whether a phrase names a thing: not too long, no clause, no loose ends, a comma in a list only."""
    said = words(subject)
    if not key(subject) or len(said) > MAX_SUBJECT_WORDS or re.search(r"[;:!?]|\.\s", subject):
        return False
    if said[0] in PREPOSITIONS | CONJUNCTIONS or said[-1] in _ENDS or _CLAUSE & set(said):
        return False
    # `meets the specification` is what is said of a thing, `base plates the …` does not occur.
    is_predicate = re.match(r"[a-z]+s\s(?:the|a|an)\s", subject) is not None
    has_loose_comma = "," in subject and not re.search(r",.*\b(?:and|or)\b", subject)
    return not is_predicate and not has_loose_comma


def _is_property(claim: Claim) -> bool:
    said = words(claim.property)
    if not key(claim.property) or said[0] in PREPOSITIONS | ARTICLES or said[-1] in _ENDS:
        return False
    if claim.property.rstrip()[-1:] in ",;:" or len(said) > MAX_SUBJECT_WORDS or " ".join(said) in _HEADS:
        return False
    return claim.quantity is not None or not said[-1].endswith("ed")


def _is_value(claim: Claim) -> bool:
    longest = MAX_DEFINITION_WORDS if is_definition(claim) else MAX_VALUE_WORDS
    return not says_what_to_do(claim) and len(words(claim.value_text)) <= longest


def says_what_to_do(claim: Claim) -> bool:
    """Whether the value is a verb phrase: `be used at the quay`, or `submit a method statement` under `submit`."""
    said, asked = words(claim.value_text), words(claim.property)
    return bool(said) and (said[0] == "be" or said[0] == asked[0])
