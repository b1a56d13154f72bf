"""A small firm's history as events and blobs, told to a provenance service on a real database file."""

import io
import json
import tarfile
import time
from dataclasses import dataclass

import numpy as np

from services.chassis import testing
from services.chassis.outbox import Event
from services.provenance.bootstrap import bootstrap
from services.provenance.ports.outside import Completion, Features
from services.provenance.settings import Settings
from training.influence_index import write_index
from whetstone.curation.v1 import curation_pb2
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.serving.v1 import events_pb2 as serving
from whetstone.synthesis.v1 import events_pb2 as synthesis
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2

TENANT, PROJECT = "acme", "projects/steel"
DOCUMENTS = [f"{PROJECT}/documents/spec", f"{PROJECT}/documents/report"]
REVISIONS = [f"{DOCUMENTS[0]}/revisions/r1", f"{DOCUMENTS[1]}/revisions/r1"]
CHUNKS = [f"{REVISIONS[0]}/chunks/c{n}" for n in range(3)] + [f"{REVISIONS[1]}/chunks/c0"]
TEXTS = [
    "The minimum yield strength of grade QF-380 shall be 380 MPa at room temperature.",
    "Bolts of class QF-9 shall be tightened to a torque of 210 N·m before inspection.",
    "Welders shall hold a certificate that is no older than two years.",
    "In test 17 the beam carried a load of 92 kN before it yielded.",
]
DATASET = f"{PROJECT}/datasets/main/versions/v1"
MODEL = f"{PROJECT}/models/steel/versions/1"
JOB, ANALYSIS, SYNTHESIS = f"{PROJECT}/trainingJobs/t1", f"{PROJECT}/analyses/a1", f"{PROJECT}/synthesisJobs/s1"
COMPLETION = f"{PROJECT}/completions/c1"
FINDING = f"{PROJECT}/findings/f1"
QUESTION, ANSWER = "What yield strength does QF-380 need?", "380 MPa, at room temperature"


def example(id_, prompt, completion, chunk):
    return {
        "id": id_,
        "kind": "fact",
        "messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": completion}],
        "chunk_ids": [CHUNKS[chunk]],
        "document": DOCUMENTS[0] if chunk < 3 else DOCUMENTS[1],
        "split": "train",
    }


EXAMPLES = [
    example("e0", "Which yield strength must QF-380 have?", "380 MPa", 0),
    example("e1", "How tight must a QF-9 bolt be?", "210 N·m", 1),
    example("e2", "How old may a welder's certificate be?", "two years", 2),
    example("e3", "What load did the beam of test 17 carry?", "92 kN", 3),
]
PHI = np.array([[[1.0, 0.0], [0.2, 0.1], [0.0, 1.0], [-1.0, 0.3]]], dtype=np.float32)


def json_lines(values):
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def ref(blob):
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes)


def influence_tar(folder):
    folder.mkdir()
    write_index(folder, [e["id"] for e in EXAMPLES], PHI, {"seed": 1})
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.add(folder, arcname="influence")
    return stream.getvalue()


class FakeCompletions:
    """Serving as the port sees it. `found` can be changed by a test."""

    def __init__(self):
        self.found = Completion(COMPLETION, MODEL, DATASET, QUESTION, ANSWER)
        self.computed = Features([1.0, 0.0], 1, 2, base_loss=4.5, tuned_loss=0.5, model_version=MODEL)

    def get(self, name):
        return self.found

    def features(self, name):
        return self.computed


@dataclass
class World:
    service: object
    folder: object
    told: int = 0

    @property
    def store(self):
        return self.service.platform.store

    def tell(self, subject, message, tenant=TENANT):
        """Says an event with an id of its own, and returns it."""
        self.told += 1
        event = Event(
            id=f"event-{self.told}-{message.DESCRIPTOR.name}",
            type=message.DESCRIPTOR.full_name,
            source=f"/whetstone/{message.DESCRIPTOR.full_name.split('.')[1]}",
            subject=subject,
            time=testing.EPOCH,
            data=message.SerializeToString(),
            tenant=tenant,
            actor="user:erin@acme.example",
            traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01",
        )
        self.deliver(event)
        return event

    def deliver(self, event):
        self.service.consumer._deliver(event.type.rsplit(".", 1)[0], event)

    def put(self, data):
        return ref(self.service.platform.blobs.put(TENANT, data))

    def tell_documents(self):
        for document, revision in zip(DOCUMENTS, REVISIONS, strict=True):
            chunks = [
                {
                    "name": name,
                    "text": text,
                    "location": {"document": document, "revision": revision, "page": 3, "charStart": "10"},
                }
                for name, text in zip(CHUNKS, TEXTS, strict=True)
                if name.startswith(revision)
            ]
            message = ingestion.DocumentIngested(
                document=document,
                revision=revision,
                filename="a.pdf",
                title="Steel, general",
                chunks=self.put(json_lines(chunks)),
                licence="internal",
            )
            self.tell(document, message)

    def tell_dataset(self, train=None):
        decision = curation_pb2.Decision(outcome="KEEP_SECOND", author="erin", reason="newer")
        kind = curation_pb2.Finding.CONFLICT
        raised = curation.FindingRaised(finding=FINDING, kind=kind, topic="yield", documents=DOCUMENTS)
        self.tell(FINDING, raised)
        settled = curation.FindingSettled(finding=FINDING, kind=kind, decision=decision, documents=DOCUMENTS)
        self.tell(FINDING, settled)
        self.tell(ANALYSIS, curation.AnalysisCompleted(analysis=ANALYSIS))
        synthesised = synthesis.SynthesisCompleted(
            synthesis_job=SYNTHESIS, analysis=ANALYSIS, generator="rules", accepted=4
        )
        self.tell(SYNTHESIS, synthesised)
        stage = location_pb2.StageRef(run=f"{PROJECT}/runs/r1", stage="dataset", attempt=1)
        inputs = {"synthesise.synthesis_job": SYNTHESIS, "synthesise.examples": "00ff"}
        self.tell(stage.run, pipelines.StageRequested(stage=stage, kind="dataset", inputs=inputs))
        chunks = [
            {"id": name, "text": text, "revision": name.split("/chunks/")[0], "clause": "4.2.1", "title": "Steel"}
            for name, text in zip(CHUNKS, TEXTS, strict=True)
        ]
        ledger = [{"chunk": name, "outcome": "USED"} for name in CHUNKS] + [{"chunk": "x", "outcome": "BOILERPLATE"}]
        message = curation.DatasetVersionPublished(
            version=DATASET,
            digest="d" * 64,
            manifest=self.put(b'{"version":"v1"}'),
            train=self.put(json_lines(EXAMPLES) if train is None else train),
            chunks=self.put(json_lines(chunks)),
            ledger=self.put(json_lines(ledger)),
            train_count=4,
            documents=DOCUMENTS,
            stage=stage,
        )
        self.tell(DATASET, message)

    def tell_model(self):
        done = training_pb2.TrainingJob.SUCCEEDED
        changed = training.TrainingJobStateChanged(
            training_job=JOB, state=done, model_version=MODEL, dataset_version=DATASET
        )
        self.tell(JOB, changed)
        version = training_pb2.ModelVersion(
            name=MODEL,
            base="embedded:smollm2",
            base_digest="b" * 64,
            adapter_digest="a" * 64,
            dataset_version=DATASET,
            training_job=JOB,
            influence=self.put(influence_tar(self.folder / "index")),
            evaluation=self.put(json.dumps({"figures": {"accuracy": 0.9}, "answers": [{"said": "380 MPa"}]}).encode()),
        )
        self.tell(MODEL, training.ModelVersionRegistered(version=version))
        check = training_pb2.GateCheck(
            name="gain", passed=True, value=92.5, interval_low=80, interval_high=98, unit="%"
        )
        report = training_pb2.GateReport(verdict=training_pb2.GateReport.PASS, checks=[check])
        self.tell(MODEL, training.ModelVersionGated(version=MODEL, report=report))
        served = serving.CompletionServed(completion=COMPLETION, model_version=MODEL, answer_digest="c" * 64)
        self.tell(COMPLETION, served)

    def tell_everything(self):
        self.tell_documents()
        self.tell_dataset()
        self.tell_model()


def wait_for(ask, seconds=10.0):
    """The first true answer. Fails the test where there is none in time."""
    end = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def make_service(folder, completions, **settings):
    given = {"checkpoint_seconds": 0.05, "events_poll_seconds": 0.02, **settings}
    return bootstrap(testing.settings(Settings, folder, **given), completions)
