"""Contradictions between claims in force.

Claims are compared only within a block that speaks of the same thing: the same words in subject, property and verb once
spelling, inflection and variants are folded. So the work grows with the size of blocks, not with all pairs.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.curation.domain.claims import Claim
from services.curation.understanding import scopes, values
from services.curation.understanding.wording import NO_VARIANTS, Variants, is_specific, stems, topic_bag

MIN_CONFIDENCE = 0.65
# A block larger than this says that its key is no topic; pairs in it would be noise.
MAX_BLOCK = 200


@dataclass(frozen=True)
class Context:
    """What a document is: its family of editions, its date, its title."""

    family: str = ""
    date: datetime.date | None = None
    title: str = ""


@dataclass(frozen=True)
class Conflict:
    """Two sides that cannot both hold; the claims within a side agree. The first side is of the older document."""

    topic: str
    first: tuple[Claim, ...]
    second: tuple[Claim, ...]
    why: str
    confidence: float
    second_is_newer: bool


def find(claims: Sequence[Claim], contexts: Mapping[str, Context], variants: Variants = NO_VARIANTS) -> list[Conflict]:
    """Conflicts among the claims that are in force, in a stable order."""
    found = []
    for block in _blocks(claims, variants):
        if len(block) <= MAX_BLOCK:
            found += list(_within(block, contexts))
    return sorted(found, key=lambda conflict: (conflict.topic, conflict.first[0].name, conflict.second[0].name))


def _blocks(claims: Sequence[Claim], variants: Variants) -> Iterator[list[Claim]]:
    blocks: dict[tuple[frozenset[str], bool], list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda c: c.name):
        if claim.in_force and claim.confidence >= MIN_CONFIDENCE and claim.modality != "was":
            bag = topic_bag((claim.subject, claim.property, claim.action), variants)
            if bag:
                blocks[bag, claim.modality == "means"].append(claim)
    return (block for block in blocks.values() if len(block) > 1)


def _within(block: list[Claim], contexts: Mapping[str, Context]) -> Iterator[Conflict]:
    groups = values.grouped(block)
    for one, other in combinations(groups, 2):
        pairs = [
            (a, b, why)
            for a in one
            for b in other
            if _comparable(a, b, contexts) and (why := values.contradiction(a, b)) is not None
        ]
        if pairs:
            yield _conflict(pairs, contexts)


def _comparable(a: Claim, b: Claim, contexts: Mapping[str, Context]) -> bool:
    """Whether two claims of a block are about one thing under one scope."""
    if not scopes.overlap(a, b):
        return False
    if "table" in a.extractor and "table" in b.extractor and not _is_well_named(a.subject):
        return False
    if is_specific(a.subject) and is_specific(b.subject):
        return True
    return _same_place(a, b, contexts)


def _is_well_named(subject: str) -> bool:
    """Row heads such as `Total` recur in unrelated tables; a designation or three telling words do not."""
    tokens = set(stems(subject))
    return any(any(c.isdigit() for c in token) for token in tokens) or len(tokens) >= 3


def _same_place(a: Claim, b: Claim, contexts: Mapping[str, Context]) -> bool:
    """A bare subject such as `the plates` means the same only under one heading or in one family of documents."""
    if a.document == b.document:
        return a.headings[-1:] == b.headings[-1:]
    mine, other = contexts.get(a.document, Context()), contexts.get(b.document, Context())
    return bool(mine.family) and mine.family == other.family


def _conflict(pairs: list[tuple[Claim, Claim, str]], contexts: Mapping[str, Context]) -> Conflict:
    one = _ordered((a for a, _, _ in pairs), contexts)
    other = _ordered((b for _, b, _ in pairs), contexts)
    first, second = (one, other) if _age(one[0], contexts) <= _age(other[0], contexts) else (other, one)
    why = next((w for a, b, w in pairs if {a.name, b.name} == {first[0].name, second[0].name}), pairs[0][2])
    confidence = max(min(a.confidence, b.confidence) for a, b, _ in pairs)
    dates = [contexts.get(side[0].document, Context()).date for side in (first, second)]
    newer = None not in dates and dates[0] != dates[1]
    topic = f"{first[0].subject} / {first[0].property}"
    return Conflict(topic, first, second, _explanation(why, first[0], second[0], contexts), round(confidence, 2), newer)


def _ordered(side: Iterator[Claim], contexts: Mapping[str, Context]) -> tuple[Claim, ...]:
    unique = {claim.name: claim for claim in side}
    return tuple(sorted(unique.values(), key=lambda claim: _age(claim, contexts)))


def _age(claim: Claim, contexts: Mapping[str, Context]) -> tuple[datetime.date, str, str]:
    """Sorts the older document first; one without a date last."""
    return contexts.get(claim.document, Context()).date or datetime.date.max, claim.document, claim.name


def _explanation(why: str, a: Claim, b: Claim, contexts: Mapping[str, Context]) -> str:
    when = [contexts.get(claim.document, Context()).date for claim in (a, b)]
    text = f"{a.subject}, {a.property}: {why}; both documents are in force."
    if a.document == b.document:
        return f"{a.subject}, {a.property}: {why}, within one document."
    if when[0] and when[1] and when[0] != when[1]:
        text += f" The second is newer ({when[1].isoformat()} after {when[0].isoformat()})."
    return text
