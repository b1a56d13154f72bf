"""The tables of documents, revisions, chunks and uploads."""

import sqlalchemy as sa

from services.chassis.store import Resources, resource_table
from services.ingestion.domain.chunks import Chunk
from services.ingestion.domain.documents import Document, Revision, Upload
from services.ingestion.errors import ChunkNotFound, DocumentNotFound, RevisionNotFound, UploadNotFound

_METADATA = sa.MetaData()
_DOCUMENTS = resource_table(_METADATA, "documents", sa.Column("state", sa.String(20), nullable=False, index=True))
_REVISIONS = resource_table(_METADATA, "revisions")
_CHUNKS = resource_table(_METADATA, "chunks")
_UPLOADS = resource_table(
    _METADATA,
    "uploads",
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("document", sa.String(500), nullable=False, index=True),
)


def documents() -> Resources[Document]:
    return Resources(_DOCUMENTS, Document, DocumentNotFound)


def revisions() -> Resources[Revision]:
    return Resources(_REVISIONS, Revision, RevisionNotFound)


def chunks() -> Resources[Chunk]:
    return Resources(_CHUNKS, Chunk, ChunkNotFound)


def uploads() -> Resources[Upload]:
    return Resources(_UPLOADS, Upload, UploadNotFound)
