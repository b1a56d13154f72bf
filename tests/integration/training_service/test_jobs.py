"""Training jobs through the gRPC face, with real processes that keep to the trainer's contract."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.chassis import testing
from services.chassis.errors import Conflict, FailedPrecondition, Invalid, NotFound, Unavailable
from services.training.domain.jobs import Failure, JobState
from tests.integration.training_service import worlds
from tests.integration.training_service.worlds import DATASET, MODEL, PROJECT, ended, job_request, until
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.training.v1 import job_pb2, training_pb2_grpc
from whetstone.training.v1 import training_pb2 as pb
from whetstone.type.v1 import location_pb2


def states(service, job):
    said = [m for _, m in testing.said(service.platform.store, "whetstone.training.v1")]
    return [pb.TrainingJob.State.Name(m.state) for m in said if getattr(m, "training_job", "") == job]


def pid_of(tmp_path, job, attempt=1):
    path = tmp_path / "training/acme/p" / job.rsplit("/", 1)[-1] / f"attempt-{attempt}/trainer.pid"
    return int(until(lambda: path.exists() and path.read_text()))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_job_ends_as_a_registered_version_with_its_lineage(service, stub, tmp_path):
    job = ended(stub, stub.CreateTrainingJob(job_request()).name)
    assert job.state == pb.TrainingJob.SUCCEEDED, job
    assert (job.attempt, list(job.losses), job.flops, job.cpu_seconds) == (1, [1.0, 0.5], 7.0, 1.5)
    version = stub.GetModelVersion(pb.GetModelVersionRequest(name=job.model_version))
    assert version.name == f"{MODEL}/versions/{version.adapter_digest[:16]}"
    assert (version.dataset_version, version.training_job, version.base) == (DATASET, job.name, worlds.BASE)
    assert version.influence.sha256
    assert json.loads(service.platform.blobs.get("acme", version.evaluation.sha256))["answers"][0]["fact_id"] == "f0"
    assert states(service, job.name) == ["QUEUED", "RUNNING", "SUCCEEDED"]


def test_the_specification_is_the_recipe_under_what_was_asked_for(stub, tmp_path):
    spec = job_pb2.JobSpec(lora=job_pb2.Lora(rank=3))
    job = ended(stub, stub.CreateTrainingJob(job_request(recipe="tiny", spec=spec)).name)
    written = json.loads(
        (tmp_path / "training/acme/p" / job.name.rsplit("/", 1)[-1] / "attempt-1/spec.json").read_text()
    )
    assert written["lora"]["rank"] == 3
    assert written["precision"] == "fp32"
    assert written["base"] == {"id": worlds.BASE}
    assert written["job"] == job.name
    assert Path(written["dataset"]["train"]).is_file()


def test_a_watch_streams_changes_until_the_end(stub, datasets):
    datasets.add(DATASET, steps=4, pause=0.3)
    name = stub.CreateTrainingJob(job_request()).name
    seen = list(stub.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name)))
    assert seen[-1].state == pb.TrainingJob.SUCCEEDED
    assert any(job.progress.phase == "train" and job.loss > 0 for job in seen)


def test_a_failed_job_has_the_trainers_reason(stub, datasets):
    datasets.add(DATASET, fail="LOSS_NOT_FINITE")
    job = ended(stub, stub.CreateTrainingJob(job_request()).name)
    assert (job.state, job.failure.reason) == (pb.TrainingJob.FAILED, "LOSS_NOT_FINITE")


def test_a_job_that_dies_goes_on_from_its_checkpoint(stub, datasets):
    datasets.add(DATASET, steps=4, die_in_attempts=1)
    job = ended(stub, stub.CreateTrainingJob(job_request()).name)
    assert (job.state, job.attempt) == (pb.TrainingJob.SUCCEEDED, 2)


def test_a_job_that_always_dies_fails(stub, datasets):
    datasets.add(DATASET, steps=9, die_in_attempts=9)
    job = ended(stub, stub.CreateTrainingJob(job_request()).name)
    assert (job.failure.reason, job.attempt) == ("JOB_DIED", 3)


def test_a_cancelled_job_stops_after_its_checkpoint(service, stub, datasets, tmp_path):
    datasets.add(DATASET, steps=200, pause=0.05)
    name = stub.CreateTrainingJob(job_request()).name
    pid = pid_of(tmp_path, name)
    stub.CancelTrainingJob(pb.CancelTrainingJobRequest(name=name))
    assert ended(stub, name).state == pb.TrainingJob.CANCELLED
    assert not is_alive(pid)
    assert states(service, name)[-1] == "CANCELLED"
    with pytest.raises(FailedPrecondition) as error:
        stub.CancelTrainingJob(pb.CancelTrainingJobRequest(name=name))
    assert error.value.reason == "JOB_ENDED"


def test_a_stopped_service_stops_its_trainer_and_the_next_one_goes_on(tmp_path, datasets, server):
    datasets.add(DATASET, steps=30, pause=0.05)
    with testing.served(worlds.open_service(tmp_path, datasets, server)) as channel:
        stub = training_pb2_grpc.TrainingServiceStub(channel)
        name = stub.CreateTrainingJob(job_request()).name
        pid = pid_of(tmp_path, name)
        until(lambda: stub.GetTrainingJob(pb.GetTrainingJobRequest(name=name)).progress.done > 1)
    assert not is_alive(pid)
    with testing.served(worlds.open_service(tmp_path, datasets, server)) as channel:
        job = ended(training_pb2_grpc.TrainingServiceStub(channel), name)
    assert (job.state, job.attempt) == (pb.TrainingJob.SUCCEEDED, 2)
    folder = tmp_path / "training/acme/p" / name.rsplit("/", 1)[-1]
    assert json.loads((folder / "attempt-1/error.json").read_text())["reason"] == "CANCELLED"
    assert json.loads((folder / "attempt-2/result.json").read_text())["resumed_from"] > 0


def test_a_killed_service_leaves_no_trainer(tmp_path):
    root = str(Path(__file__).parents[3])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, f"{root}/gen"])}
    command = [sys.executable, "-m", "tests.integration.training_service.serving_alone", str(tmp_path)]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=root)
    try:
        name = service.stdout.readline().strip()
        pid = pid_of(tmp_path, name)
        assert is_alive(pid)
    finally:
        service.send_signal(signal.SIGKILL)
        service.wait()
    until(lambda: not is_alive(pid), seconds=5)


def test_a_late_attempt_can_not_write_a_result(service, datasets):
    """What an attempt says after another began is refused, whatever it says."""
    datasets.add(DATASET, steps=400, pause=0.05)
    follower = service.workers[0]._step.__self__
    jobs = follower._jobs
    with testing.served(service) as channel:
        stub = training_pb2_grpc.TrainingServiceStub(channel)
        name = stub.CreateTrainingJob(job_request()).name
        until(lambda: stub.GetTrainingJob(pb.GetTrainingJobRequest(name=name)).attempt == 1)
        jobs.begin("acme", name)
        with pytest.raises(Conflict) as error:
            jobs.end("acme", name, 1, JobState.FAILED, Failure("X", "late"))
        assert error.value.reason == "ATTEMPT_STALE"
        assert stub.GetTrainingJob(pb.GetTrainingJobRequest(name=name)).state == pb.TrainingJob.RUNNING


def test_waiting_for_curation_costs_no_attempt(service, stub, datasets, monkeypatch):
    name = f"{PROJECT}/trainingJobs/r1-1"
    whole, calls = datasets.get, []

    def get(dataset):
        calls.append(dataset)
        if len(calls) < 3:
            raise Unavailable("curation is starting")
        return whole(dataset)

    monkeypatch.setattr(datasets, "get", get)
    tell_stage(service, "train", {"recipe": "tiny", "model": "m"}, {"dataset.version": DATASET})
    assert ended(stub, name).attempt == 1


def tell_stage(service, kind, parameters=None, inputs=None, run="r1"):
    stage = location_pb2.StageRef(run=f"{PROJECT}/runs/{run}", stage=kind, attempt=1)
    asked = pipelines.StageRequested(stage=stage, kind=kind, parameters=parameters or {}, inputs=inputs or {})
    testing.tell(service.platform.store, service.consumer, "acme", f"{stage.run}/{kind}", asked)
    return stage


def test_a_stage_has_one_job_whose_end_carries_its_reference(service, stub):
    for _ in range(2):
        stage = tell_stage(service, "train", {"model": "m", "spec": '{"seed": "5"}'}, {"dataset.version": DATASET})
    job = ended(stub, f"{PROJECT}/trainingJobs/r1-1")
    assert (job.model, job.spec.seed, job.state) == (MODEL, 5, pb.TrainingJob.SUCCEEDED)
    said = [m for _, m in testing.said(service.platform.store, "whetstone.training.v1") if hasattr(m, "training_job")]
    assert said[-1].stage == stage
    assert said[-1].model_version == job.model_version


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [({"recipe": "none"}, "RECIPE_UNKNOWN"), ({"spec": "{"}, "SPEC_INVALID"), ({"model": "M!"}, "NAME_INVALID")],
)
def test_a_stage_that_can_not_be_done_tells_its_run(service, stub, parameters, reason):
    stage = tell_stage(service, "train", parameters, {"dataset.version": DATASET})
    said = [m for _, m in testing.said(service.platform.store, "whetstone.training.v1")]
    assert [(m.failure.reason, m.stage.run) for m in said] == [(reason, stage.run)]


@pytest.mark.parametrize(
    ("request_", "category", "reason"),
    [
        (job_request(parent="p"), Invalid, "NAME_INVALID"),
        (job_request(model="m"), Invalid, "NAME_INVALID"),
        (job_request(recipe="none"), Invalid, "RECIPE_UNKNOWN"),
        (job_request(spec=job_pb2.JobSpec(attempt=7)), Invalid, "SPEC_INVALID"),
        (job_request(dataset=f"{PROJECT}/datasets/d/versions/none"), NotFound, "DATASET_VERSION_NOT_FOUND"),
    ],
)
def test_wrong_requests_are_refused(stub, request_, category, reason):
    with pytest.raises(category) as error:
        stub.CreateTrainingJob(request_)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"count": 1}, "DATASET_TOO_SMALL"),
        ({"state": "BUILDING"}, "DATASET_NOT_PUBLISHED"),
        ({"state": "TAINTED"}, "DATASET_NOT_PUBLISHED"),
    ],
)
def test_unusable_datasets_are_refused(stub, datasets, values, reason):
    datasets.add(DATASET, **values)
    with pytest.raises(FailedPrecondition) as error:
        stub.CreateTrainingJob(job_request())
    assert error.value.reason == reason


def test_a_request_id_gives_the_first_job_again_and_jobs_are_listed(stub):
    first, second = (stub.CreateTrainingJob(job_request(request_id="x")) for _ in range(2))
    assert first.name == second.name
    listed = stub.ListTrainingJobs(pb.ListTrainingJobsRequest(parent=PROJECT)).training_jobs
    assert [job.name for job in listed] == [first.name]
    with pytest.raises(NotFound) as error:
        stub.GetTrainingJob(pb.GetTrainingJobRequest(name=f"{PROJECT}/trainingJobs/none"))
    assert error.value.reason == "TRAINING_JOB_NOT_FOUND"
