"""Questions that the documents do not answer, so that the model learns to say so.

A real subject is crossed with a property that it does not have, or a code in a subject is changed to one that no
document names. Both are checked to be absent from all claims, and the pair from every sentence.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.synthesis.domain.askable import is_definition, is_yes_no
from services.synthesis.domain.corpus import Claim, Corpus
from services.synthesis.domain.examples import DECLINE, Example, Kind, Split
from services.synthesis.domain.facts import Fact, bare_property, topic_key
from services.synthesis.domain.language import Casing, Terms
from services.synthesis.domain.wordings import HELDOUT, TRAIN_COMMON, choose, fill, frame_name

_CODE = re.compile(r"(?<![\w])([A-Z]{1,5}-?)(\d{2,4})(?![\w])")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(frozen=True)
class Absence:
    """Knows what the corpus says nothing about."""

    topics: frozenset[tuple[frozenset[str], frozenset[str]]]
    sentences: Sequence[frozenset[str]]

    @classmethod
    def of(cls, corpus: Corpus, terms: Terms) -> "Absence":
        texts = [chunk.text for chunk in corpus.chunks.values()]
        sentences = [terms.key(part) for text in texts for part in _SENTENCE.split(text)]
        return cls(frozenset(topic_key(claim, terms) for claim in corpus.claims), sentences)

    def has_topic(self, subject: frozenset[str], asked: frozenset[str]) -> bool:
        """Whether a claim or a sentence may answer: a claim on it, on a part or a kind of it, or both in a sentence."""
        related = (s <= subject or subject <= s for s, p in self.topics if p & asked == asked or p <= asked)
        return any(related) or any(subject | asked <= sentence for sentence in self.sentences)


def declines(
    corpus: Corpus, facts: Sequence[Fact], casing: Casing, terms: Terms, train: int, heldout: int, seed: int
) -> list[Example]:
    """`train` and `heldout` questions to decline, no topic in both; fewer where the corpus gives fewer."""
    absence = Absence.of(corpus, terms)
    examples: list[Example] = []
    taken: set[tuple[frozenset[str], frozenset[str]]] = set()
    for claim in _candidates(facts, seed):
        if len(examples) == train + heldout:
            break
        topic = topic_key(claim, terms)
        if topic in taken or not all(topic) or absence.has_topic(*topic):
            continue
        taken.add(topic)
        split = Split.TRAIN if len(examples) < train else Split.HELDOUT_UNSEEN
        examples.append(_example(claim, casing, split, seed))
    return examples


def _candidates(facts: Sequence[Fact], seed: int) -> Iterator[Claim]:
    """Claims that nobody made, crossed and renumbered by turns, in an order that depends on their words only."""
    claims = [fact.claim for fact in facts if not (is_yes_no(fact.claim) or is_definition(fact.claim))]
    subjects = sorted({claim.subject for claim in claims})
    by_property = {bare_property(claim.property).lower(): claim for claim in reversed(claims)}
    crossed = _ranked([_made_up(by_property[p], s) for s in subjects for p in sorted(by_property)], seed)
    renumbered = _ranked([other for claim in claims for other in _renumbered(claim)], seed)
    for n in range(max(len(crossed), len(renumbered))):
        yield from crossed[2 * n : 2 * n + 2]
        yield from renumbered[n : n + 1]


def _made_up(claim: Claim, subject: str) -> Claim:
    return replace(claim, name="", subject=subject, conditions=(), chunk="", document="", quote="")


def _renumbered(claim: Claim) -> Iterable[Claim]:
    """The claim about a thing whose code differs in its number."""
    found = _CODE.search(claim.subject)
    if found is None:
        return
    letters, digits = found.groups()
    for step in (7, 13, 31):
        number = str(int(digits) + step).zfill(len(digits))
        yield _made_up(claim, claim.subject.replace(found.group(0), letters + number))


def _ranked(claims: Sequence[Claim], seed: int) -> list[Claim]:
    def rank(claim: Claim) -> bytes:
        return hashlib.sha256(f"{seed}/{claim.subject}/{claim.property}".encode()).digest()

    return sorted(claims, key=rank)


def _example(claim: Claim, casing: Casing, split: Split, seed: int) -> Example:
    salt = f"{seed}/{claim.subject}/{claim.property}"
    frame = choose(TRAIN_COMMON if split is Split.TRAIN else HELDOUT, 1, salt)[0]
    cased = replace(claim, subject=casing.lowered(claim.subject), property=casing.lowered(claim.property))
    question = fill(frame, cased)
    return Example(Kind.DECLINE, split, question, DECLINE, wording=frame_name(frame), must_decline=True)
