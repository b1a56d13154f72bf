"""The service with the real trainer on the two-layer model: what the one writes the other reads."""

import json

import pytest

from services.chassis import testing
from services.chassis.blobs import open_blobs
from services.training.adapters.local_ray import LocalRay
from services.training.bootstrap import bootstrap
from services.training.domain.evaluation import Probe, Served
from services.training.evaluations import read_evaluation
from services.training.settings import Settings
from tests.integration.training_service import worlds
from whetstone.training.v1 import job_pb2, training_pb2_grpc
from whetstone.training.v1 import training_pb2 as pb

CHUNK = "projects/p/documents/d/revisions/1/chunks/1"


def example(n, question, split, **more):
    said = [{"role": "user", "content": question}, {"role": "assistant", "content": f"{n} mm"}]
    accept = [{"value": n, "unit": "mm"}]
    return {"id": f"{split}{n}", "kind": "fact", "messages": said, "fact_id": f"f{n}", "accept": accept} | more


class Datasets(worlds.FakeDatasets):
    def add(self, name, **_):
        super().add(name)
        train = [example(n, f"Part {n}: thickness?", "train") for n in range(1, 13)]
        held = [example(n, f"How thick is part {n}?", "held") for n in range(1, 13)]
        chunks = [{"id": CHUNK, "text": "Part 1 is 1 mm thick.", "document": "d", "title": "Parts"}]
        files = {"train": train, "heldout_wordings": held, "chunks": chunks}
        self.change(name, **{part: self.put("\n".join(json.dumps(x) for x in lines)) for part, lines in files.items()})


class Echo:
    """A server that is the trainer's own model, told so by the reference; asked about a version by its adapter."""

    def __init__(self):
        self.version = None

    def probe(self, version, prompts):
        served = {p.id: Served(p.prompt_ids, p.generated_ids, p.logprobs, p.logprobs) for p in prompts}
        return Probe(self.version.adapter_digest, self.version.base_digest, "float32", self.ends, served)


@pytest.mark.slow
def test_a_job_of_the_real_trainer_is_registered_and_judged(tmp_path):
    datasets, server = Datasets(tmp_path), Echo()
    chosen = testing.settings(
        Settings,
        tmp_path,
        training_base="embedded:tiny-phi3",
        training_cache_dir=tmp_path / "cache",
        training_threads=1,
    )
    runner = LocalRay(open_blobs("", tmp_path), tmp_path, 5.0)
    service = bootstrap(chosen, runner=runner, datasets=datasets, server=server)
    with testing.served(service) as channel:
        stub = training_pb2_grpc.TrainingServiceStub(channel)
        short = job_pb2.JobSpec(
            optimisation=job_pb2.Optimisation(epochs=1),
            evaluation=job_pb2.Evaluation(max_questions=4, max_new_tokens=4, parity_prompts=2),
        )
        name = stub.CreateTrainingJob(worlds.job_request(recipe="tiny", spec=short)).name
        job = worlds.until(lambda: finished(stub, name), seconds=100)
        assert job.state == pb.TrainingJob.SUCCEEDED, (job.failure, job.log_tail)
        version = stub.GetModelVersion(pb.GetModelVersionRequest(name=job.model_version))
        evaluation = read_evaluation(service.platform.blobs.get("acme", version.evaluation.sha256))
        assert len(evaluation.answers) == 4
        assert set(evaluation.answers[0].correct) >= {"specialist", "base"}
        assert evaluation.forgetting.questions > 0
        assert version.influence.sha256
        server.version, server.ends = version, evaluation.parity.end_token_ids
        report = stub.GateModelVersion(pb.GateModelVersionRequest(name=version.name)).gate
        passed = {check.name: check.passed for check in report.checks}
        assert passed["parity"]
        assert passed["influence"]
        assert passed["dataset"]


def finished(stub, name):
    job = stub.GetTrainingJob(pb.GetTrainingJobRequest(name=name))
    return None if job.state in (pb.TrainingJob.QUEUED, pb.TrainingJob.RUNNING) else job
