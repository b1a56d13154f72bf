"""Gathers what an audit pack shows: lineage, leaves with their proofs, and the blobs that events name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.blobs import Blobs
from services.chassis.store import Store, Tx
from services.provenance.domain import merkle
from services.provenance.domain.evidence import DatasetEvidence, Evidence, Json, LoggedLeaf
from services.provenance.domain.examples import lines_of, raw_lines
from services.provenance.domain.graph import Direction, Lineage
from services.provenance.domain.leaf import commitment, project_of, utc
from services.provenance.domain.note import Checkpoint
from services.provenance.domain.pack import AuditPack
from services.provenance.domain.snapshot import SnapshotState
from services.provenance.errors import DatasetUnreadable, LineageTooLarge, SnapshotPending
from services.provenance.handlers import facts
from services.provenance.ports.records import Facts, GraphStore, LogStore, SnapshotStore


@dataclass(frozen=True)
class Sources:
    """Where evidence is gathered from. `discloses` says whether a pack may hold the training examples themselves."""

    store: Store
    blobs: Blobs
    log: LogStore
    graph: GraphStore
    snapshots: SnapshotStore
    lineage_limit: int
    discloses: bool


def gather(sources: Sources, tenant: str, pack: AuditPack, checkpoint: Checkpoint) -> Evidence:
    """Everything about the pack's model version within the checkpoint.

    Raises ModelVersionUnknown, DatasetNotPublished, LineageTooLarge, BlobNotFound.
    """
    name = pack.model_version
    with sources.store.read() as tx:
        version = facts.model_version(sources.log, tx, tenant, name)
        lineage, complete = _lineage(sources, tx, tenant, name)
        evaluation = _blob(sources, tenant, version, "evaluation")
        dataset = _dataset(sources, tx, tenant, str(version.get("dataset_version", "")))
        gated = facts.newest(sources.log, tx, tenant, facts.GATED, name) or {}
        job = facts.newest(sources.log, tx, tenant, facts.JOB_CHANGED, str(version.get("training_job", "")))
        return Evidence(
            pack=pack.name,
            name=name,
            create_time=utc(pack.create_time) if pack.create_time else "",
            version=version,
            lineage=lineage,
            lineage_complete=complete,
            leaves=tuple(_leaves(sources, tx, tenant, checkpoint, lineage)),
            checkpoint=checkpoint,
            dataset=dataset,
            gate=gated.get("report", {}),
            job=job or {},
            synthesis=_synthesis(sources, tx, tenant, lineage),
            evaluation=evaluation,
            discloses=sources.discloses,
            figures=facts.evaluation_figures(evaluation),
            licences=_licences(sources, tx, tenant, lineage),
        )


def check_sealed(sources: Sources, tenant: str, pack: AuditPack) -> None:
    """Whether the log shows the commitment to the examples that the model learnt from.

    Raises SnapshotPending while it is under way, DatasetUnreadable where it failed.
    """
    with sources.store.read() as tx:
        version = str(facts.model_version(sources.log, tx, tenant, pack.model_version).get("dataset_version", ""))
        if not version or facts.newest(sources.log, tx, tenant, facts.SEALED, version):
            return
        snapshot = sources.snapshots.find(tx, tenant, version)
    if snapshot is not None and snapshot.state is SnapshotState.FAILED:
        raise DatasetUnreadable(f"the examples of {version} can't be committed to: {snapshot.failure}", name=version)
    raise SnapshotPending(f"the examples of {version} are not committed to yet", name=version)


def _lineage(sources: Sources, tx: Tx, tenant: str, name: str) -> tuple[Lineage, bool]:
    """Both ways; only upstream where answers are too many to list. Raises LineageTooLarge."""
    project = project_of(name)
    for direction in (Direction.BOTH, Direction.UPSTREAM):
        found = sources.graph.reach(tx, tenant, project, name, direction, sources.lineage_limit)
        if found is not None:
            return found, direction is Direction.BOTH
    raise LineageTooLarge(f"{name} was made from more than {sources.lineage_limit} resources", name=name)


def _leaves(sources: Sources, tx: Tx, tenant: str, checkpoint: Checkpoint, lineage: Lineage) -> Iterator[LoggedLeaf]:
    nodes = sources.log.nodes(tx, tenant, checkpoint.project)
    found = {
        entry.index: entry
        for node in lineage.nodes
        for entry in sources.log.entries(tx, tenant, checkpoint.project, -1, checkpoint.size, node.name)
        if entry.index < checkpoint.size
    }
    for index in sorted(found):
        proof = tuple(merkle.inclusion(nodes, index, checkpoint.size))
        yield LoggedLeaf(found[index], proof, sources.log.datum(tx, tenant, found[index].leaf.event_id))


def _dataset(sources: Sources, tx: Tx, tenant: str, version: str) -> DatasetEvidence | None:
    if not version:
        return None
    told = facts.dataset(sources.log, tx, tenant, version)
    items = tuple(sources.snapshots.items(tx, tenant, version))
    ledger = lines_of(_blob(sources, tenant, told, "ledger"))
    discards = Counter(str(line.get("outcome", "")) for line in ledger)
    lines: dict[str, bytes] = {}
    if sources.discloses:
        raw = raw_lines(_blob(sources, tenant, told, "train"))
        ids = [str(line.get("id", "")) for line in lines_of(b"\n".join(raw))]
        by_id = dict(zip(ids, raw, strict=True))
        opened = {item.commitment: by_id[item.example] for item in items if item.example in by_id}
        lines = {item.commitment: opened[item.commitment] for item in items if _opens(item, opened)}
    return DatasetEvidence(told, _blob(sources, tenant, told, "manifest"), dict(sorted(discards.items())), items, lines)


def _opens(item: Any, opened: dict[str, bytes]) -> bool:
    line = opened.get(item.commitment)
    return line is not None and commitment(item.salt, line) == item.commitment


def _synthesis(sources: Sources, tx: Tx, tenant: str, lineage: Lineage) -> Facts:
    jobs = [node.name for node in lineage.nodes if node.kind == "synthesis-job"]
    told = [facts.newest(sources.log, tx, tenant, facts.SYNTHESISED, name) for name in jobs]
    return next((found for found in told if found), {})


def _licences(sources: Sources, tx: Tx, tenant: str, lineage: Lineage) -> tuple[str, ...]:
    documents: Sequence[str] = [node.name for node in lineage.nodes if node.kind == "document"]
    told = [facts.newest(sources.log, tx, tenant, facts.INGESTED, name) for name in documents]
    return tuple(sorted({str(found.get("licence") or "not stated") for found in told if found}))


def _blob(sources: Sources, tenant: str, told: Json, field: str) -> bytes:
    digest = facts.blob(told, field)
    return sources.blobs.get(tenant, digest) if digest else b""
