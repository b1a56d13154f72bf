"""What events said of resources."""

import json

from services.chassis.store import Tx
from services.provenance.errors import DatasetNotPublished, EvaluationUnreadable, ModelVersionUnknown
from services.provenance.ports.records import Facts, LogStore

REGISTERED = "whetstone.training.v1.ModelVersionRegistered"
PROMOTED = "whetstone.training.v1.ModelVersionPromoted"
GATED = "whetstone.training.v1.ModelVersionGated"
JOB_CHANGED = "whetstone.training.v1.TrainingJobStateChanged"
PUBLISHED = "whetstone.curation.v1.DatasetVersionPublished"
SEALED = "whetstone.provenance.v1.SnapshotSealed"
INGESTED = "whetstone.ingestion.v1.DocumentIngested"
SYNTHESISED = "whetstone.synthesis.v1.SynthesisCompleted"
MAX_REVISIONS = 1000


def model_version(log: LogStore, tx: Tx, tenant: str, name: str) -> Facts:
    """The ModelVersion as the newest event holds it whole: it is registered, evaluated and promoted in turn.

    Raises ModelVersionUnknown.
    """
    found = log.payloads(tx, tenant, (REGISTERED, PROMOTED), name)
    if not found:
        raise ModelVersionUnknown(f"no event has registered {name}", name=name)
    version: Facts = found[0]["version"]
    return version


def dataset(log: LogStore, tx: Tx, tenant: str, name: str) -> Facts:
    """The DatasetVersionPublished of a dataset version. Raises DatasetNotPublished."""
    found = log.payloads(tx, tenant, (PUBLISHED,), name)
    if not found:
        raise DatasetNotPublished(f"no event has published {name}", name=name)
    return found[0]


def newest(log: LogStore, tx: Tx, tenant: str, type_name: str, name: str) -> Facts | None:
    return next(iter(log.payloads(tx, tenant, (type_name,), name)), None)


def blob(facts: Facts, field: str) -> str:
    """The SHA-256 of a blob that facts refer to; empty where there is none."""
    return str(facts.get(field, {}).get("sha256", ""))


def evaluation_figures(data: bytes) -> Facts:
    """The `figures` of an evaluation document; none where nothing was evaluated. Raises EvaluationUnreadable."""
    try:
        document = json.loads(data) if data else {}
    except ValueError as error:
        raise EvaluationUnreadable(f"the evaluation is not JSON: {error}") from error
    figures = document.get("figures", {}) if isinstance(document, dict) else {}
    return figures if isinstance(figures, dict) else {}


def chunk_blobs(log: LogStore, tx: Tx, tenant: str, documents: list[str]) -> list[str]:
    """The blobs of ingestion's chunks of every revision of these documents."""
    found = [
        blob(facts, "chunks")
        for document in documents
        for facts in log.payloads(tx, tenant, (INGESTED,), document, MAX_REVISIONS)
    ]
    return sorted(set(found) - {""})
