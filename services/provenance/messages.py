"""Domain to protobuf."""

import base64
from datetime import datetime

from services.chassis.rpc import timestamp
from services.provenance.domain import trace
from services.provenance.domain.graph import Lineage
from services.provenance.domain.leaf import Entry
from services.provenance.domain.note import Checkpoint
from services.provenance.domain.pack import AuditPack
from services.provenance.domain.trace import Quote, Trace
from services.provenance.handlers.log import Inclusion
from whetstone.provenance.v1 import provenance_pb2 as pb
from whetstone.type.v1 import location_pb2


def to_entry(entry: Entry) -> pb.LogEntry:
    leaf = entry.leaf
    return pb.LogEntry(
        name=f"projects/{leaf.project}/logEntries/{entry.index}",
        index=entry.index,
        event_id=leaf.event_id,
        event_type=leaf.type,
        source=leaf.source,
        subject=leaf.subject,
        time=timestamp(datetime.fromisoformat(leaf.time)),
        leaf_json=entry.leaf_json,
        leaf_hash=entry.leaf_hash.hex(),
        trace_id=leaf.trace_id,
        actor=leaf.actor,
    )


def to_checkpoint(checkpoint: Checkpoint) -> pb.Checkpoint:
    return pb.Checkpoint(
        note=checkpoint.note,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root_hash=base64.b64encode(checkpoint.root).decode(),
        time=timestamp(checkpoint.time),
        verifier_key=checkpoint.verifier_key,
    )


def to_inclusion(proof: Inclusion) -> pb.InclusionProof:
    return pb.InclusionProof(
        index=proof.entry.index,
        size=proof.size,
        hashes=[digest.hex() for digest in proof.hashes],
        leaf_hash=proof.entry.leaf_hash.hex(),
        root_hash=proof.root.hex(),
    )


def to_lineage(lineage: Lineage) -> pb.Lineage:
    nodes = [
        pb.Lineage.Node(name=n.name, kind=n.kind, label=n.label, digest=n.digest, marks=n.marks) for n in lineage.nodes
    ]
    # `from` is a word of Python's.
    edges = [pb.Lineage.Edge(**{"from": e.source, "to": e.target, "kind": e.kind}) for e in lineage.edges]
    return pb.Lineage(nodes=nodes, edges=edges)


def to_trace(found: Trace) -> pb.CompletionTrace:
    return pb.CompletionTrace(
        completion=found.completion,
        model_version=found.model_version,
        dataset_version=found.dataset_version,
        influences=[to_influence(row) for row in found.influences],
        verbatim=[to_verbatim(row) for row in found.verbatim],
        evidence=[pb.Evidence(score=row.score, source=to_quote(row.source)) for row in found.evidence],
        learnt=found.learnt,
        fidelity=found.fidelity,
        seconds=found.seconds,
    )


def to_influence(row: trace.Influence) -> pb.Influence:
    return pb.Influence(
        example=row.example,
        score=row.score,
        prompt=row.prompt,
        completion=row.completion,
        sources=[to_quote(quote) for quote in row.sources],
    )


def to_verbatim(row: trace.Verbatim) -> pb.Verbatim:
    sources = [to_quote(quote) for quote in row.sources]
    return pb.Verbatim(text=row.text, example=row.example, tokens=row.tokens, sources=sources)


def to_quote(quote: Quote) -> location_pb2.Quote:
    place = quote.place
    location = location_pb2.Location(
        document=place.document,
        revision=place.revision,
        chunk=place.chunk,
        page=place.page,
        cells=place.cells,
        clause=place.clause,
        char_start=place.char_start,
        char_end=place.char_end,
    )
    return location_pb2.Quote(text=quote.text, location=location, document_title=quote.title)


def to_pack(pack: AuditPack) -> pb.AuditPack:
    return pb.AuditPack(
        name=pack.name,
        state=pack.state.value,
        model_version=pack.model_version,
        archive=to_blob(pack),
        failure=location_pb2.Failure(reason=pack.failure.reason, message=pack.failure.message)
        if pack.failure
        else None,
        create_time=timestamp(pack.create_time),
        missing=pack.missing,
    )


def to_blob(pack: AuditPack) -> location_pb2.BlobRef | None:
    if not pack.archive_sha256:
        return None
    return location_pb2.BlobRef(sha256=pack.archive_sha256, size_bytes=pack.archive_bytes, media_type="application/zip")
