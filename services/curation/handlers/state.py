"""What stands in a project now, read from its findings and documents."""

from collections.abc import Iterable, Sequence

from services.chassis.store import Tx
from services.curation.domain.analyses import Analysis, State
from services.curation.domain.datasets import Outcome
from services.curation.domain.passages import Document
from services.curation.domain.standing import Out, Standing, judged, standing
from services.curation.errors import AnalysisNotFound, NotAnalysed
from services.curation.ports import Records


class ProjectState:
    def __init__(self, records: Records) -> None:
        self._records = records

    def latest(self, tx: Tx, tenant: str, project: str) -> Analysis | None:
        """The newest analysis that succeeded."""
        table = self._records.analyses.table
        done = self._records.analyses.all(tx, tenant, project, table.c.state == State.SUCCEEDED.value)
        return max(done, key=lambda a: (a.update_time, a.name)) if done else None

    def analysis(self, tx: Tx, tenant: str, project: str, name: str) -> Analysis:
        """The named analysis, or the newest. Raises AnalysisNotFound, NotAnalysed."""
        found = self._records.analyses.find(tx, tenant, name) if name else self.latest(tx, tenant, project)
        if found is None and name:
            raise AnalysisNotFound(f"{name} does not exist", name=name)
        if found is None or found.state is not State.SUCCEEDED:
            raise NotAnalysed(f"{project} has no analysis that succeeded", project=project)
        return found

    def standing(self, tx: Tx, tenant: str, project: str, analysis: Analysis | None) -> Standing:
        documents = self._records.documents.all(tx, tenant, project)
        findings = self._records.findings.all(tx, tenant, project)
        return standing(findings, documents_out(documents, analysis))

    def judge_claims(self, tx: Tx, tenant: str, project: str, documents: Iterable[str]) -> int:
        """Writes down anew which claims of these documents are in force; returns how many changed."""
        now = self.standing(tx, tenant, project, self.latest(tx, tenant, project))
        table = self._records.claims.table
        changed = 0
        for document in sorted(set(documents)):
            before = self._records.claims.all(tx, tenant, project, table.c.document == document)
            for old, new in zip(before, judged(before, now), strict=True):
                if old != new:
                    self._records.claims.put(tx, tenant, new)
                    changed += 1
        return changed


def documents_out(documents: Sequence[Document], analysis: Analysis | None) -> dict[str, Out]:
    """Documents that are out by themselves: withdrawn by a person, drafts, withdrawn by their own status."""
    out = {one.document: Out(one.outcome, one.detail) for one in (analysis.retired if analysis else ())}
    withdrawn = {d.name: Out(Outcome.WITHDRAWN, d.withdrawn_because or "withdrawn") for d in documents if d.withdrawn}
    return out | withdrawn
