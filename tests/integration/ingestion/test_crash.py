"""Killed at any moment, the service loses no upload and says nothing twice."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from services.chassis import auth, rpc, testing
from services.chassis.errors import Unavailable
from services.ingestion.bootstrap import bootstrap
from services.ingestion.settings import Settings
from whetstone.ingestion.v1 import events_pb2, ingestion_pb2_grpc
from whetstone.ingestion.v1 import ingestion_pb2 as pb

PARENT = "projects/steel"
TOPIC = "whetstone.ingestion.v1"
COUNT = 12
ROOT = Path(__file__).resolve().parents[3]


def content(n):
    """Long enough that the queue is not empty when the kill comes."""
    clauses = "".join(f"{i} Clause {i} of file {n}.\n\n{i}.1 Text of the clause.\n\n" for i in range(1, 100))
    return f"# File {n}\n\n{clauses}".encode()


def start(folder):
    """The service in a process of its own; returns it and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "WHETSTONE_STATE_DIR": str(folder),
        "WHETSTONE_LISTEN": f"127.0.0.1:{port}",
        "WHETSTONE_INTERNAL_KEY": testing.KEY,
    }
    command = [sys.executable, "-m", "services.ingestion"]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL), port


def upload_all(port):
    with auth.acting_as(testing.CALLER), rpc.channel(f"127.0.0.1:{port}", testing.KEY) as channel:
        stub = ingestion_pb2_grpc.IngestionServiceStub(channel)
        end = time.monotonic() + 30
        while True:
            try:
                stub.ListDocuments(pb.ListDocumentsRequest(parent=PARENT))
                break
            except Unavailable:
                assert time.monotonic() < end
                time.sleep(0.05)
        for n in range(COUNT):
            stub.UploadDocument(
                pb.UploadDocumentRequest(parent=PARENT, filename=f"{n}.md", content=content(n), request_id=f"r{n}")
            )
        listed = stub.ListDocuments(pb.ListDocumentsRequest(parent=PARENT)).documents
        return [document.state for document in listed]


def test_uploads_of_a_killed_service_are_parsed_at_the_next_start(tmp_path):
    process, port = start(tmp_path)
    try:
        before = upload_all(port)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(before) == COUNT
    assert pb.Document.PENDING in before
    service = bootstrap(testing.settings(Settings, tmp_path))
    with testing.served(service) as channel:
        stub = ingestion_pb2_grpc.IngestionServiceStub(channel)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            listed = stub.ListDocuments(pb.ListDocumentsRequest(parent=PARENT)).documents
            if all(document.state == pb.Document.PARSED for document in listed):
                break
            time.sleep(0.05)
    messages = [message for _, message in testing.said(service.platform.store, TOPIC)]
    assert sorted(message.filename for message in messages) == sorted(f"{n}.md" for n in range(COUNT))
    assert all(isinstance(message, events_pb2.DocumentIngested) for message in messages)


def test_an_upload_in_the_parser_when_the_service_stops_stays_queued(tmp_path):
    """A stop is not the file's fault: nothing may be rejected because its parser was ended."""

    class Stopped:
        def parse(self, filename, content):
            raise Unavailable("stopping")

    service = bootstrap(testing.settings(Settings, tmp_path), Stopped())
    with testing.served(service) as channel:
        stub = ingestion_pb2_grpc.IngestionServiceStub(channel)
        name = stub.UploadDocument(pb.UploadDocumentRequest(parent=PARENT, filename="a.md", content=content(1))).name
        time.sleep(0.2)
        assert stub.GetDocument(pb.GetDocumentRequest(name=name)).state == pb.Document.PENDING
    again = bootstrap(testing.settings(Settings, tmp_path))
    with testing.served(again) as channel:
        stub = ingestion_pb2_grpc.IngestionServiceStub(channel)
        end = time.monotonic() + 30
        while stub.GetDocument(pb.GetDocumentRequest(name=name)).state == pb.Document.PENDING:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert stub.GetDocument(pb.GetDocumentRequest(name=name)).state == pb.Document.PARSED
