"""From facts and drafts to the verified examples of a job. Deterministic: the same input gives the same list."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.synthesis.domain.askable import objection, tidy
from services.synthesis.domain.briefs import Brief, Draft, brief_of
from services.synthesis.domain.corpus import Claim, Corpus
from services.synthesis.domain.declines import declines
from services.synthesis.domain.examples import Example, Kind, Outcome, Reject, Split
from services.synthesis.domain.facts import Fact, build_facts
from services.synthesis.domain.job import Parameters
from services.synthesis.domain.language import Casing, Terms
from services.synthesis.domain.reading import read_example
from services.synthesis.domain.replay import replays
from services.synthesis.domain.split import unseen_documents
from services.synthesis.domain.tools import read_tools, tool_examples
from services.synthesis.domain.units import Units
from services.synthesis.domain.verify import Verifier, without_duplicates

# A question to decline for every so many facts, and for every so many in the held-out part.
FACTS_PER_DECLINE, FACTS_PER_HELDOUT_DECLINE = 1, 8
# One trained fact in so many is also read from its passage, so that reading is not forgotten.
FACTS_PER_READING = 8
READING_WORDINGS = 2


@dataclass(frozen=True)
class Plan:
    """What a job is going to write."""

    corpus: Corpus
    parameters: Parameters
    facts: Sequence[Fact]
    unseen: frozenset[str]
    terms: Terms
    casing: Casing

    def is_unseen(self, fact: Fact) -> bool:
        return bool(fact.documents & self.unseen)

    def brief(self, fact: Fact) -> Brief:
        return brief_of(fact, self.corpus, self.casing, self.terms, self.parameters, self.is_unseen(fact))


def plan(corpus: Corpus, parameters: Parameters, units: Units) -> Plan:
    corpus = replace(corpus, claims=[tidy(claim) for claim in corpus.claims])
    facts = build_facts(corpus, units)
    unseen = unseen_documents(corpus, facts, parameters.unseen_share, parameters.seed)
    casing = Casing(chunk.text for chunk in corpus.chunks.values())
    return Plan(corpus, parameters, facts, unseen, Terms(corpus.terms), casing)


def assemble(planned: Plan, drafts: Mapping[str, Sequence[Draft]], units: Units) -> Outcome:
    """Verifies the drafts (by fact id) and adds declines, tool calls, readings and replay."""
    verifier = Verifier(planned.corpus, planned.terms, units)
    accepted: list[Example] = []
    rejected: list[Reject] = []
    for fact in planned.facts:
        outcome = _of_fact(planned, fact, drafts.get(fact.id, ()), verifier)
        accepted += outcome.accepted
        rejected += outcome.rejected
    rejected += _unaskable(planned.corpus)
    unique = without_duplicates([*accepted, *_besides(planned)])
    return Outcome(unique.accepted, [*rejected, *unique.rejected])


def _of_fact(planned: Plan, fact: Fact, drafts: Sequence[Draft], verifier: Verifier) -> Outcome:
    checked = [(e := _example(fact, draft), verifier.check(e, fact)) for draft in drafts]
    good = [example for example, objection in checked if objection is None]
    bad = [objection for _, objection in checked if objection is not None]
    if planned.is_unseen(fact):
        good = [read_example(e, fact, planned.corpus, Split.HELDOUT_UNSEEN) for e in good[:READING_WORDINGS]]
    elif good and int(hashlib.sha256(fact.id.encode()).hexdigest(), 16) % FACTS_PER_READING == 0:
        good.append(read_example(good[0], fact, planned.corpus, good[0].split))
    long = [reject for e in good if e.kind is Kind.READ and (reject := verifier.check(e, fact))]
    refused = {reject.example.id for reject in long}
    return Outcome([e for e in good if e.id not in refused], [*bad, *long])


def _example(fact: Fact, draft: Draft) -> Example:
    return Example(
        Kind.FACT,
        Split.HELDOUT_WORDING if draft.heldout else Split.TRAIN,
        draft.question,
        draft.answer,
        fact=fact.id,
        wording=draft.wording,
        chunks=fact.chunks,
        document=fact.claim.document,
        claims=tuple(claim.name for claim in fact.claims),
        accept=fact.answer.accept,
    )


def _unaskable(corpus: Corpus) -> list[Reject]:
    """Claims that no question can be made from, so that none goes missing without a reason."""
    found = [(claim, objection(claim)) for claim in sorted(corpus.claims, key=lambda c: (c.chunk, c.name))]
    return [Reject(_bare(claim), reason, claim.quote) for claim, reason in found if reason is not None]


def _bare(claim: Claim) -> Example:
    said = f"{claim.subject} / {claim.property}"
    answer = claim.quantity.text if claim.quantity else claim.value_text
    chunks, claims = (claim.chunk,), (claim.name,)
    return Example(Kind.FACT, Split.TRAIN, said, answer, chunks=chunks, document=claim.document, claims=claims)


def _besides(planned: Plan) -> Sequence[Example]:
    trained = [fact for fact in planned.facts if not planned.is_unseen(fact)]
    count = len(trained)
    seed = planned.parameters.seed
    subjects = list(dict.fromkeys(planned.casing.lowered(fact.claim.subject) for fact in trained))
    refused = declines(
        planned.corpus,
        trained,
        planned.casing,
        planned.terms,
        count // FACTS_PER_DECLINE,
        count // FACTS_PER_HELDOUT_DECLINE,
        seed,
    )
    calls = tool_examples(read_tools(planned.parameters.tools_json), subjects, seed)
    return [*refused, *calls, *replays()]
