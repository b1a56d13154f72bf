"""The synthesis service through its gRPC face and its events, on a real database file."""

import json
import time

import pytest
from google.protobuf import json_format

from services.chassis import auth, rpc, testing
from services.chassis.blobs import open_blobs
from services.chassis.errors import FailedPrecondition, Invalid, NotFound
from services.synthesis.adapters.records import jobs
from services.synthesis.adapters.rules import RuleGenerator
from services.synthesis.bootstrap import bootstrap
from services.synthesis.domain.job import Parameters
from services.synthesis.handlers import Handlers
from services.synthesis.settings import Settings
from tests.unit.synthesis.corpora import corpus
from whetstone.curation.v1 import curation_pb2, curation_pb2_grpc
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.synthesis.v1 import synthesis_pb2 as pb
from whetstone.synthesis.v1 import synthesis_pb2_grpc
from whetstone.type.v1 import location_pb2

PARENT = "projects/barges"


class CurationServer(curation_pb2_grpc.CurationServiceServicer):
    """Curation as its proto has it, over a small corpus."""

    def __init__(self, folder, made):
        self.blobs, self.made, self.asked = open_blobs("", folder), made, []

    def ExportCuratedText(self, request, context):
        tenant = auth.caller().tenant
        self.asked.append(request.analysis)
        claims = [json_format.MessageToDict(message(c)) for c in self.made.claims]
        chunks = [
            {"id": c.id, "text": c.text, "document": c.document, "title": c.title} for c in self.made.chunks.values()
        ]
        terms = [{"preferred": t.preferred, "variants": t.variants} for t in self.made.terms]
        refs = [self.put(tenant, "\n".join(json.dumps(line) for line in lines)) for lines in (claims, chunks)]
        glossary = self.put(tenant, json.dumps({"terms": terms}))
        return curation_pb2.ExportCuratedTextResponse(
            claims=refs[0], chunks=refs[1], glossary=glossary, analysis=request.analysis or f"{PARENT}/analyses/newest"
        )

    def put(self, tenant, text):
        return location_pb2.BlobRef(sha256=self.blobs.put(tenant, text.encode()).sha256)


def message(claim):
    made = curation_pb2.Claim(
        name=claim.name,
        subject=claim.subject,
        property=claim.property,
        value_text=claim.value_text,
        conditions=claim.conditions,
        negated=claim.negated,
        in_force=True,
    )
    made.quote.text = claim.quote
    made.quote.location.chunk, made.quote.location.document = claim.chunk, claim.document
    if claim.quantity:
        made.quantity.comparator = claim.quantity.comparator.value
        made.quantity.low, made.quantity.unit, made.quantity.text = (
            claim.quantity.low,
            claim.quantity.unit,
            claim.quantity.text,
        )
        if claim.quantity.high is not None:
            made.quantity.high = claim.quantity.high
    return made


class CountingGenerator(RuleGenerator):
    def __init__(self, stop_after=0):
        self.written, self.stop_after = 0, stop_after

    def write(self, brief):
        self.written += 1
        if self.stop_after and self.written > self.stop_after:
            raise KeyboardInterrupt
        return super().write(brief)


@pytest.fixture
def curation(tmp_path):
    server = CurationServer(tmp_path, corpus())
    grpc_server = rpc.server("curation", testing.KEY, 2)
    curation_pb2_grpc.add_CurationServiceServicer_to_server(server, grpc_server)
    server.port = grpc_server.add_insecure_port("127.0.0.1:0")
    grpc_server.start()
    yield server
    grpc_server.stop(0)


def open_service(tmp_path, curation, generator=None, **values):
    addresses = {"curation": f"127.0.0.1:{curation.port}"}
    chosen = testing.settings(Settings, tmp_path, addresses=addresses, synthesis_poll_seconds=0.02, **values)
    return bootstrap(chosen, generator=generator)


@pytest.fixture
def service(tmp_path, curation):
    return open_service(tmp_path, curation)


@pytest.fixture
def stub(service):
    with testing.served(service) as channel:
        yield synthesis_pb2_grpc.SynthesisServiceStub(channel)


def create(stub, request_id="", **values):
    job = pb.SynthesisJob(analysis=f"{PARENT}/analyses/a", **values)
    return stub.CreateSynthesisJob(
        pb.CreateSynthesisJobRequest(parent=PARENT, synthesis_job=job, request_id=request_id)
    )


def ended(stub, name):
    for _ in range(500):
        job = stub.GetSynthesisJob(pb.GetSynthesisJobRequest(name=name))
        if job.state not in (pb.SynthesisJob.QUEUED, pb.SynthesisJob.RUNNING):
            return job
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def lines(service, blob):
    text = service.platform.blobs.get("acme", blob.sha256).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def test_a_job_ends_with_verified_examples_and_says_so(service, stub, curation):
    job = ended(stub, create(stub).name)
    assert job.state == pb.SynthesisJob.SUCCEEDED, job.failure
    examples = lines(service, job.examples)
    assert len(examples) == job.accepted > 50
    assert curation.asked == [f"{PARENT}/analyses/a"]
    said = [m for _, m in testing.said(service.platform.store, "whetstone.synthesis.v1")]
    assert [(m.synthesis_job, m.examples.sha256) for m in said] == [(job.name, job.examples.sha256)]


def test_every_example_and_reject_can_be_listed_in_pages(service, stub):
    job = ended(stub, create(stub).name)
    seen, token = [], ""
    while True:
        request = pb.ListGeneratedExamplesRequest(parent=job.name, page_size=20, page_token=token)
        page = stub.ListGeneratedExamples(request)
        seen += page.examples
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == job.accepted + sum(job.rejected.values())
    assert all(e.accepted or e.reason for e in seen)


def test_a_stage_is_worked_on_once_and_its_reference_comes_back(service, stub):
    stage = location_pb2.StageRef(run=f"{PARENT}/runs/r1", stage="synthesise", attempt=1)
    asked = pipelines.StageRequested(
        stage=stage,
        kind="synthesise",
        parameters={"wordings": "2", "unseen_share": "0"},
        inputs={"analyse.analysis": f"{PARENT}/analyses/a"},
    )
    for _ in range(2):
        testing.tell(service.platform.store, service.consumer, "acme", stage.run, asked)
    job = ended(stub, f"{PARENT}/synthesisJobs/r1-1")
    assert job.wordings == 2
    said = [m for _, m in testing.said(service.platform.store, "whetstone.synthesis.v1")]
    assert [(m.stage.run, m.stage.attempt) for m in said] == [(stage.run, 1)]


def test_a_stage_with_unusable_parameters_fails_with_a_reason(service, stub):
    stage = location_pb2.StageRef(run=f"{PARENT}/runs/r2", stage="synthesise", attempt=1)
    asked = pipelines.StageRequested(stage=stage, kind="synthesise", parameters={"wordings": "many"})
    testing.tell(service.platform.store, service.consumer, "acme", stage.run, asked)
    said = [m for _, m in testing.said(service.platform.store, "whetstone.synthesis.v1")]
    assert [(m.failure.reason, m.stage.run) for m in said] == [("PARAMETER_INVALID", stage.run)]


def test_a_stopped_job_goes_on_without_writing_anything_twice(tmp_path, curation):
    whole = CountingGenerator()
    shared = f"file://{tmp_path}/blobs"
    reference = run_job(open_service(tmp_path / "other", curation, whole, blob_url=shared))
    broken = open_service(tmp_path, curation, CountingGenerator(stop_after=4), synthesis_batch=2)
    name = queue_job(broken)
    with pytest.raises(KeyboardInterrupt):
        broken.workers[0]._step()
    rest = CountingGenerator()
    again = open_service(tmp_path, curation, rest, synthesis_batch=2)
    with testing.served(again) as channel:
        job = ended(synthesis_pb2_grpc.SynthesisServiceStub(channel), name)
    assert rest.written == whole.written - 4
    strip = [{k: v for k, v in line.items() if k != "time"} for line in lines(again, job.examples)]
    assert strip == reference
    assert len(curation.asked) == 2


def queue_job(service):
    """A job that no worker has seen yet."""
    handlers = Handlers(service.platform.store, service.platform.outbox, jobs())
    return handlers.create("acme", PARENT, f"{PARENT}/analyses/a", Parameters()).name


def run_job(service):
    name = queue_job(service)
    with testing.served(service) as channel:
        job = ended(synthesis_pb2_grpc.SynthesisServiceStub(channel), name)
    return [{k: v for k, v in line.items() if k != "time"} for line in lines(service, job.examples)]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"wordings": 13}, "PARAMETER_INVALID"),
        ({"unseen_share": 0.9}, "PARAMETER_INVALID"),
        ({"tools_json": "{"}, "TOOLS_INVALID"),
    ],
)
def test_wrong_parameters_are_refused(stub, values, reason):
    with pytest.raises(Invalid) as error:
        create(stub, **values)
    assert error.value.reason == reason


def test_a_wrong_parent_and_an_unknown_job_are_refused(stub):
    with pytest.raises(Invalid) as wrong:
        stub.CreateSynthesisJob(pb.CreateSynthesisJobRequest(parent="barges"))
    assert wrong.value.reason == "PARENT_INVALID"
    with pytest.raises(NotFound) as unknown:
        stub.GetSynthesisJob(pb.GetSynthesisJobRequest(name=f"{PARENT}/synthesisJobs/none"))
    assert unknown.value.reason == "SYNTHESIS_JOB_NOT_FOUND"


def test_an_ended_job_can_not_be_cancelled(stub):
    job = ended(stub, create(stub).name)
    with pytest.raises(FailedPrecondition) as error:
        stub.CancelSynthesisJob(pb.CancelSynthesisJobRequest(name=job.name))
    assert error.value.reason == "JOB_ENDED"


def test_a_corpus_without_claims_fails_the_job(stub, curation):
    curation.made = corpus(rows=range(0))
    assert ended(stub, create(stub).name).failure.reason == "NO_CLAIMS"


def test_a_request_id_gives_the_first_job_again(stub):
    assert create(stub, request_id="x").name == create(stub, request_id="x").name
