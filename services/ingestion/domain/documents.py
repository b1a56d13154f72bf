"""Documents, their revisions and uploads: names, states, and why a file is refused. Standard library only."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

MAX_UPLOAD_BYTES = 32 * 1024 * 1024
MAX_FILENAME = 255


class DocumentState(StrEnum):
    PENDING = "PENDING"
    PARSED = "PARSED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class UploadState(StrEnum):
    QUEUED = "QUEUED"
    DONE = "DONE"


class Reason(StrEnum):
    """Why a file is rejected; a closed list, documented in the service's README."""

    EMPTY = "EMPTY"
    NO_TEXT = "NO_TEXT"
    UNSUPPORTED_TYPE = "UNSUPPORTED_TYPE"
    CORRUPT = "CORRUPT"
    ENCRYPTED = "ENCRYPTED"
    ARCHIVE_BOMB = "ARCHIVE_BOMB"
    ENTITY_EXPANSION = "ENTITY_EXPANSION"
    TOO_LARGE = "TOO_LARGE"
    PARSE_TIMEOUT = "PARSE_TIMEOUT"
    PARSE_MEMORY = "PARSE_MEMORY"
    PARSER_CRASHED = "PARSER_CRASHED"


# What depends on the machine as much as on the file: the same bytes may be tried again.
RETRYABLE = frozenset({Reason.PARSE_TIMEOUT, Reason.PARSE_MEMORY, Reason.PARSER_CRASHED})


class Rejected(Exception):
    """The file can't be used, and trying again gives the same."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


@dataclass(frozen=True)
class BlobRef:
    """A blob in the content-addressed store."""

    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class Document:
    name: str
    filename: str
    state: DocumentState
    original: BlobRef
    title: str = ""
    rejection: Failure | None = None
    latest_revision: str = ""
    source: str = ""
    licence: str = ""
    withdrawal_reason: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    etag: str = ""


@dataclass(frozen=True)
class Revision:
    name: str
    original: BlobRef
    text: BlobRef
    chunks: BlobRef
    page_count: int
    chunk_count: int
    title: str
    warnings: tuple[str, ...]
    parser: str
    create_time: datetime


@dataclass(frozen=True)
class Upload:
    """One file that was sent: the unit of the parse queue. Names sort by time: first in, first out."""

    name: str
    document: str
    original: BlobRef
    state: UploadState
    traceparent: str = ""


def document_id(project: str, filename: str) -> str:
    """A readable id that is the same for the same project and file name: `spec-101-pdf-1a2b3c4d`."""
    path = PurePosixPath(unicodedata.normalize("NFKD", filename)).name
    slug = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:48].strip("-") or "file"
    digest = hashlib.sha256(f"{project}\0{filename}".encode()).hexdigest()
    return f"{slug}-{digest[:8]}"


def revision_name(document: str, sha256: str) -> str:
    return f"{document}/revisions/{sha256[:16]}"


def chunk_name(revision: str, ordinal: int) -> str:
    """Zero-padded, so that the order of names is the reading order."""
    return f"{revision}/chunks/c{ordinal:06d}"


def needs_parse(document: Document, sha256: str) -> bool:
    """Whether a file sent as the document has to be parsed: it is another one, or its parse may go better now."""
    if document.original.sha256 != sha256:
        return True
    return document.rejection is not None and document.rejection.reason in RETRYABLE
