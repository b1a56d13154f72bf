"""Use cases: upload, parse, withdraw and look up. Each is one transaction."""

import re
import time
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.chassis import auth, telemetry
from services.chassis.blobs import Blob, Blobs
from services.chassis.outbox import Outbox
from services.chassis.store import EtagMismatch, Page, Resources, Store, Tx, fingerprint
from services.ingestion.domain.chunks import Chunk
from services.ingestion.domain.documents import (
    MAX_FILENAME,
    MAX_UPLOAD_BYTES,
    BlobRef,
    Document,
    DocumentState,
    Revision,
    Upload,
    UploadState,
    document_id,
    needs_parse,
)
from services.ingestion.errors import (
    ContentTooLarge,
    DocumentWithdrawn,
    FilenameInvalid,
    ParentInvalid,
    StateInvalid,
    WithdrawalReasonMissing,
)
from whetstone.ingestion.v1 import events_pb2

Now = Callable[[], datetime]
_PROJECT = re.compile(r"projects/[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class File:
    """What a caller uploads."""

    parent: str
    filename: str
    content: bytes
    media_type: str
    source: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Records:
    documents: Resources[Document]
    revisions: Resources[Revision]
    chunks: Resources[Chunk]
    uploads: Resources[Upload]


class Handlers:
    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        blobs: Blobs,
        records: Records,
        on_upload: Callable[[], None] = lambda: None,
        now: Now | None = None,
    ) -> None:
        self._store, self._outbox, self._blobs, self._records = store, outbox, blobs, records
        self._on_upload = on_upload
        self._now = now or (lambda: datetime.now(UTC))

    def upload(self, tenant: str, file: File, request_id: str = "") -> Document:
        """Stores a file and queues its parse.

        Raises ParentInvalid, FilenameInvalid, ContentTooLarge, DocumentWithdrawn, RequestIdReused.
        """
        file = _checked(file)
        original = _ref(self._blobs.put(tenant, file.content, file.media_type))
        mark = fingerprint(file.filename, original.sha256, file.source, file.licence)
        with self._store.begin() as tx:
            entry = self._entry(file, original)
            entry, is_new = self._records.uploads.create(tx, tenant, entry, request_id, mark)
            if not is_new:
                return self._records.documents.get(tx, tenant, entry.document)
            document = self._take_in(tx, tenant, file, entry)
        self._on_upload()
        return document

    def _entry(self, file: File, original: BlobRef) -> Upload:
        name = f"{file.parent}/uploads/{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        document = f"{file.parent}/documents/{document_id(file.parent, file.filename)}"
        return Upload(name, document, original, UploadState.QUEUED, telemetry.traceparent())

    def _take_in(self, tx: Tx, tenant: str, file: File, entry: Upload) -> Document:
        """The document with its newest file; the upload is done at once where nothing is to be parsed."""
        now = self._now()
        stored = self._records.documents.find(tx, tenant, entry.document)
        if stored is None:
            document = Document(entry.document, file.filename, DocumentState.PENDING, entry.original, create_time=now)
        elif stored.state is DocumentState.WITHDRAWN:
            raise DocumentWithdrawn(f"{stored.name} was withdrawn", name=stored.name)
        elif not needs_parse(stored, entry.original.sha256):
            self._records.uploads.put(tx, tenant, replace(entry, state=UploadState.DONE))
            return stored
        else:
            document = replace(stored, state=DocumentState.PENDING, original=entry.original, rejection=None)
        document = replace(
            document,
            source=file.source or document.source,
            licence=file.licence or document.licence,
            update_time=now,
        )
        return self._records.documents.put(tx, tenant, document)

    def withdraw(self, tenant: str, name: str, reason: str, etag: str = "") -> Document:
        """Marks a document; withdrawing it again changes nothing. Raises WithdrawalReasonMissing, EtagMismatch."""
        if not reason.strip():
            raise WithdrawalReasonMissing("a withdrawal needs a reason", name=name)
        with self._store.begin() as tx:
            document = self._records.documents.get(tx, tenant, name)
            if etag and etag != document.etag:
                raise EtagMismatch(f"{name} changed since it was read", name=name)
            if document.state is DocumentState.WITHDRAWN:
                return document
            withdrawn = replace(
                document, state=DocumentState.WITHDRAWN, withdrawal_reason=reason, update_time=self._now()
            )
            message = events_pb2.DocumentWithdrawn(document=name, reason=reason, actor=auth.caller().subject)
            self._outbox.add(tx, tenant, name, message)
            return self._records.documents.put(tx, tenant, withdrawn)

    def get_document(self, tenant: str, name: str) -> Document:
        with self._store.read() as tx:
            return self._records.documents.get(tx, tenant, name)

    def list_documents(self, tenant: str, parent: str, state: str, page: Page) -> tuple[list[Document], str]:
        """One page of a project's documents, in one state where `state` is set. Raises ParentInvalid, StateInvalid."""
        _check_project(parent)
        if state and state not in DocumentState.__members__:
            raise StateInvalid(f"{state} is not a state of a document", state=state)
        table = self._records.documents.table
        where = [table.c.state == state] if state else []
        with self._store.read() as tx:
            return self._records.documents.page(tx, tenant, parent, page, *where)

    def get_revision(self, tenant: str, name: str) -> Revision:
        with self._store.read() as tx:
            return self._records.revisions.get(tx, tenant, name)

    def list_revisions(self, tenant: str, parent: str, page: Page) -> tuple[list[Revision], str]:
        """Raises DocumentNotFound."""
        with self._store.read() as tx:
            if not parent.endswith("/-"):
                self._records.documents.get(tx, tenant, parent)
            return self._records.revisions.page(tx, tenant, parent, page)

    def get_chunk(self, tenant: str, name: str) -> Chunk:
        with self._store.read() as tx:
            return self._records.chunks.get(tx, tenant, name)

    def list_chunks(self, tenant: str, parent: str, page: Page) -> tuple[list[Chunk], str]:
        """Raises RevisionNotFound."""
        with self._store.read() as tx:
            if "/-" not in parent:
                self._records.revisions.get(tx, tenant, parent)
            return self._records.chunks.page(tx, tenant, parent, page)


def _checked(file: File) -> File:
    _check_project(file.parent)
    filename = unicodedata.normalize("NFC", file.filename).strip()
    if not filename or len(filename) > MAX_FILENAME or not filename.isprintable():
        raise FilenameInvalid(f"a file name has 1 to {MAX_FILENAME} printable characters", filename=filename[:80])
    if len(file.content) > MAX_UPLOAD_BYTES:
        raise ContentTooLarge(f"a file has at most {MAX_UPLOAD_BYTES} bytes", size_bytes=str(len(file.content)))
    return replace(file, filename=filename)


def _check_project(parent: str) -> None:
    if not _PROJECT.fullmatch(parent):
        raise ParentInvalid(f"{parent!r} is not projects/{{project}}", parent=parent)


def _ref(blob: Blob) -> BlobRef:
    return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)
