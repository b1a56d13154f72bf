"""The curated text of a project as it stands now, and its export as blobs."""

from dataclasses import asdict, dataclass

from services.chassis.blobs import Blobs
from services.chassis.store import Store
from services.curation.domain.analyses import Analysis, BlobRef
from services.curation.domain.curated import Curated, Exclusion, curate
from services.curation.domain.datasets import Outcome
from services.curation.domain.findings import Kind
from services.curation.domain.passages import Document, Source
from services.curation.domain.standing import judged
from services.curation.handlers.names import check_project
from services.curation.handlers.state import ProjectState
from services.curation.messages import claim_lines, json_lines
from services.curation.ports import Chunks, Records

JSON_LINES, JSON = "application/jsonl", "application/json"


@dataclass(frozen=True)
class Export:
    analysis: str
    claims: BlobRef
    chunks: BlobRef
    exclusions: BlobRef
    glossary: BlobRef


class ExportHandlers:
    def __init__(self, store: Store, blobs: Blobs, records: Records, chunks: Chunks) -> None:
        self._store, self._blobs, self._records, self._chunks = store, blobs, records, chunks
        self._state = ProjectState(records)

    def export(self, tenant: str, parent: str, analysis: str) -> Export:
        """Raises ParentInvalid, AnalysisNotFound, NotAnalysed."""
        check_project(parent)
        found, curated = self.curated(tenant, parent, analysis)
        terms = {"terms": self._terms(tenant, parent, found)}
        return Export(
            found.name,
            self.put(tenant, claim_lines(curated.claims), JSON_LINES),
            self.put(tenant, json_lines(asdict(chunk) for chunk in curated.chunks), JSON_LINES),
            self.put(tenant, json_lines(asdict(one) for one in curated.exclusions), JSON_LINES),
            self.put(tenant, json_lines([terms]), JSON),
        )

    def curated(self, tenant: str, project: str, name: str) -> tuple[Analysis, Curated]:
        """The analysis and what it leaves to learn from, with the decisions of now."""
        with self._store.read() as tx:
            analysis = self._state.analysis(tx, tenant, project, name)
            now = self._state.standing(tx, tenant, project, analysis)
            documents = self._records.documents.all(tx, tenant, project)
            claims = self._records.claims.all(tx, tenant, project)
        sources = [self._chunks.source(tenant, one) for one in analysis.inputs]
        revisions = {one.revision for one in analysis.inputs}
        mine = [claim for claim in claims if claim.quote.place.revision in revisions]
        unread = [e for d in documents if d.revision not in revisions for e in self._not_analysed(tenant, d)]
        return analysis, curate(sources, unread, judged(mine, now), now)

    def _not_analysed(self, tenant: str, document: Document) -> list[Exclusion]:
        source: Source = self._chunks.source(tenant, document)
        outcome = Outcome.WITHDRAWN if document.withdrawn else Outcome.NOT_ANALYSED
        detail = document.withdrawn_because if document.withdrawn else "it came after the analysis"
        return [Exclusion(chunk.name, outcome, detail) for chunk in source.chunks]

    def _terms(self, tenant: str, project: str, analysis: Analysis) -> list[dict[str, object]]:
        """Known terms, with the names that experts prefer."""
        with self._store.read() as tx:
            kind = self._records.findings.table.c.kind == Kind.TERM.value
            findings = self._records.findings.all(tx, tenant, project, kind)
        decided = {f.topic: f.decision for f in findings if f.decision}
        terms: list[dict[str, object]] = []
        for term in analysis.terms:
            decision = decided.get(term.preferred)
            if decision and decision.outcome == "DISMISS":
                continue
            preferred = decision.note.strip() if decision else term.preferred
            variants = [name for name in dict.fromkeys([term.preferred, *term.variants]) if name != preferred]
            terms.append({"preferred": preferred, "variants": variants, "definition": term.definition})
        return terms

    def put(self, tenant: str, data: bytes, media_type: str) -> BlobRef:
        blob = self._blobs.put(tenant, data, media_type)
        return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)
