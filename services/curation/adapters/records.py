"""The tables of curation."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from services.chassis.errors import NotFound
from services.chassis.store import Resources, resource_table
from services.curation import errors
from services.curation.domain.analyses import Analysis
from services.curation.domain.claims import Claim
from services.curation.domain.datasets import Build, Dataset, DatasetVersion, Synthesis
from services.curation.domain.findings import Finding
from services.curation.domain.passages import Document
from services.curation.domain.taxonomy import Taxonomy


def _state() -> sa.Column[str]:
    return sa.Column("state", sa.String(20), nullable=False, index=True)


def tables(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """The tables as of schema 1."""
    return {
        "documents": resource_table(metadata, "documents", sa.Column("withdrawn", sa.Boolean, nullable=False)),
        "analyses": resource_table(metadata, "analyses", _state()),
        "findings": resource_table(
            metadata, "findings", _state(), sa.Column("kind", sa.String(30), nullable=False, index=True)
        ),
        "claims": resource_table(
            metadata,
            "claims",
            sa.Column("document", sa.String(500), nullable=False, index=True),
            sa.Column("in_force", sa.Boolean, nullable=False),
        ),
        "taxonomies": resource_table(metadata, "taxonomies"),
        "datasets": resource_table(metadata, "datasets"),
        "builds": resource_table(metadata, "builds", _state()),
        "versions": resource_table(metadata, "versions", _state()),
        "syntheses": resource_table(metadata, "syntheses"),
    }


@dataclass(frozen=True)
class Records:
    """Curation's resources by kind."""

    _tables: dict[str, sa.Table] = field(default_factory=lambda: tables(sa.MetaData()))
    documents: Resources[Document] = field(init=False)
    analyses: Resources[Analysis] = field(init=False)
    findings: Resources[Finding] = field(init=False)
    claims: Resources[Claim] = field(init=False)
    taxonomies: Resources[Taxonomy] = field(init=False)
    datasets: Resources[Dataset] = field(init=False)
    builds: Resources[Build] = field(init=False)
    versions: Resources[DatasetVersion] = field(init=False)
    syntheses: Resources[Synthesis] = field(init=False)

    def __post_init__(self) -> None:
        kinds: dict[str, tuple[type, type[NotFound]]] = {
            "documents": (Document, errors.DocumentUnknown),
            "analyses": (Analysis, errors.AnalysisNotFound),
            "findings": (Finding, errors.FindingNotFound),
            "claims": (Claim, errors.ClaimNotFound),
            "taxonomies": (Taxonomy, errors.TaxonomyNotFound),
            "datasets": (Dataset, errors.DatasetNotFound),
            "builds": (Build, errors.BuildNotFound),
            "versions": (DatasetVersion, errors.DatasetVersionNotFound),
            "syntheses": (Synthesis, errors.SynthesisUnknown),
        }
        for name, (kind, missing) in kinds.items():
            object.__setattr__(self, name, Resources(self._tables[name], kind, missing))
