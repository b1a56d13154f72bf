"""What findings and decisions leave standing: which chunks may be used, which claims are in force, what is masked.

An open finding counts as its suggestion says, except a conflict: its claims are contested until somebody decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.curation.domain.claims import Claim
from services.curation.domain.datasets import Outcome
from services.curation.domain.findings import Finding, Kind, State

# What retired_because begins with for a claim that an expert's decision took out.
SETTLED = "SETTLED_AWAY"
_DROPPED: Mapping[str, tuple[str, ...]] = {
    "KEEP_FIRST": ("second",),
    "KEEP_SECOND": ("first",),
    "KEEP_NEITHER": ("first", "second"),
    "KEEP_BOTH": (),
}


@dataclass(frozen=True)
class Out:
    """Why a document or a chunk is out."""

    outcome: str
    detail: str


@dataclass(frozen=True)
class Mask:
    """A span of a revision's text, in code points, and the word to put in its place."""

    start: int
    end: int
    label: str


@dataclass
class Standing:
    documents: dict[str, Out] = field(default_factory=dict)
    chunks: dict[str, Out] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    contested: set[str] = field(default_factory=set)
    masks: dict[str, list[Mask]] = field(default_factory=lambda: defaultdict(list))

    def of_chunk(self, chunk: str) -> Out | None:
        """Why a chunk is out, or None: what its document is comes before what it holds."""
        return self.documents.get(chunk.split("/revisions/")[0]) or self.chunks.get(chunk)

    def of_claim(self, claim: Claim) -> str:
        """Why a claim is not in force; empty where it is."""
        out = self.of_chunk(claim.chunk)
        if out:
            return f"{out.outcome}: {out.detail}"
        if claim.name in self.claims:
            return self.claims[claim.name]
        place = claim.quote.place
        masked = any(m.start < place.char_end and m.end > place.char_start for m in self.masks.get(claim.chunk, ()))
        return f"{Outcome.PERSONAL_DATA}: its passage holds personal data" if masked else ""


def standing(findings: Iterable[Finding], documents: Mapping[str, Out]) -> Standing:
    """`documents` are those that are out whatever the findings say: withdrawn, drafts."""
    found = Standing(documents=dict(documents))
    for finding in sorted(findings, key=lambda f: f.name):
        if finding.kind in _APPLY:
            _APPLY[finding.kind](found, finding)
    return found


def _superseded(found: Standing, finding: Finding) -> None:
    if finding.outcome == "ACCEPT":
        newer = finding.second[0].rsplit("/", 1)[-1]
        found.documents.setdefault(finding.first[0], Out(Outcome.SUPERSEDED, f"{finding.topic}: replaced by {newer}"))


def _conflict(found: Standing, finding: Finding) -> None:
    if finding.state is State.OPEN or finding.decision is None:
        found.contested.update(finding.claims)
        return
    decision = finding.decision
    sides = {"first": finding.first, "second": finding.second}
    for side in _DROPPED[decision.outcome]:
        for claim in sides[side]:
            found.claims[claim] = f"{SETTLED}: {decision.outcome} by {decision.author}: {decision.reason}"


def _duplicate(found: Standing, finding: Finding) -> None:
    if finding.outcome == "KEEP_FIRST":
        for kept, dropped in zip(finding.first, finding.second, strict=True):
            found.chunks.setdefault(dropped, Out(Outcome.DUPLICATE, f"repeats {kept}"))


def _personal(found: Standing, finding: Finding) -> None:
    for quote in finding.quotes:
        if finding.outcome == "DROP":
            found.chunks[quote.place.chunk] = Out(Outcome.PERSONAL_DATA, f"holds a {finding.topic}")
        elif finding.outcome == "MASK":
            mask = Mask(quote.place.char_start, quote.place.char_end, f"[{finding.topic}]")
            found.masks[quote.place.chunk].append(mask)


def _injection(found: Standing, finding: Finding) -> None:
    if finding.outcome == "DROP":
        for quote in finding.quotes:
            found.chunks[quote.place.chunk] = Out(Outcome.INJECTION, finding.explanation)


_APPLY = {
    Kind.SUPERSEDED: _superseded,
    Kind.CONFLICT: _conflict,
    Kind.NEAR_DUPLICATE: _duplicate,
    Kind.PERSONAL_DATA: _personal,
    Kind.INJECTION: _injection,
}


def judged(claims: Sequence[Claim], now: Standing) -> list[Claim]:
    """The claims with `in_force` and `retired_because` as they stand now."""
    return [replace(c, in_force=not because, retired_because=because) for c in claims for because in (now.of_claim(c),)]


def masked(text: str, offset: int, masks: Sequence[Mask]) -> str:
    """`text`, which stands at `offset` of its revision, with masks put in; overlapping masks count once."""
    out, at = [], 0
    for mask in sorted(masks, key=lambda m: (m.start, -m.end)):
        start, end = max(mask.start - offset, at), min(mask.end - offset, len(text))
        if end > start:
            out += [text[at:start], mask.label]
            at = end
    return "".join([*out, text[at:]])
