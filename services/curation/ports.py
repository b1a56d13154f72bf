"""What the curation service needs of the outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.chassis.store import Resources, Tx
from services.curation.domain.analyses import Analysis, Input
from services.curation.domain.claims import Claim
from services.curation.domain.datasets import Build, Dataset, DatasetVersion, Synthesis
from services.curation.domain.findings import Finding
from services.curation.domain.passages import Document, Source
from services.curation.domain.taxonomy import Taxonomy


@dataclass(frozen=True)
class Records:
    """Curation's resources by kind."""

    documents: Resources[Document]
    analyses: Resources[Analysis]
    findings: Resources[Finding]
    claims: Resources[Claim]
    taxonomies: Resources[Taxonomy]
    datasets: Resources[Dataset]
    builds: Resources[Build]
    versions: Resources[DatasetVersion]
    syntheses: Resources[Synthesis]
    replace_claims: Callable[[Tx, str, str, Sequence[Claim]], None]
    """Takes tenant, project and the claims that are all there are from now on."""


class Chunks(Protocol):
    def source(self, tenant: str, document: Document | Input) -> Source:
        """A document with its chunks. Raises ChunksUnreadable, BlobNotFound."""
        ...


class Heard(Protocol):
    def __call__(self, topic: str) -> bool:
        """Whether every event of a topic that is said by now was heard."""
        ...
