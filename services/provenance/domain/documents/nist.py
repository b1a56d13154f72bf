"""Which evidence of a pack bears on which outcome of the NIST AI Risk Management Framework (AI 100-1)."""

from typing import Any

from services.provenance.domain.documents.annex_iv import MISSING
from services.provenance.domain.evidence import Evidence

# Function, subcategory, its subject, events that bear on it, files that do.
OUTCOMES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("govern", "GOVERN 1.4", "risk management process and its outcomes are transparent", (), ("annex-iv.json",)),
    ("govern", "GOVERN 1.6", "AI systems are inventoried", ("ModelVersionRegistered",), ("ml-bom.cdx.json",)),
    ("govern", "GOVERN 2.1", "roles and responsibilities are documented", (), ()),
    ("govern", "GOVERN 6.1", "third-party rights, licences and data", ("DocumentIngested",), ("lineage.json",)),
    ("map", "MAP 1.1", "intended purposes and context of use", (), ()),
    ("map", "MAP 2.3", "data collection and selection", ("DatasetVersionPublished",), ("dataset/ledger-summary.json",)),
    ("map", "MAP 3.5", "human oversight", ("FindingSettled", "ToolCallDecided"), ()),
    ("map", "MAP 4.1", "third-party components", ("ModelVersionRegistered",), ("ml-bom.cdx.json",)),
    ("measure", "MEASURE 2.3", "performance is measured", ("ModelVersionGated",), ("gate-report.json",)),
    ("measure", "MEASURE 2.7", "security and resilience", ("ToolCallRefused",), ()),
    ("measure", "MEASURE 2.8", "transparency and accountability", ("SnapshotSealed",), ("log/checkpoint.txt",)),
    ("measure", "MEASURE 2.9", "the model is explained and documented", (), ("model-card.json",)),
    ("measure", "MEASURE 2.10", "privacy risk is examined", (), ()),
    ("manage", "MANAGE 1.1", "whether the purpose is achieved decides on going on", ("ModelVersionPromoted",), ()),
    ("manage", "MANAGE 2.4", "means to supersede or deactivate", ("ModelVersionRevoked", "ModelVersionTainted"), ()),
    ("manage", "MANAGE 4.1", "monitoring after deployment", ("EndpointReady", "CompletionServed"), ()),
)


def document(evidence: Evidence, files: set[str]) -> dict[str, Any]:
    """Each outcome with references into the pack, or that a person must show it."""
    mapping: dict[str, list[dict[str, Any]]] = {"govern": [], "map": [], "measure": [], "manage": []}
    for function, outcome, subject, events, paths in OUTCOMES:
        references = [path for path in paths if path in files] + evidence.references(*events)
        row = {"outcome": outcome, "subject": subject, "evidence_refs": references or MISSING}
        mapping[function].append(row)
    return {"framework": "NIST AI 100-1", "model_version": evidence.name, "functions": mapping}


def missing(mapping: dict[str, Any]) -> tuple[str, ...]:
    rows = [row for part in mapping["functions"].values() for row in part]
    return tuple(f"nist-ai-rmf {row['outcome']}" for row in rows if row["evidence_refs"] == MISSING)
