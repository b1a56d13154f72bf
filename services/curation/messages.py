"""Domain to protobuf, and claims to the JSON lines that other services read."""

import json
from collections.abc import Iterable

from google.protobuf import json_format

from services.chassis.rpc import timestamp
from services.curation.domain.analyses import Analysis, BlobRef, Failure, Stage
from services.curation.domain.claims import Claim, Quantity
from services.curation.domain.datasets import Dataset, DatasetVersion, LedgerEntry
from services.curation.domain.findings import OUTCOMES, Decision, Finding
from services.curation.domain.passages import Place, Quote
from services.curation.domain.taxonomy import Taxonomy, Topic
from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.type.v1 import location_pb2


def to_analysis(analysis: Analysis) -> pb.Analysis:
    progress = analysis.progress
    return pb.Analysis(
        name=analysis.name,
        state=analysis.state.value,
        progress=location_pb2.Progress(phase=progress.phase, done=progress.done, total=progress.total),
        failure=to_failure(analysis.failure),
        document_count=len(analysis.inputs),
        chunk_count=analysis.chunk_count,
        claim_count=analysis.claim_count,
        finding_counts=analysis.finding_counts,
        create_time=timestamp(analysis.create_time),
        update_time=timestamp(analysis.update_time),
        claims=to_blob(analysis.claims),
    )


def to_finding(finding: Finding) -> pb.Finding:
    return pb.Finding(
        name=finding.name,
        kind=finding.kind.value,
        state=finding.state.value,
        quotes=[to_quote(quote) for quote in finding.quotes],
        explanation=finding.explanation,
        suggested_outcome=finding.suggested_outcome,
        outcomes=OUTCOMES[finding.kind],
        confidence=finding.confidence,
        decision=to_decision(finding.decision) if finding.decision else None,
        history=[to_decision(decision) for decision in finding.history],
        etag=finding.etag,
        create_time=timestamp(finding.create_time),
        update_time=timestamp(finding.update_time),
        topic=finding.topic,
        claims=finding.claims,
        documents=finding.documents,
    )


def to_decision(decision: Decision) -> pb.Decision:
    return pb.Decision(
        outcome=decision.outcome,
        reason=decision.reason,
        author=decision.author,
        time=timestamp(decision.time),
        note=decision.note,
    )


def to_quote(quote: Quote) -> location_pb2.Quote:
    return location_pb2.Quote(text=quote.text, location=to_location(quote.place), document_title=quote.document_title)


def to_location(place: Place) -> location_pb2.Location:
    box = (
        location_pb2.Box(**dict(zip(("left", "top", "right", "bottom"), place.box, strict=True))) if place.box else None
    )
    return location_pb2.Location(
        document=place.document,
        revision=place.revision,
        chunk=place.chunk,
        page=place.page,
        box=box,
        cells=place.cells,
        clause=place.clause,
        char_start=place.char_start,
        char_end=place.char_end,
    )


def to_claim(claim: Claim) -> pb.Claim:
    return pb.Claim(
        name=claim.name,
        subject=claim.subject,
        property=claim.property,
        modality=claim.modality,
        quantity=to_quantity(claim.quantity) if claim.quantity else None,
        value_text=claim.value_text,
        conditions=claim.conditions,
        quote=to_quote(claim.quote),
        extractor=claim.extractor,
        confidence=claim.confidence,
        in_force=claim.in_force,
        retired_because=claim.retired_because,
        negated=claim.negated,
        topics=claim.topics,
    )


def to_quantity(quantity: Quantity) -> pb.Quantity:
    return pb.Quantity(
        comparator=quantity.comparator.value,
        low=quantity.low,
        high=quantity.high,
        unit=quantity.unit,
        si_low=quantity.si_low,
        si_high=quantity.si_high,
        si_unit=quantity.si_unit,
        tolerance=quantity.tolerance,
        text=quantity.text,
    )


def to_taxonomy(taxonomy: Taxonomy) -> pb.Taxonomy:
    return pb.Taxonomy(
        name=taxonomy.name,
        topics=[
            pb.Taxonomy.Topic(id=t.id, title=t.title, parent=t.parent, terms=t.terms, chunk_count=t.chunk_count)
            for t in taxonomy.topics
        ],
        etag=taxonomy.etag,
        update_time=timestamp(taxonomy.update_time),
        author=taxonomy.author,
    )


def of_topics(topics: Iterable[pb.Taxonomy.Topic]) -> tuple[Topic, ...]:
    return tuple(Topic(t.id, t.title, t.parent, tuple(t.terms), t.chunk_count) for t in topics)


def to_dataset(dataset: Dataset) -> pb.Dataset:
    return pb.Dataset(
        name=dataset.name,
        display_name=dataset.display_name,
        create_time=timestamp(dataset.create_time),
        etag=dataset.etag,
    )


def to_version(version: DatasetVersion) -> pb.DatasetVersion:
    return pb.DatasetVersion(
        name=version.name,
        state=version.state.value,
        digest=version.digest,
        manifest=to_blob(version.manifest),
        train=to_blob(version.train),
        heldout_wordings=to_blob(version.heldout_wordings),
        heldout_unseen=to_blob(version.heldout_unseen),
        chunks=to_blob(version.chunks),
        ledger=to_blob(version.ledger),
        train_count=version.train_count,
        heldout_wording_count=version.heldout_wording_count,
        heldout_unseen_count=version.heldout_unseen_count,
        chunk_count=version.chunk_count,
        chunks_used=version.chunks_used,
        discards=version.discards,
        create_time=timestamp(version.create_time),
        synthesis_job=version.synthesis_job,
        analysis=version.analysis,
        documents=version.documents,
        tainted_because=version.tainted_because,
    )


def to_entry(entry: LedgerEntry) -> pb.LedgerEntry:
    return pb.LedgerEntry(chunk=entry.chunk, outcome=entry.outcome, detail=entry.detail, examples=entry.examples)


def to_blob(blob: BlobRef) -> location_pb2.BlobRef | None:
    if not blob.sha256:
        return None
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes, media_type=blob.media_type)


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None


def to_stage(stage: Stage) -> location_pb2.StageRef | None:
    return location_pb2.StageRef(run=stage.run, stage=stage.stage, attempt=stage.attempt) if stage.run else None


def json_lines(values: Iterable[object]) -> bytes:
    """One JSON object a line, keys sorted: the same values are the same bytes."""
    return "".join(json.dumps(v, ensure_ascii=False, sort_keys=True) + "\n" for v in values).encode()


def claim_lines(claims: Iterable[Claim]) -> bytes:
    return json_lines(json_format.MessageToDict(to_claim(claim)) for claim in sorted(claims, key=lambda c: c.name))
