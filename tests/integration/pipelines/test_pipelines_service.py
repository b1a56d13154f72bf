"""The pipelines service through its gRPC face, on a real database file."""

import pytest
from opentelemetry.sdk.trace import TracerProvider

from services.chassis import telemetry, testing
from services.chassis.errors import Conflict, FailedPrecondition, Invalid, NotFound
from services.pipelines.bootstrap import bootstrap
from services.pipelines.settings import Settings
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.pipelines.v1 import pipelines_pb2 as pb
from whetstone.pipelines.v1 import pipelines_pb2_grpc
from whetstone.type.v1 import location_pb2

PARENT = "projects/steel"


class FakeFindings:
    def __init__(self, count=0):
        self.count = count

    def open_conflicts(self, project):
        return self.count


@pytest.fixture
def findings():
    return FakeFindings()


@pytest.fixture
def service(tmp_path, findings):
    return bootstrap(testing.settings(Settings, tmp_path, review_poll_seconds=0.05), findings)


@pytest.fixture
def stub(service):
    with testing.served(service) as channel:
        yield pipelines_pb2_grpc.PipelineServiceStub(channel)


def create(stub, recipe="curate", request_id="", **parameters):
    run = pb.Run(recipe=recipe, parameters=parameters)
    return stub.CreateRun(pb.CreateRunRequest(parent=PARENT, run=run, request_id=request_id))


def analysed(run, attempt=1):
    stage = location_pb2.StageRef(run=run.name, stage="analyse", attempt=attempt)
    return curation.AnalysisCompleted(analysis=f"{PARENT}/analyses/a{attempt}", stage=stage)


def test_a_new_run_asks_for_its_first_stage(service, stub):
    run = create(stub, recipe="curate", **{"dataset.dataset": "main"})
    asked = [message for _, message in testing.said(service.platform.store, "whetstone.pipelines.v1")]
    assert [(m.kind, m.stage.attempt) for m in asked] == [("analyse", 1)]
    assert run.stages[0].state == pb.Stage.REQUESTED


def test_a_run_waits_for_the_review_and_goes_on_once_nothing_is_open(service, stub, findings):
    findings.count = 2
    run = create(stub)
    testing.tell(service.platform.store, service.consumer, "acme", run.name, analysed(run))
    assert stub.GetRun(pb.GetRunRequest(name=run.name)).state == pb.Run.WAITING
    with pytest.raises(FailedPrecondition) as error:
        stub.ResumeRun(pb.ResumeRunRequest(name=run.name))
    assert error.value.reason == "FINDINGS_OPEN"
    findings.count = 0
    testing.wait_for(lambda: stub.GetRun(pb.GetRunRequest(name=run.name)).state == pb.Run.RUNNING)
    kinds = [m.kind for _, m in testing.said(service.platform.store, "whetstone.pipelines.v1")]
    assert kinds == ["analyse", "review", "synthesise"]


def test_a_run_keeps_its_trace_whoever_lets_it_go_on(service, stub, findings, monkeypatch):
    monkeypatch.setattr(telemetry.trace, "get_tracer", TracerProvider().get_tracer)
    findings.count = 1
    with telemetry.span("begin"):
        run = create(stub)
    testing.tell(service.platform.store, service.consumer, "acme", run.name, analysed(run))
    findings.count = 0
    with telemetry.span("settle"):
        assert telemetry.trace_id() != run.trace_id
        testing.wait_for(lambda: stub.GetRun(pb.GetRunRequest(name=run.name)).state == pb.Run.RUNNING)
    said = testing.said(service.platform.store, "whetstone.pipelines.v1")
    assert [message.kind for _, message in said] == ["analyse", "review", "synthesise"]
    assert {event.traceparent.split("-")[1] for event, _ in said} == {run.trace_id}


def test_a_failed_stage_ends_the_run_and_a_retry_is_its_next_attempt(service, stub):
    run = create(stub)
    stage = location_pb2.StageRef(run=run.name, stage="analyse", attempt=1)
    failed = curation.AnalysisFailed(failure=location_pb2.Failure(reason="NOTHING_TO_ANALYSE"), stage=stage)
    testing.tell(service.platform.store, service.consumer, "acme", run.name, failed)
    assert stub.GetRun(pb.GetRunRequest(name=run.name)).failure.reason == "NOTHING_TO_ANALYSE"
    assert stub.RetryRun(pb.RetryRunRequest(name=run.name)).stages[0].attempt == 2


def test_the_result_of_an_older_attempt_changes_nothing(service, stub):
    run = create(stub)
    store, consumer = service.platform.store, service.consumer
    stage = location_pb2.StageRef(run=run.name, stage="analyse", attempt=1)
    testing.tell(store, consumer, "acme", run.name, curation.AnalysisFailed(stage=stage))
    stub.RetryRun(pb.RetryRunRequest(name=run.name))
    testing.tell(store, consumer, "acme", run.name, analysed(run, attempt=1))
    assert stub.GetRun(pb.GetRunRequest(name=run.name)).stages[0].state == pb.Stage.REQUESTED


def test_the_same_request_id_is_one_run_and_another_body_is_refused(stub):
    first = create(stub, request_id="r1")
    assert create(stub, request_id="r1").name == first.name
    with pytest.raises(Conflict) as error:
        create(stub, recipe="analyse", request_id="r1")
    assert error.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("recipe", "parent", "parameters", "reason"),
    [
        ("bake", PARENT, {}, "RECIPE_UNKNOWN"),
        ("build", "folders/x", {}, "PARENT_INVALID"),
        ("curate", PARENT, {"train.recipe": "x"}, "PARAMETER_UNKNOWN"),
    ],
)
def test_bad_runs_are_refused_with_a_reason(stub, recipe, parent, parameters, reason):
    with pytest.raises(Invalid) as error:
        stub.CreateRun(pb.CreateRunRequest(parent=parent, run=pb.Run(recipe=recipe, parameters=parameters)))
    assert error.value.reason == reason


def test_unknown_and_ended_runs_are_refused(stub):
    with pytest.raises(NotFound):
        stub.GetRun(pb.GetRunRequest(name=f"{PARENT}/runs/none"))
    run = create(stub)
    stub.CancelRun(pb.CancelRunRequest(name=run.name))
    with pytest.raises(FailedPrecondition) as error:
        stub.CancelRun(pb.CancelRunRequest(name=run.name))
    assert error.value.reason == "RUN_ENDED"


def test_runs_are_listed_in_pages(stub):
    names = {create(stub).name for _ in range(5)}
    seen, token = set(), ""
    while True:
        page = stub.ListRuns(pb.ListRunsRequest(parent=PARENT, page_size=2, page_token=token))
        seen |= {run.name for run in page.runs}
        token = page.next_page_token
        if not token:
            break
    assert seen == names
