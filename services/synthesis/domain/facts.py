"""Facts: what the claims in force say, each once, with every chunk that says it."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.synthesis.domain.askable import is_yes_no, objection, says_what_to_do, verb_phrase
from services.synthesis.domain.corpus import Claim, Comparator, Corpus, Quantity
from services.synthesis.domain.language import Terms
from services.synthesis.domain.units import Units

# A number as documents write it. A minus counts where no word or number stands right before it: not in `12–18`.
NUMBER = re.compile(r"(?:(?<![\w.%°)])[-−–+±])?\d+(?:[,\u00a0\u2009\u202f]\d{3}(?!\d))*(?:[.,]\d+)?")
_LEAD = re.compile(
    r"^(?:at least|at most|not less than|not more than|no more than|less than|more than|up to|between|from|about|"
    r"min(?:imum|\.)?|max(?:imum|\.)?|approximately|exactly|of|is|was|≥|≤|>|<|~)\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """What a fact's answer must say, in the document's own words, and what else counts as right."""

    text: str
    accept: tuple[Mapping[str, str | float], ...]


@dataclass(frozen=True)
class Fact:
    """One statement, however many claims make it. `id` depends on what is said only; `claims` are never none."""

    id: str
    claims: tuple[Claim, ...]
    answer: Answer

    @property
    def claim(self) -> Claim:
        """The claim that speaks for the fact."""
        return self.claims[0]

    @property
    def chunks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(claim.chunk for claim in self.claims))

    @property
    def documents(self) -> frozenset[str]:
        return frozenset(claim.document for claim in self.claims)


def build_facts(corpus: Corpus, units: Units) -> list[Fact]:
    """The corpus's facts by id: claims that can be asked about, those that say the same as one."""
    terms = Terms(corpus.terms)
    groups: dict[object, list[list[Claim]]] = defaultdict(list)
    # In the order of what they say, so that the order of the claims plays no part.
    for claim in sorted(corpus.claims, key=lambda claim: (value_key(claim), claim.chunk, claim.name)):
        if claim.chunk in corpus.chunks and objection(claim) is None:
            _place(claim, groups[topic_key(claim, terms), condition_key(claim, terms)], units)
    facts = [_fact(claims, terms) for same_topic in groups.values() for claims in same_topic]
    return sorted(facts, key=lambda fact: fact.id)


def _place(claim: Claim, groups: list[list[Claim]], units: Units) -> None:
    """Puts a claim to those that give the same answer."""
    for claims in groups:
        if same_answer(claims[0], claim, units):
            claims.append(claim)
            return
    groups.append([claim])


def _fact(claims: Sequence[Claim], terms: Terms) -> Fact:
    first = claims[0]
    said = [*(sorted(part) for part in topic_key(first, terms)), value_key(first), sorted(condition_key(first, terms))]
    return Fact(hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16], tuple(claims), answer_of(first))


def same_answer(first: Claim, second: Claim, units: Units) -> bool:
    """Whether two claims on one topic give the same answer, also where one says ksi and the other MPa."""
    a, b = first.quantity, second.quantity
    if a is None or b is None:
        return value_key(first) == value_key(second)
    if bound(first) != bound(second) or (a.high is None) != (b.high is None):
        return False
    is_same = units.same(a.low, a.unit, b.low, b.unit)
    return is_same and (a.high is None or b.high is None or units.same(a.high, a.unit, b.high, b.unit))


def topic_key(claim: Claim, terms: Terms) -> tuple[frozenset[str], frozenset[str]]:
    """What is asked about: subject and property, apart from wording."""
    is_action = is_yes_no(claim) or says_what_to_do(claim)
    asked = verb_phrase(claim) if is_action else bare_property(claim.property)
    return terms.key(claim.subject), terms.key(asked)


def condition_key(claim: Claim, terms: Terms) -> frozenset[str]:
    return frozenset().union(*(terms.key(condition) for condition in claim.conditions))


def value_key(claim: Claim) -> str:
    quantity = claim.quantity
    if quantity is None:
        return "forbidden" if is_yes_no(claim) else " ".join(claim.value_text.lower().split())
    low, high = f"{quantity.low:g}", "" if quantity.high is None else f"{quantity.high:g}"
    tolerance = "" if quantity.tolerance is None else f"{quantity.tolerance:g}"
    return f"{bound(claim)}/{low}/{high}/{tolerance}/{quantity.unit}"


def bound(claim: Claim) -> Comparator:
    """The claim's comparator, also where only its property says it (`minimum yield strength`: EQUAL reads AT_LEAST)."""
    if claim.quantity is None:
        return Comparator.NONE
    first = claim.property.lower().split()[0]
    if claim.quantity.comparator in (Comparator.EQUAL, Comparator.NONE):
        named = {"minimum": Comparator.AT_LEAST, "min": Comparator.AT_LEAST, "maximum": Comparator.AT_MOST}
        return named.get(first.rstrip("."), Comparator.EQUAL)
    return claim.quantity.comparator


def bare_property(name: str) -> str:
    """The property without a word for its bound."""
    bare = re.sub(r"^(?:minimum|min\.|maximum|max\.|permitted|allowed|required)\s+", "", name.strip(), flags=re.I)
    return bare or name.strip()


def answer_of(claim: Claim) -> Answer:
    if claim.quantity is not None:
        return _quantity_answer(claim.quantity)
    if is_yes_no(claim):
        return Answer("No.", ({"text": "No"},))
    value = claim.value_text.strip().rstrip(".")
    return Answer(value, ({"text": value},))


def _quantity_answer(quantity: Quantity) -> Answer:
    text = _LEAD.sub("", " ".join(quantity.text.split())).rstrip(".") or f"{quantity.low:g} {quantity.unit}".strip()
    if quantity.high is not None and quantity.high != quantity.low:
        return _range_answer(quantity, text)
    accept: dict[str, str | float] = {"value": quantity.low, "unit": quantity.unit}
    if quantity.tolerance is not None:
        # A bare `±4 mm` is the value itself; `380 ± 10 MPa` has one, and the value is what is asked for.
        accept["value"] = quantity.low or quantity.tolerance
    return Answer(text, (accept, {"text": text}))


def _range_answer(quantity: Quantity, text: str) -> Answer:
    numbers = NUMBER.findall(text)[:2]
    if "±" in text or len(numbers) < 2:
        return Answer(text, ({"text": text},))
    low, high = numbers
    unit = quantity.unit
    said = f"{low} to {high} {unit}".strip()
    forms = [said, f"{low} {unit} to {high} {unit}", f"{low} {unit} and {high} {unit}", f"{low}-{high} {unit}", text]
    return Answer(said, tuple({"text": form} for form in dict.fromkeys(forms)))


def shared_documents(facts: Iterable[Fact]) -> frozenset[str]:
    """Documents of which some fact is also told by another document."""
    return frozenset().union(*(fact.documents for fact in facts if len(fact.documents) > 1))
