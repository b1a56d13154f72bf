"""Curation and a model server as the training service sees them, and the service with the fake trainer."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from services.chassis import testing
from services.chassis.blobs import open_blobs
from services.chassis.errors import NotFound, Unavailable
from services.training.adapters.local_ray import LocalRay
from services.training.bootstrap import bootstrap
from services.training.domain.evaluation import Probe, Served
from services.training.domain.jobs import BlobRef, DatasetVersion
from services.training.settings import Settings
from whetstone.training.v1 import training_pb2 as pb

PROJECT = "projects/p"
DATASET = f"{PROJECT}/datasets/d/versions/1"
MODEL = f"{PROJECT}/models/m"
TRAINER = Path(__file__).with_name("fake_trainer.py")
BASE = "embedded:test"


class DatasetVersionNotFound(NotFound):
    reason = "DATASET_VERSION_NOT_FOUND"


class FakeDatasets:
    def __init__(self, folder):
        self.blobs, self.versions = open_blobs("", folder), {}
        self.add(DATASET)

    def add(self, name, count=20, state="PUBLISHED", **told):
        """A version whose training file tells the fake trainer what to do."""
        asked = [
            {
                "id": f"q{n}",
                "kind": "fact",
                "fact_id": f"f{n}",
                "messages": [{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": "1 m"}],
            }
            for n in range(12)
        ]
        train, held = self.put(json.dumps(told)), self.put("\n".join(json.dumps(line) for line in asked))
        empty = BlobRef("")
        self.versions[name] = DatasetVersion(name, state, "d" * 64, train, held, empty, empty, count)

    def put(self, text):
        return BlobRef(self.blobs.put("acme", text.encode()).sha256)

    def change(self, name, **values):
        self.versions[name] = replace(self.versions[name], **values)

    def get(self, name):
        if name not in self.versions:
            raise DatasetVersionNotFound(f"{name} does not exist")
        return self.versions[name]


class FakeServer:
    """Answers as the trainer did, or as `spoil` makes of it; unavailable `waits` times before."""

    def __init__(self):
        self.spoil, self.waits, self.adapters = lambda served: served, 0, {}

    def probe(self, version, prompts):
        if self.waits:
            self.waits -= 1
            raise Unavailable("the model server is starting")
        served = {p.id: self.spoil(Served(p.prompt_ids, p.generated_ids, p.logprobs, p.logprobs)) for p in prompts}
        return Probe(self.adapters[version], "b" * 64, "bfloat16", (4,), served)


def open_service(folder, datasets, server, **values):
    chosen = testing.settings(
        Settings, folder, training_poll_seconds=0.02, training_base=BASE, gate_wait_seconds=10.0, **values
    )
    runner = LocalRay(
        open_blobs("", folder),
        folder,
        chosen.training_grace_seconds,
        lambda spec, out: [sys.executable, str(TRAINER), "--spec", str(spec), "--out", str(out)],
    )
    return bootstrap(chosen, runner=runner, datasets=datasets, server=server)


def job_request(dataset=DATASET, request_id="", parent=PROJECT, **values):
    job = pb.TrainingJob(dataset_version=dataset, model=values.pop("model", MODEL), **values)
    return pb.CreateTrainingJobRequest(parent=parent, training_job=job, request_id=request_id)


def until(found, seconds=20.0):
    """The first true value of `found()`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come")


def ended(stub, name):
    open_states = (pb.TrainingJob.QUEUED, pb.TrainingJob.RUNNING)

    def look():
        job = stub.GetTrainingJob(pb.GetTrainingJobRequest(name=name))
        return None if job.state in open_states else job

    return until(look)


def trained(stub, server, **values):
    """A version made by a job that went well."""
    job = ended(stub, stub.CreateTrainingJob(job_request(**values)).name)
    assert job.state == pb.TrainingJob.SUCCEEDED, job
    version = stub.GetModelVersion(pb.GetModelVersionRequest(name=job.model_version))
    server.adapters[version.name] = version.adapter_digest
    return version
