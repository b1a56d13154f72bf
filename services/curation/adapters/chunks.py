"""Ingestion's chunks from the blob store."""

from google.protobuf import json_format

from services.chassis.blobs import Blobs
from services.curation.domain.analyses import Input
from services.curation.domain.passages import Chunk, Document, Place, Row, Source
from services.curation.errors import ChunksUnreadable
from whetstone.ingestion.v1 import ingestion_pb2 as pb
from whetstone.type.v1 import location_pb2


class BlobChunks:
    """Reads documents as sources: JSON lines of `whetstone.ingestion.v1.Chunk`, in the order of their ordinals."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def source(self, tenant: str, document: Document | Input) -> Source:
        name = document.name if isinstance(document, Document) else document.document
        lines = self._blobs.get(tenant, document.chunks_sha256).decode().split("\n")
        chunks = [_read(name, document.revision, line) for line in lines if line.strip()]
        ordered = tuple(sorted(chunks, key=lambda chunk: (chunk.ordinal, chunk.name)))
        return Source(name, document.revision, document.filename, document.title, ordered)


def _read(document: str, revision: str, line: str) -> Chunk:
    try:
        chunk = json_format.Parse(line, pb.Chunk(), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise ChunksUnreadable(f"the chunks of {document} can't be read: {error}", document=document) from error
    kind = pb.Chunk.Kind.Name(chunk.kind)
    rows = tuple(Row(tuple(row.cells), row.char_start, row.char_end) for row in chunk.table.rows)
    place = _place(document, revision, chunk.name, chunk.location)
    return Chunk(
        chunk.name, chunk.text, place, kind, tuple(chunk.headings), tuple(chunk.table.header), rows, chunk.ordinal
    )


def _place(document: str, revision: str, chunk: str, location: location_pb2.Location) -> Place:
    box = location.box
    return Place(
        location.document or document,
        location.revision or revision,
        chunk,
        location.page if location.HasField("page") else None,
        (box.left, box.top, box.right, box.bottom) if location.HasField("box") else None,
        location.cells,
        location.clause,
        location.char_start,
        location.char_end,
    )
