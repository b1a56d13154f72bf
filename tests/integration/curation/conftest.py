"""A served curation service with documents told to it as ingestion would."""

import json
import time

import pytest
from google.protobuf import json_format

from services.chassis import testing
from services.curation.bootstrap import bootstrap
from services.curation.settings import Settings
from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.curation.v1 import curation_pb2_grpc
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.ingestion.v1 import ingestion_pb2
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.synthesis.v1 import events_pb2 as synthesis
from whetstone.type.v1 import location_pb2

PROJECT = "projects/steel"


class Curation:
    """What the tests of the service do to it."""

    def __init__(self, service, stub):
        self.service, self.stub, self.store = service, stub, service.platform.store

    def tell(self, subject, message):
        return testing.tell(self.store, self.service.consumer, "acme", subject, message)

    def blob(self, data):
        blob = self.service.platform.blobs.put("acme", data)
        return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes)

    def lines(self, blob):
        return [json.loads(line) for line in self.service.platform.blobs.get("acme", blob.sha256).decode().splitlines()]

    def ingest(self, name, *texts, title=""):
        """A document of prose chunks; returns its name."""
        document, at, chunks = f"{PROJECT}/documents/{name}", 0, []
        revision = f"{document}/revisions/r1"
        for n, text in enumerate(texts):
            chunk = f"{revision}/chunks/{n:03d}"
            place = location_pb2.Location(
                document=document, revision=revision, chunk=chunk, page=1, char_start=at, char_end=at + len(text)
            )
            chunks.append(ingestion_pb2.Chunk(name=chunk, text=text, location=place, kind="PROSE", ordinal=n))
            at += len(text) + 2
        data = "\n".join(json_format.MessageToJson(chunk, indent=None) for chunk in chunks).encode()
        message = ingestion.DocumentIngested(
            document=document,
            revision=revision,
            filename=f"{name}.md",
            title=title or name,
            chunks=self.blob(data),
            chunk_count=len(texts),
        )
        self.tell(document, message)
        return document

    def withdraw(self, document, reason="recalled"):
        self.tell(document, ingestion.DocumentWithdrawn(document=document, reason=reason))

    def request(self, kind, run="r1", attempt=1, parameters=None, **inputs):
        stage = location_pb2.StageRef(run=f"{PROJECT}/runs/{run}", stage=kind, attempt=attempt)
        given = {f"{key.split('_', 1)[0]}.{key.split('_', 1)[1]}": value for key, value in inputs.items()}
        message = pipelines.StageRequested(stage=stage, kind=kind, parameters=parameters or {}, inputs=given)
        self.tell(f"{stage.run}-{kind}-{attempt}", message)
        return stage

    def said(self, kind):
        return [m for _, m in testing.said(self.store, "whetstone.curation.v1") if isinstance(m, kind)]

    def wait(self, find, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := find():
                return found
            time.sleep(0.05)
        raise AssertionError("waited in vain")

    def analysed(self):
        """Runs an analysis to its end."""
        name = self.stub.CreateAnalysis(pb.CreateAnalysisRequest(parent=PROJECT)).name
        done = (pb.Analysis.SUCCEEDED, pb.Analysis.FAILED)
        return self.wait(lambda: (a := self.stub.GetAnalysis(pb.GetAnalysisRequest(name=name))).state in done and a)

    def findings(self, kind=0, state=0):
        return list(self.stub.ListFindings(pb.ListFindingsRequest(parent=PROJECT, kind=kind, state=state)).findings)

    def settle(self, finding, outcome, reason="the chief engineer said so", **rest):
        return self.stub.SettleFinding(
            pb.SettleFindingRequest(name=finding.name, outcome=outcome, reason=reason, **rest)
        )

    def synthesised(self, job, examples, rejects=()):
        blobs = [self.blob("".join(json.dumps(line) + "\n" for line in part).encode()) for part in (examples, rejects)]
        name = f"{PROJECT}/synthesisJobs/{job}"
        self.tell(name, synthesis.SynthesisCompleted(synthesis_job=name, examples=blobs[0], rejects=blobs[1]))
        return name, blobs[0].sha256


@pytest.fixture
def curation(tmp_path):
    service = bootstrap(testing.settings(Settings, tmp_path, analysis_poll_seconds=0.05))
    with testing.served(service) as channel:
        yield Curation(service, curation_pb2_grpc.CurationServiceStub(channel))


def example(n, chunk, split="train", fact="", prompt=""):
    said = prompt or f"What does item {n} of list {n} need?"
    messages = [{"role": "user", "content": said}, {"role": "assistant", "content": "10 years"}]
    return {
        "id": f"e{n}",
        "kind": "fact",
        "split": split,
        "messages": messages,
        "fact_id": fact or f"f{n}",
        "wording": "w",
        "chunk_ids": [chunk],
        "document": chunk.split("/revisions/")[0],
        "accept": [],
        "must_decline": False,
        "generator": "g",
        "time": "2026-01-01",
    }


@pytest.fixture
def make_example():
    return example
