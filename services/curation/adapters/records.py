"""The tables of curation."""

from collections.abc import Sequence

import sqlalchemy as sa

from services.chassis.store import Resources, Tx, resource_table
from services.curation import errors
from services.curation.domain.analyses import Analysis
from services.curation.domain.claims import Claim
from services.curation.domain.datasets import Build, Dataset, DatasetVersion, Synthesis
from services.curation.domain.findings import Finding
from services.curation.domain.passages import Document
from services.curation.domain.taxonomy import Taxonomy
from services.curation.ports import Records


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


def records() -> Records:
    """Curation's resources by kind, over their tables."""
    made = tables(sa.MetaData())
    claims = Resources(made["claims"], Claim, errors.ClaimNotFound)

    def replace_claims(tx: Tx, tenant: str, project: str, items: Sequence[Claim]) -> None:
        columns = made["claims"].c
        tx.execute(sa.delete(made["claims"]).where(columns.tenant == tenant, columns.parent == project))
        claims.add_all(tx, tenant, items)

    return Records(
        documents=Resources(made["documents"], Document, errors.DocumentUnknown),
        analyses=Resources(made["analyses"], Analysis, errors.AnalysisNotFound),
        findings=Resources(made["findings"], Finding, errors.FindingNotFound),
        claims=claims,
        taxonomies=Resources(made["taxonomies"], Taxonomy, errors.TaxonomyNotFound),
        datasets=Resources(made["datasets"], Dataset, errors.DatasetNotFound),
        builds=Resources(made["builds"], Build, errors.BuildNotFound),
        versions=Resources(made["versions"], DatasetVersion, errors.DatasetVersionNotFound),
        syntheses=Resources(made["syntheses"], Synthesis, errors.SynthesisUnknown),
        replace_claims=replace_claims,
    )
