"""The ingestion service through its gRPC face: real database, real blobs, real parser processes."""

import hashlib
import time

import pytest
from google.protobuf import json_format

from services.chassis import testing
from services.chassis.auth import Caller
from services.chassis.errors import Conflict, FailedPrecondition, Invalid, NotFound
from services.ingestion.bootstrap import bootstrap
from services.ingestion.settings import Settings
from whetstone.ingestion.v1 import events_pb2, ingestion_pb2_grpc
from whetstone.ingestion.v1 import ingestion_pb2 as pb

PARENT = "projects/steel"
TOPIC = "whetstone.ingestion.v1"
SPEC = b"# Anchor rods\n\n## 3 Material\n\n3.1 Anchor rods shall have a yield strength of 380 MPa.\n\n3.2 No welding.\n"


@pytest.fixture
def service(tmp_path):
    return bootstrap(testing.settings(Settings, tmp_path))


@pytest.fixture
def stub(service):
    with testing.served(service) as channel:
        yield ingestion_pb2_grpc.IngestionServiceStub(channel)


def upload(stub, filename="spec.md", content=SPEC, **more):
    return stub.UploadDocument(pb.UploadDocumentRequest(parent=PARENT, filename=filename, content=content, **more))


def settled(stub, name, seconds=30):
    """The document once its parse has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        document = stub.GetDocument(pb.GetDocumentRequest(name=name))
        if document.state != pb.Document.PENDING:
            return document
        time.sleep(0.02)
    raise AssertionError(f"{name} is still pending")


def said(service, kind):
    return [message for _, message in testing.said(service.platform.store, TOPIC) if isinstance(message, kind)]


def test_an_upload_is_parsed_and_its_chunks_slice_the_text(service, stub):
    document = upload(stub, source="register", licence="CC0-1.0")
    assert document.state == pb.Document.PENDING
    document = settled(stub, document.name)
    assert (document.state, document.title, document.licence) == (pb.Document.PARSED, "Anchor rods", "CC0-1.0")
    revision = stub.GetRevision(pb.GetRevisionRequest(name=document.latest_revision))
    assert revision.name.endswith("/" + hashlib.sha256(SPEC).hexdigest()[:16])
    text = service.platform.blobs.get("acme", revision.text.sha256).decode()
    chunks = stub.ListChunks(pb.ListChunksRequest(parent=revision.name)).chunks
    assert [chunk.text for chunk in chunks] == [
        text[chunk.location.char_start : chunk.location.char_end] for chunk in chunks
    ]
    assert [chunk.location.clause for chunk in chunks] == ["", "3", "3.1", "3.2"]
    assert list(chunks[2].headings) == ["Anchor rods", "3 Material"]
    assert stub.GetChunk(pb.GetChunkRequest(name=chunks[2].name)) == chunks[2]


def test_the_event_carries_the_chunks_as_a_blob(service, stub):
    document = settled(stub, upload(stub).name)
    (event,) = said(service, events_pb2.DocumentIngested)
    assert (event.document, event.revision, event.filename) == (document.name, document.latest_revision, "spec.md")
    lines = service.platform.blobs.get("acme", event.chunks.sha256).decode().splitlines()
    chunks = [json_format.Parse(line, pb.Chunk()) for line in lines]
    assert len(chunks) == event.chunk_count
    assert chunks == list(stub.ListChunks(pb.ListChunksRequest(parent=event.revision)).chunks)


def test_the_same_bytes_again_change_nothing(service, stub):
    first = settled(stub, upload(stub).name)
    assert upload(stub) == first
    assert len(said(service, events_pb2.DocumentIngested)) == 1
    assert len(stub.ListRevisions(pb.ListRevisionsRequest(parent=first.name)).revisions) == 1


def test_changed_bytes_are_a_new_revision_of_the_same_document(service, stub):
    first = settled(stub, upload(stub).name)
    second = settled(stub, upload(stub, content=SPEC.replace(b"380", b"400")).name)
    assert second.name == first.name
    assert second.latest_revision != first.latest_revision
    assert len(stub.ListRevisions(pb.ListRevisionsRequest(parent=first.name)).revisions) == 2
    back = settled(stub, upload(stub).name)
    assert back.latest_revision == first.latest_revision
    said_revisions = [event.revision for event in said(service, events_pb2.DocumentIngested)]
    assert said_revisions == [first.latest_revision, second.latest_revision, first.latest_revision]


def test_a_bad_file_is_rejected_with_its_reason_and_the_service_goes_on(service, stub):
    bad = settled(stub, upload(stub, "broken.pdf", b"%PDF-1.4 cut short").name)
    assert (bad.state, bad.rejection.reason) == (pb.Document.REJECTED, "CORRUPT")
    (event,) = said(service, events_pb2.DocumentRejected)
    assert (event.document, event.failure.reason) == (bad.name, "CORRUPT")
    assert settled(stub, upload(stub).name).state == pb.Document.PARSED
    listed = stub.ListDocuments(pb.ListDocumentsRequest(parent=PARENT, state=pb.Document.REJECTED)).documents
    assert [document.name for document in listed] == [bad.name]


def test_a_request_id_gives_the_first_answer_and_no_other_request(service, stub):
    first = settled(stub, upload(stub, request_id="r1").name)
    assert upload(stub, request_id="r1").name == first.name
    with pytest.raises(Conflict) as error:
        upload(stub, content=b"# Other\n\nText.", request_id="r1")
    assert error.value.reason == "REQUEST_ID_REUSED"
    assert len(said(service, events_pb2.DocumentIngested)) == 1


def test_a_withdrawal_needs_the_etag_read_last_and_holds(service, stub):
    document = settled(stub, upload(stub).name)
    with pytest.raises(Conflict) as error:
        stub.WithdrawDocument(pb.WithdrawDocumentRequest(name=document.name, reason="consent", etag="old"))
    assert error.value.reason == "ETAG_MISMATCH"
    request = pb.WithdrawDocumentRequest(name=document.name, reason="consent ended", etag=document.etag)
    withdrawn = stub.WithdrawDocument(request)
    assert (withdrawn.state, withdrawn.withdrawal_reason) == (pb.Document.WITHDRAWN, "consent ended")
    again = stub.WithdrawDocument(pb.WithdrawDocumentRequest(name=document.name, reason="twice"))
    assert again == withdrawn
    (event,) = said(service, events_pb2.DocumentWithdrawn)
    assert (event.document, event.reason, event.actor) == (document.name, "consent ended", testing.CALLER.subject)
    with pytest.raises(FailedPrecondition) as refused:
        upload(stub, content=b"# New\n\nText.")
    assert refused.value.reason == "DOCUMENT_WITHDRAWN"


BAD_REQUESTS = [
    (pb.UploadDocumentRequest(parent="steel", filename="a.md", content=b"x"), "PARENT_INVALID"),
    (pb.UploadDocumentRequest(parent=PARENT, filename="", content=b"x"), "FILENAME_INVALID"),
    (pb.UploadDocumentRequest(parent=PARENT, filename="a\nb.md", content=b"x"), "FILENAME_INVALID"),
    (pb.UploadDocumentRequest(parent=PARENT, filename="a.md", content=bytes(32 * 2**20 + 1)), "CONTENT_TOO_LARGE"),
    (pb.ListDocumentsRequest(parent="projects/UPPER"), "PARENT_INVALID"),
    (pb.ListDocumentsRequest(parent=PARENT, page_size=-1), "PAGE_SIZE_INVALID"),
    (pb.ListDocumentsRequest(parent=PARENT, state=77), "STATE_INVALID"),
    (pb.GetDocumentRequest(name=f"{PARENT}/documents/none"), "DOCUMENT_NOT_FOUND"),
    (pb.GetDocumentRequest(name=""), "DOCUMENT_NOT_FOUND"),
    (pb.WithdrawDocumentRequest(name=f"{PARENT}/documents/none", reason="r"), "DOCUMENT_NOT_FOUND"),
    (pb.WithdrawDocumentRequest(name=f"{PARENT}/documents/none", reason=" "), "WITHDRAWAL_REASON_MISSING"),
    (pb.ListRevisionsRequest(parent=f"{PARENT}/documents/none"), "DOCUMENT_NOT_FOUND"),
    (pb.ListRevisionsRequest(parent=f"{PARENT}/documents/-", page_size=-1), "PAGE_SIZE_INVALID"),
    (pb.GetRevisionRequest(name=f"{PARENT}/documents/d/revisions/none"), "REVISION_NOT_FOUND"),
    (pb.GetRevisionRequest(name="-"), "REVISION_NOT_FOUND"),
    (pb.ListChunksRequest(parent=f"{PARENT}/documents/d/revisions/none"), "REVISION_NOT_FOUND"),
    (pb.ListChunksRequest(parent=f"{PARENT}/documents/-/revisions/-", page_token="A"), "PAGE_TOKEN_INVALID"),
    (pb.GetChunkRequest(name=f"{PARENT}/documents/d/revisions/r/chunks/none"), "CHUNK_NOT_FOUND"),
    (pb.GetChunkRequest(name=""), "CHUNK_NOT_FOUND"),
]


def test_bad_requests_are_refused_with_their_reasons(stub):
    for request, reason in BAD_REQUESTS:
        method = getattr(stub, type(request).__name__.removesuffix("Request"))
        with pytest.raises((Invalid, NotFound)) as error:
            method(request)
        assert error.value.reason == reason, request


def test_no_tenant_sees_another_ones_documents(service):
    with testing.served(service) as channel:
        stub = ingestion_pb2_grpc.IngestionServiceStub(channel)
        name = settled(stub, upload(stub).name).name
        with testing.auth.acting_as(Caller("rival", "user:mal", frozenset({"admin"}))):
            with pytest.raises(NotFound):
                stub.GetDocument(pb.GetDocumentRequest(name=name))
            assert not stub.ListDocuments(pb.ListDocumentsRequest(parent=PARENT)).documents
            every = pb.ListChunksRequest(parent=f"{PARENT}/documents/-/revisions/-")
            assert not stub.ListChunks(every).chunks


def test_every_chunk_of_a_project_is_listed_page_by_page(stub):
    for n in range(3):
        settled(stub, upload(stub, f"spec-{n}.md").name)
    request = pb.ListChunksRequest(parent=f"{PARENT}/documents/-/revisions/-", page_size=5)
    names = []
    while True:
        answer = stub.ListChunks(request)
        names += [chunk.name for chunk in answer.chunks]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert len(names) == len(set(names)) == 12
