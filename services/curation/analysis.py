"""A whole analysis, from documents to claims and findings. Pure: the order of the documents changes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.curation.domain.analyses import KnownTerm, Retired
from services.curation.domain.claims import Claim
from services.curation.domain.findings import Finding, Kind
from services.curation.domain.passages import Source
from services.curation.domain.standing import Out, judged, standing
from services.curation.domain.taxonomy import Topic
from services.curation.raising import Raising
from services.curation.understanding import claims as reading
from services.curation.understanding import (
    conflicts,
    duplicates,
    editions,
    injection,
    supersession,
    taxonomy,
    terms,
)
from services.curation.understanding.editions import Edition, Status
from services.curation.understanding.wording import Variants

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Result:
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    retired: tuple[Retired, ...]
    terms: tuple[KnownTerm, ...]
    topics: tuple[Topic, ...]
    clusters: dict[str, str]


def analyse(
    sources: Sequence[Source], decided: Sequence[Finding], now: datetime, report: Report = lambda *_: None
) -> Result:
    """Claims and findings of `sources`.

    Settled findings in `decided` count: a dismissed supersession keeps its document's claims among those compared.
    """
    sources = sorted(sources, key=lambda s: s.document)
    report("editions", 0, len(sources))
    known = {source.document: editions.identify(source) for source in sources}
    make = Raising(sources, now)
    outdated = [make.superseded(one) for one in supersession.chains(sources, known)]
    retired = tuple(_retired(known))
    found_terms = terms.find(sources)
    read = _read(sources, report)
    own = [*make.personal(sources), *(make.injection(one) for s in sources for one in injection.find(s))]
    alive = _alive(sources, [*outdated, *own], decided, retired)
    report("compare", 0, len(read))
    repeated = [make.duplicate(one) for one in duplicates.find(alive, lambda d: _keep_order(known[d]))]
    settled = {finding.name: finding for finding in decided}
    now_standing = standing(
        (settled.get(f.name, f) for f in [*outdated, *own]), {r.document: Out(r.outcome, r.detail) for r in retired}
    )
    contexts = {d: conflicts.Context(e.family, e.date, e.title) for d, e in known.items()}
    variants = Variants(terms.pairs(found_terms))
    clashes = [make.conflict(one) for one in conflicts.find(judged(read, now_standing), contexts, variants)]
    replaced = {f.first[0]: known[f.second[0]] for f in outdated if settled.get(f.name, f).outcome == "ACCEPT"}
    stale = [make.stale(one) for one in supersession.stale_references(sources, known, replaced)]
    wordings = [make.term(one) for one in found_terms if one.is_inconsistent]
    findings = {f.name: f for f in [*outdated, *own, *repeated, *clashes, *stale, *wordings]}
    return Result(
        tuple(read),
        tuple(findings[name] for name in sorted(findings)),
        retired,
        _glossary(found_terms, read),
        tuple(taxonomy.propose(alive)),
        _clusters(sources),
    )


def _read(sources: Sequence[Source], report: Report) -> list[Claim]:
    found: dict[str, Claim] = {}
    for n, source in enumerate(sources):
        report("claims", n, len(sources))
        found.update((claim.name, claim) for claim in reading.read(source))
    return list(found.values())


def _retired(known: Mapping[str, Edition]) -> Iterator[Retired]:
    for edition in known.values():
        if edition.status is Status.DRAFT:
            yield Retired(edition.document, "DRAFT", f"a draft: {edition.evidence.text}"[:300])
        elif edition.status is Status.WITHDRAWN:
            yield Retired(edition.document, "WITHDRAWN", f"withdrawn by its own status: {edition.evidence.text}"[:300])


def _alive(
    sources: Sequence[Source], findings: Sequence[Finding], decided: Sequence[Finding], retired: Sequence[Retired]
) -> list[Source]:
    """The documents in force; only among them is a repeated passage worth a person's time."""
    settled = {finding.name: finding for finding in decided}
    gone = {f.first[0] for f in findings if f.kind is Kind.SUPERSEDED and settled.get(f.name, f).outcome == "ACCEPT"}
    gone |= {one.document for one in retired}
    return [source for source in sources if source.document not in gone]


def _keep_order(edition: Edition) -> tuple[str, ...]:
    """The newest edition first, then the one with the shorter title: a copy's says that it is one."""
    age = f"{99999999 - int(edition.date.strftime('%Y%m%d')):08d}" if edition.date else "99999999"
    return age, f"{len(edition.title):05d}", edition.document


def _glossary(found: Sequence[terms.Term], read: Sequence[Claim]) -> tuple[KnownTerm, ...]:
    meanings = {claim.subject.lower(): claim.value_text for claim in read if claim.modality == "means"}
    named = {
        t.preferred.lower(): KnownTerm(t.preferred, t.variants, meanings.get(t.preferred.lower(), "")) for t in found
    }
    for claim in read:
        if claim.modality == "means":
            named.setdefault(claim.subject.lower(), KnownTerm(claim.subject, (claim.subject,), claim.value_text))
    return tuple(named[key] for key in sorted(named))


def _clusters(sources: Sequence[Source]) -> dict[str, str]:
    texts = {chunk.name: chunk.text for source in sources for chunk in source.chunks if chunk.kind != "HEADING"}
    found = duplicates.pairs(texts)
    homes = duplicates.clusters(sorted({name for pair in found for name in (pair.first, pair.second)}), found)
    return dict(sorted(homes.items()))
