"""Checks each example against the chunk it came from, and against every other claim. Trusts no generator."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.synthesis.domain.askable import is_yes_no
from services.synthesis.domain.corpus import Claim, Comparator, Corpus
from services.synthesis.domain.examples import Example, Kind, Outcome, Reason, Reject, Split
from services.synthesis.domain.facts import NUMBER, Fact, bound, condition_key, same_answer, topic_key
from services.synthesis.domain.language import Terms, words
from services.synthesis.domain.units import Units

MAX_QUESTION = 320
MAX_ANSWER = 160
MAX_PROMPT = 2400
NEAR = 0.9
_NEGATION = re.compile(r"\b(?:not|no|never|without|prohibited|forbidden|neither|nor)\b|n't\b", re.IGNORECASE)

_BOUND_WORDS = {
    Comparator.AT_LEAST: frozenset({"minimum", "least", "low", "lower", "lowest", "smallest"}),
    Comparator.AT_MOST: frozenset({"maximum", "most", "high", "upper", "highest", "largest", "greatest", "exceed"}),
}
_SIGNS = str.maketrans("−–‑’", "---'")


@dataclass(frozen=True)
class Verifier:
    """Verifies question–answer pairs against one corpus."""

    corpus: Corpus
    terms: Terms
    units: Units

    def check(self, example: Example, fact: Fact) -> Reject | None:
        """The first reason against an example, or None."""
        for reason, detail in self._objections(example, fact):
            return Reject(example, reason, detail)
        return None

    def _objections(self, example: Example, fact: Fact) -> Iterable[tuple[Reason, str]]:
        yield from length_objections(example)
        asked = self.terms.key(example.question)
        if missing := self.terms.key(fact.claim.subject) - asked:
            yield Reason.SUBJECT_MISSING, f"the question lacks {', '.join(sorted(missing))}"
        if not self._is_supported(example, fact):
            yield Reason.ANSWER_NOT_IN_CHUNK, f"{example.answer!r} is not in {fact.claim.chunk}"
        told = asked | self.terms.key(example.answer)
        if missing := condition_key(fact.claim, self.terms) - told:
            yield Reason.CONDITION_MISSING, f"neither question nor answer names {', '.join(sorted(missing))}"
        if rival := self._rival(fact.claim, asked):
            other = rival.quantity.text if rival.quantity else rival.value_text
            yield Reason.AMBIGUOUS, f"{rival.name} answers {other or 'otherwise'}"

    def _is_supported(self, example: Example, fact: Fact) -> bool:
        raw = self.corpus.chunks[fact.claim.chunk].text
        if is_yes_no(fact.claim):
            # "No" stands nowhere: the words that forbid must.
            quote = normal(fact.claim.quote)
            return quote in normal(raw) and bool(_NEGATION.search(quote)) and words(example.answer)[:1] == ["no"]
        if fact.claim.quantity is None:
            return self._is_quoted(example, fact, normal(raw))
        given, stated = quantities(example.answer), quantities(raw)
        if not given:
            return normal(example.answer) in normal(raw)
        return all(any(self._is_same(g, s, raw) for s in stated) for g in given)

    def _is_quoted(self, example: Example, fact: Fact, text: str) -> bool:
        answer = normal(example.answer)
        forms = [normal(str(form["text"])) for form in fact.answer.accept if "text" in form]
        return answer in text or any(form in text and form in answer for form in forms)

    def _is_same(self, given: tuple[float, str], stated: tuple[float, str], text: str) -> bool:
        if self.units.same(*given, *stated):
            return True
        # A table has its units in a column of their own.
        return given[0] == stated[0] and not self.units.known(stated[1]) and given[1] in text

    def _rival(self, claim: Claim, asked: frozenset[str]) -> Claim | None:
        """Another claim in force that gives another answer to the same question."""
        conditions = condition_key(claim, self.terms)
        for other in self._by_topic[topic_key(claim, self.terms)]:
            if (
                other.name == claim.name
                or same_answer(claim, other, self.units)
                or _asks_for_other_end(claim, other, asked)
            ):
                continue
            # The question is about this claim only if it names a condition that the other one does not have.
            if not (conditions - condition_key(other, self.terms)) & asked:
                return other
        return None

    @cached_property
    def _by_topic(self) -> Mapping[object, Sequence[Claim]]:
        found: dict[object, list[Claim]] = defaultdict(list)
        for claim in self.corpus.claims:
            if claim.subject and claim.property:
                found[topic_key(claim, self.terms)].append(claim)
        return found


def _asks_for_other_end(claim: Claim, other: Claim, asked: frozenset[str]) -> bool:
    """Whether one claim sets the lower and the other the upper limit, and the question says which it means."""
    mine, theirs = bound(claim), bound(other)
    if {mine, theirs} != {Comparator.AT_LEAST, Comparator.AT_MOST}:
        return False
    return bool(_BOUND_WORDS[mine] & asked) and not _BOUND_WORDS[theirs] & asked


def length_objections(example: Example) -> Iterable[tuple[Reason, str]]:
    if not example.question.strip() or not (example.answer.strip() or example.call):
        yield Reason.EMPTY, "question or answer is empty"
    for what, text, limit in (
        ("question", example.question, MAX_QUESTION),
        ("answer", example.answer, MAX_ANSWER if example.kind is not Kind.REPLAY else MAX_QUESTION),
        ("prompt", example.prompt, MAX_PROMPT),
    ):
        if len(text) > limit:
            yield Reason.TOO_LONG, f"the {what} has {len(text)} characters, more than {limit}"


def normal(text: str) -> str:
    """Text for literal comparison: one kind of space, minus and quote, no case, no table bars."""
    text = " ".join(text.replace("|", " ").split()).translate(_SIGNS)
    return text.rstrip(".").lower()


def quantities(text: str) -> list[tuple[float, str]]:
    """Every number of a text with the word after it as its possible unit; `12 to 18 mm` gives both their unit."""
    found = re.findall(rf"({NUMBER.pattern})\s*([^\s\d,;()]*)", text.replace("|", " "))
    units = [unit.strip(".:") for _, unit in found]
    for n in range(len(units) - 2, -1, -1):
        if units[n] in ("to", "and", "-", "–", "…", ""):
            units[n] = units[n + 1]
    return [(value(number), unit) for (number, _), unit in zip(found, units, strict=True)]


def value(number: str) -> float:
    """The value of a number as documents write it: commas or thin spaces between thousands, any minus."""
    plain = re.sub(r"[\u00a0\u2009\u202f]|,(?=\d{3}(?!\d))", "", number).replace(",", ".").lstrip("+±")
    return float(plain.translate(_SIGNS))


def without_duplicates(examples: Sequence[Example]) -> Outcome:
    """Drops what repeats an earlier question, and held-out wordings that are nearly one of training."""
    accepted: list[Example] = []
    rejected: list[Reject] = []
    seen: dict[tuple[str, ...], Example] = {}
    trained: dict[str, list[list[str]]] = {}
    for example in sorted(examples, key=lambda e: (e.split is not Split.TRAIN, e.kind, e.fact, e.prompt)):
        said = (*words(example.prompt), *(tool["function"]["name"] for tool in example.tools))
        if said in seen:
            rejected.append(Reject(example, Reason.DUPLICATE_WORDING, f"says the same as {seen[said].id}"))
        elif example.split is not Split.TRAIN and _is_near(said, trained.get(example.fact, [])):
            rejected.append(Reject(example, Reason.HELDOUT_TOO_CLOSE, "almost a question of training"))
        else:
            seen[said] = example
            accepted.append(example)
            if example.split is Split.TRAIN and example.fact:
                trained.setdefault(example.fact, []).append(list(said))
    return Outcome(accepted, rejected)


def _is_near(said: Sequence[str], others: Iterable[Sequence[str]]) -> bool:
    mine = set(said)
    return any(len(mine & set(other)) / len(mine | set(other)) >= NEAR for other in others)
