"""What curation remembers of documents, and what follows when one is withdrawn."""

from dataclasses import replace

from services.chassis.store import Tx
from services.curation.domain.passages import Document
from services.curation.handlers.datasets import DatasetHandlers
from services.curation.handlers.findings import FindingHandlers
from services.curation.handlers.names import project_of
from services.curation.handlers.state import ProjectState
from services.curation.ports import Records


class DocumentHandlers:
    def __init__(self, records: Records, findings: FindingHandlers, datasets: DatasetHandlers) -> None:
        self._records, self._findings, self._datasets = records, findings, datasets
        self._state = ProjectState(records)

    def ingested(self, tx: Tx, tenant: str, document: Document) -> None:
        """A new revision replaces the one before; a withdrawn document stays withdrawn."""
        before = self._records.documents.find(tx, tenant, document.name)
        if before is not None and before.withdrawn:
            document = replace(document, withdrawn=True, withdrawn_because=before.withdrawn_because)
        self._records.documents.put(tx, tenant, document)

    def withdrawn(self, tx: Tx, tenant: str, name: str, reason: str) -> None:
        """Takes the document's claims out of force, voids its conflicts, taints the dataset versions that used it."""
        document = self._records.documents.find(tx, tenant, name)
        if document is None:
            # Withdrawn before it was parsed: there is nothing that could have been used.
            return
        self._records.documents.put(tx, tenant, replace(document, withdrawn=True, withdrawn_because=reason))
        self._findings.void(tx, tenant, name, reason)
        self._state.judge_claims(tx, tenant, project_of(name), [name])
        self._datasets.taint(tx, tenant, name, reason)
