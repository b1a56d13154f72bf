"""Facts: what the claims in force say, each once, with every chunk that says it."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.synthesis.domain.corpus import Claim, Comparator, Corpus, Quantity
from services.synthesis.domain.language import Terms

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
    """One statement, however many claims make it. `id` depends on what is said only."""

    id: str
    claims: tuple[Claim, ...]
    answer: Answer

    @property
    def claim(self) -> Claim:
        """The claim that speaks for the fact: the first by name of chunk."""
        return self.claims[0]

    @property
    def chunks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(claim.chunk for claim in self.claims))

    @property
    def documents(self) -> frozenset[str]:
        return frozenset(claim.document for claim in self.claims)


def build_facts(corpus: Corpus) -> list[Fact]:
    """The corpus's facts by id. Claims without subject, property, value or learnable chunk make none."""
    terms = Terms(corpus.terms)
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in corpus.claims:
        if claim.chunk in corpus.chunks and is_askable(claim):
            groups[fact_id(claim, terms)].append(claim)
    return [_fact(id_, groups[id_]) for id_ in sorted(groups)]


def is_askable(claim: Claim) -> bool:
    has_value = claim.quantity is not None or bool(claim.value_text.strip()) or claim.negated
    return bool(claim.subject.strip() and claim.property.strip()) and has_value


def _fact(id_: str, claims: Sequence[Claim]) -> Fact:
    ordered = tuple(sorted(claims, key=lambda claim: (claim.chunk, claim.name)))
    return Fact(id_, ordered, answer_of(ordered[0]))


def fact_id(claim: Claim, terms: Terms) -> str:
    said = [*(sorted(part) for part in topic_key(claim, terms)), value_key(claim), sorted(condition_key(claim, terms))]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def topic_key(claim: Claim, terms: Terms) -> tuple[frozenset[str], frozenset[str]]:
    """What is asked about: subject and property, apart from wording."""
    return terms.key(claim.subject), terms.key(bare_property(claim.property))


def condition_key(claim: Claim, terms: Terms) -> frozenset[str]:
    return frozenset().union(*(terms.key(condition) for condition in claim.conditions))


def value_key(claim: Claim) -> str:
    quantity = claim.quantity
    if quantity is None:
        return f"{claim.negated}/{' '.join(claim.value_text.lower().split())}"
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
        word = "No" if claim.negated else "Yes"
        return Answer(f"{word}.", ({"text": word},))
    value = claim.value_text.strip().rstrip(".")
    return Answer(value, ({"text": value},))


def is_yes_no(claim: Claim) -> bool:
    """Whether the claim forbids or allows, and so is asked about with `May …?`."""
    return claim.quantity is None and (claim.negated or not claim.value_text.strip())


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
