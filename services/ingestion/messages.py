"""Domain to protobuf."""

from services.chassis.rpc import timestamp
from services.ingestion.domain.blocks import Box
from services.ingestion.domain.chunks import Chunk, Piece
from services.ingestion.domain.documents import BlobRef, Document, Failure, Revision
from whetstone.ingestion.v1 import ingestion_pb2 as pb
from whetstone.type.v1 import location_pb2


def to_document(document: Document) -> pb.Document:
    return pb.Document(
        name=document.name,
        filename=document.filename,
        title=document.title,
        media_type=document.original.media_type,
        state=document.state.value,
        rejection=to_failure(document.rejection),
        latest_revision=document.latest_revision,
        source=document.source,
        licence=document.licence,
        withdrawal_reason=document.withdrawal_reason,
        etag=document.etag,
        create_time=timestamp(document.create_time),
        update_time=timestamp(document.update_time),
        original=to_blob(document.original),
    )


def to_revision(revision: Revision) -> pb.Revision:
    return pb.Revision(
        name=revision.name,
        original=to_blob(revision.original),
        text=to_blob(revision.text),
        chunks=to_blob(revision.chunks),
        page_count=revision.page_count,
        chunk_count=revision.chunk_count,
        title=revision.title,
        warnings=revision.warnings,
        create_time=timestamp(revision.create_time),
        parser=revision.parser,
    )


def to_chunk(chunk: Chunk) -> pb.Chunk:
    return pb.Chunk(
        name=chunk.name,
        text=chunk.text,
        location=_location(chunk),
        kind=chunk.piece.kind.value,
        headings=chunk.piece.headings,
        table=_table(chunk.piece),
        ordinal=chunk.ordinal,
    )


def _location(chunk: Chunk) -> location_pb2.Location:
    revision = chunk.name.rsplit("/", 2)[0]
    piece = chunk.piece
    return location_pb2.Location(
        document=revision.rsplit("/", 2)[0],
        revision=revision,
        chunk=chunk.name,
        page=piece.place.page,
        box=_box(piece.place.box),
        cells=piece.cells,
        clause=piece.clause,
        char_start=piece.start,
        char_end=piece.end,
    )


def _table(piece: Piece) -> pb.Table | None:
    if not piece.rows and not piece.header:
        return None
    rows = [pb.Table.Row(cells=row.cells, char_start=row.start, char_end=row.end) for row in piece.rows]
    return pb.Table(header=piece.header, rows=rows)


def _box(box: Box | None) -> location_pb2.Box | None:
    return location_pb2.Box(left=box.left, top=box.top, right=box.right, bottom=box.bottom) if box else None


def to_blob(blob: BlobRef) -> location_pb2.BlobRef:
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes, media_type=blob.media_type)


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None
