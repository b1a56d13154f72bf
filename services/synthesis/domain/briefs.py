"""What a generator is asked to write for one fact, and what it hands back."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.synthesis.domain.corpus import Claim, Corpus
from services.synthesis.domain.facts import Fact
from services.synthesis.domain.job import Parameters
from services.synthesis.domain.language import Casing, Terms
from services.synthesis.domain.wordings import choose, fill, frame_name, heldout_frames, train_frames


@dataclass(frozen=True)
class Brief:
    """An order for questions on one fact. Everything that a generator may use stands in it."""

    fact: str
    # Subject and property cased as within a sentence.
    claim: Claim
    # The subject under other names of the firm.
    subjects: tuple[str, ...]
    answer: str
    passage: str
    train: int
    heldout: int
    seed: int

    def key(self, generator: str) -> str:
        """A hash of all that the result depends on: equal keys mean that the work is done already."""
        said = json.dumps([generator, dataclasses.asdict(self)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Draft:
    """A question with its answer, not verified yet. `wording` names the way of asking."""

    question: str
    answer: str
    heldout: bool
    wording: str


def brief_of(fact: Fact, corpus: Corpus, casing: Casing, terms: Terms, parameters: Parameters, unseen: bool) -> Brief:
    """The order for a fact; one of an unseen document gets held-out wordings only."""
    claim = fact.claim
    subject = casing.lowered(claim.subject)
    return Brief(
        fact.id,
        replace(claim, subject=subject, property=casing.lowered(claim.property)),
        tuple(terms.variants(subject)),
        fact.answer.text,
        corpus.chunks[claim.chunk].text,
        0 if unseen else parameters.wordings,
        parameters.heldout_wordings,
        parameters.seed,
    )


def by_rules(brief: Brief) -> Sequence[Draft]:
    """Drafts from the frames. The last wording for training calls the subject by another name, where it has one."""
    salt = f"{brief.seed}/{brief.fact}"
    trained = choose(train_frames(brief.claim), brief.train, salt)
    held = choose(heldout_frames(brief.claim), brief.heldout, salt)
    drafts = [Draft(fill(f, brief.claim), brief.answer, False, frame_name(f)) for f in trained]
    if brief.subjects and len(drafts) > 1:
        other = replace(brief.claim, subject=choose(brief.subjects, 1, salt)[0])
        drafts[-1] = replace(drafts[-1], question=fill(trained[-1], other))
    return [*drafts, *(Draft(fill(f, brief.claim), brief.answer, True, frame_name(f)) for f in held)]
