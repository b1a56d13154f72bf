"""The parse queue: takes uploads in order, has them parsed in the sandbox, writes down what came out.

A crash leaves an upload QUEUED; the next start parses it. The result is written in one transaction with its event.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from google.protobuf import json_format

from services.chassis import auth, telemetry
from services.chassis.blobs import Blob, Blobs
from services.chassis.outbox import Outbox
from services.chassis.store import Store, Tx
from services.ingestion.domain.chunks import Chunk, Parsed
from services.ingestion.domain.documents import (
    BlobRef,
    Document,
    DocumentState,
    Failure,
    Rejected,
    Revision,
    Upload,
    UploadState,
    chunk_name,
    revision_name,
)
from services.ingestion.handlers import Now, Records
from services.ingestion.messages import to_blob, to_chunk, to_failure
from services.ingestion.ports import Parser
from whetstone.ingestion.v1 import events_pb2

log = logging.getLogger(__name__)
LOOK_AHEAD = 100


@dataclass(frozen=True)
class _Result:
    """What a parse made: rows to write, or the reason why there are none."""

    revision: Revision | None = None
    chunks: Sequence[Chunk] = ()
    media_type: str = ""
    failure: Failure | None = None


class ParseQueue:
    """Safe to use from several threads: each takes another document, and a document's uploads keep their order."""

    def __init__(
        self, store: Store, outbox: Outbox, blobs: Blobs, records: Records, parser: Parser, now: Now | None = None
    ) -> None:
        self._store, self._outbox, self._blobs, self._records, self._parser = store, outbox, blobs, records, parser
        self._now: Callable[[], datetime] = now or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._in_hand: set[tuple[str, str]] = set()

    def step(self) -> bool:
        """Parses one upload. Returns whether there was one."""
        taken = self._take()
        if taken is None:
            return False
        tenant, upload = taken
        who = auth.Caller(tenant, "service:ingestion", frozenset({"service"}))
        try:
            with auth.acting_as(who), telemetry.span("document parse", upload.traceparent) as span:
                span.set_attribute("whetstone.document", upload.document)
                self._work(tenant, upload)
        finally:
            with self._lock:
                self._in_hand.discard((tenant, upload.document))
        return True

    def _take(self) -> tuple[str, Upload] | None:
        uploads = self._records.uploads
        with self._lock, self._store.read() as tx:
            queued = uploads.scan(tx, uploads.table.c.state == UploadState.QUEUED.value, limit=LOOK_AHEAD)
            free = ((t, u) for t, u in queued if (t, u.document) not in self._in_hand)
            taken = next(free, None)
            if taken is not None:
                self._in_hand.add((taken[0], taken[1].document))
            return taken

    def _work(self, tenant: str, upload: Upload) -> None:
        with self._store.read() as tx:
            document = self._records.documents.get(tx, tenant, upload.document)
            known = self._records.revisions.find(tx, tenant, revision_name(document.name, upload.original.sha256))
        if document.state is DocumentState.WITHDRAWN:
            result = _Result()
        elif known is not None:
            result = _Result(known, media_type=known.original.media_type)
        else:
            result = self._parse(tenant, document, upload)
        self._commit(tenant, upload, result)

    def _parse(self, tenant: str, document: Document, upload: Upload) -> _Result:
        content = self._blobs.get(tenant, upload.original.sha256)
        try:
            parsed = self._parser.parse(document.filename, content)
        except Rejected as rejection:
            log.info("document rejected", extra={"document": document.name, "reason": rejection.reason.value})
            return _Result(failure=Failure(rejection.reason.value, rejection.message))
        name = revision_name(document.name, upload.original.sha256)
        chunks = [
            Chunk(chunk_name(name, ordinal), ordinal, parsed.text[piece.start : piece.end], piece)
            for ordinal, piece in enumerate(parsed.pieces)
        ]
        return _Result(self._revision(tenant, name, upload, parsed, chunks), chunks, parsed.media_type)

    def _revision(self, tenant: str, name: str, upload: Upload, parsed: Parsed, chunks: Sequence[Chunk]) -> Revision:
        lines = [json_format.MessageToJson(to_chunk(chunk), indent=None, ensure_ascii=False) for chunk in chunks]
        return Revision(
            name,
            replace(upload.original, media_type=parsed.media_type),
            _ref(self._blobs.put(tenant, parsed.text.encode(), "text/plain; charset=utf-8")),
            _ref(self._blobs.put(tenant, "".join(f"{line}\n" for line in lines).encode(), "application/jsonl")),
            parsed.page_count,
            len(chunks),
            parsed.title,
            parsed.warnings,
            parsed.parser,
            self._now(),
        )

    def _commit(self, tenant: str, upload: Upload, result: _Result) -> None:
        with self._store.begin() as tx:
            entry = self._records.uploads.get(tx, tenant, upload.name)
            document = self._records.documents.get(tx, tenant, upload.document)
            # Another replica may have been quicker, and the document may have been withdrawn meanwhile.
            if entry.state is UploadState.DONE:
                return
            self._records.uploads.put(tx, tenant, replace(entry, state=UploadState.DONE))
            if document.state is not DocumentState.WITHDRAWN:
                self._record(tx, tenant, document, upload, result)

    def _record(self, tx: Tx, tenant: str, document: Document, upload: Upload, result: _Result) -> None:
        is_newest = document.original.sha256 == upload.original.sha256
        if result.revision is None:
            failure = result.failure
            self._outbox.add(tx, tenant, document.name, _rejected(document, upload, failure))
            changed = replace(document, state=DocumentState.REJECTED, rejection=failure)
        else:
            if self._records.revisions.find(tx, tenant, result.revision.name) is None:
                self._records.revisions.put(tx, tenant, result.revision)
                self._records.chunks.add_all(tx, tenant, result.chunks)
            self._outbox.add(tx, tenant, document.name, _ingested(document, result.revision))
            changed = _parsed(document, result.revision)
        # With a newer file waiting, the document stays PENDING and takes over what is known so far.
        if not is_newest:
            latest, title = changed.latest_revision, changed.title
            changed = replace(document, latest_revision=latest, title=title)
        self._records.documents.put(tx, tenant, replace(changed, update_time=self._now()))


def _parsed(document: Document, revision: Revision) -> Document:
    return replace(
        document,
        state=DocumentState.PARSED,
        rejection=None,
        title=revision.title,
        latest_revision=revision.name,
        original=revision.original,
    )


def _ingested(document: Document, revision: Revision) -> events_pb2.DocumentIngested:
    return events_pb2.DocumentIngested(
        document=document.name,
        revision=revision.name,
        filename=document.filename,
        title=revision.title,
        chunks=to_blob(revision.chunks),
        text=to_blob(revision.text),
        original=to_blob(revision.original),
        chunk_count=revision.chunk_count,
        licence=document.licence,
        source=document.source,
    )


def _rejected(document: Document, upload: Upload, failure: Failure | None) -> events_pb2.DocumentRejected:
    return events_pb2.DocumentRejected(
        document=document.name,
        filename=document.filename,
        failure=to_failure(failure),
        original=to_blob(upload.original),
    )


def _ref(blob: Blob) -> BlobRef:
    return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)
