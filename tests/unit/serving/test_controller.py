"""The controller on a model server that only remembers what it was told."""

from dataclasses import replace

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import auth
from services.chassis.errors import NotFound, ServiceError, grpc_status
from services.chassis.testing import CALLER, said, served, settings, tell
from services.serving.bootstrap import bootstrap
from services.serving.domain import AdapterSpec, ServedVersion, declaration_of
from services.serving.settings import Settings
from tests.unit.serving.fakes import VERSION, KeptServer
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2

MODEL = "projects/p/models/m"
TOPIC = "whetstone.serving.v1"


class Registry:
    def __init__(self) -> None:
        self.versions: dict[str, ServedVersion] = {}

    def get(self, version):
        if version not in self.versions:
            raise NotFound(f"{version} does not exist")
        return self.versions[version]


class Bench:
    """A controller whose loop is turned by hand."""

    def __init__(self, folder) -> None:
        self.server, self.registry = KeptServer(), Registry()
        values = settings(Settings, folder, reload_seconds=0.0)
        self.service = bootstrap(values, server=self.server, registry=self.registry)
        self.store = self.service.platform.store
        self.told = 0

    def hear(self, message, tenant="acme"):
        self.told += 1
        tell(self.store, self.service.consumer, tenant, f"v#{self.told}", message)

    def look(self):
        self.service.workers[0]._step()

    def register(self, number, tenant="acme"):
        self.hear(training.ModelVersionRegistered(version=registered(number)), tenant)

    def promote(self, number, replaces="", run=""):
        stage = location_pb2.StageRef(run=run, stage="serve", attempt=2) if run else None
        self.hear(training.ModelVersionPromoted(version=registered(number), replaces=replaces, stage=stage))

    def declared(self):
        """Number of each declared version, and whether it is live."""
        return {spec.model_version.rsplit("/", 1)[-1]: spec.live for spec in self.server.declared}

    def said(self):
        return [message for _, message in said(self.store, TOPIC)]


def registered(number, **changes):
    values = {
        "name": VERSION.format(number),
        "base": "tiny",
        "base_digest": "ba5e",
        "adapter_digest": f"d{number}",
        "bundle": location_pb2.BlobRef(sha256=f"b{number}"),
        "dataset_version": "projects/p/datasets/d/versions/1",
    }
    return training_pb2.ModelVersion(**(values | changes))


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def stub(bench):
    with served(bench.service) as channel:
        yield serving_pb2_grpc.ServingServiceStub(channel)


def test_an_empty_registry_is_declared_too_so_that_the_server_becomes_ready(bench):
    bench.look()
    assert bench.server.declared == ()
    bench.look()
    assert bench.server.declarations == 1


def test_candidates_are_loaded_and_refused_ones_leave(bench):
    for number in (1, 2):
        bench.register(number)
    bench.look()
    assert bench.declared() == {"1": False, "2": False}
    report = training_pb2.GateReport(verdict=training_pb2.GateReport.REFUSE)
    bench.hear(training.ModelVersionGated(version=VERSION.format(1), report=report))
    bench.look()
    assert bench.declared() == {"2": False}


def test_a_promotion_is_announced_once_when_the_server_has_it(bench):
    bench.promote(1, run="projects/p/runs/r")
    bench.server.up = False
    bench.look()
    assert bench.said() == []
    bench.server.up = True
    bench.look()
    bench.look()
    (ready,) = bench.said()
    assert (ready.model_version, ready.stage.run, ready.stage.attempt) == (VERSION.format(1), "projects/p/runs/r", 2)
    assert ready.endpoint.state == pb.Endpoint.READY


def test_the_one_before_stays_loaded_and_older_ones_leave(bench):
    for number in (1, 2, 3):
        bench.promote(number)
    bench.look()
    assert bench.declared() == {"2": False, "3": True}
    bench.promote(2)
    bench.look()
    assert bench.declared() == {"2": True, "3": False}


def test_a_promotion_that_cannot_be_loaded_gives_way_to_the_one_before(bench):
    bench.promote(1)
    bench.look()
    bench.server.broken = {VERSION.format(2): "ADAPTER_INVALID"}
    bench.promote(2, run="projects/p/runs/r")
    bench.look()
    failed = bench.said()[-1]
    assert (failed.failure.reason, failed.model_version) == ("ADAPTER_INVALID", VERSION.format(2))
    bench.look()
    assert bench.declared() == {"1": True}


def test_what_another_try_may_cure_is_tried_again_and_not_announced(bench):
    bench.server.broken = {VERSION.format(1): "UNAVAILABLE"}
    bench.promote(1)
    bench.look()
    bench.look()
    assert bench.said() == []
    assert bench.server.declarations > 1
    bench.server.broken = {}
    bench.look()
    assert [type(message).__name__ for message in bench.said()] == ["EndpointReady"]


def test_a_restarted_server_gets_its_whole_set_again(bench):
    bench.promote(1)
    bench.register(2)
    bench.look()
    before = bench.server.declared
    bench.server.restart()
    bench.look()
    assert bench.server.declared == before
    assert len(bench.said()) == 1


def test_a_taint_never_softens_and_a_revocation_is_for_good(bench):
    bench.promote(1)
    name = VERSION.format(1)
    for policy in ("STOP", "WARN"):
        bench.hear(training.ModelVersionTainted(version=name, document="doc", reason="recalled", policy=policy))
    bench.look()
    assert [(spec.policy, "recalled" in spec.warning) for spec in bench.server.declared] == [("STOP", True)]
    bench.hear(training.ModelVersionRevoked(version=name, reason="wrong"))
    bench.register(1)
    bench.look()
    assert bench.server.declared == ()


def test_an_event_heard_twice_changes_nothing(bench):
    bench.promote(1)
    bench.look()
    message = training.ModelVersionPromoted(version=registered(1))
    for _ in range(2):
        tell(bench.store, bench.service.consumer, "acme", "same", message)
    bench.look()
    assert len(bench.said()) == 2  # one for each promotion that was said, not for each delivery


def test_tenants_share_a_server_and_nothing_else(bench, stub):
    bench.register(1)
    bench.register(1, tenant="other")
    bench.look()
    assert sorted(spec.tenant for spec in bench.server.declared) == ["acme", "other"]
    page = stub.ListEndpoints(pb.ListEndpointsRequest(parent="projects/p"))
    assert [endpoint.name for endpoint in page.endpoints] == ["projects/p/endpoints/m"]


def test_an_endpoint_says_what_is_wrong(bench, stub):
    bench.promote(1)
    bench.look()
    bench.server.up = False
    bench.look()
    found = stub.GetEndpoint(pb.GetEndpointRequest(name="projects/p/endpoints/m"))
    assert (found.state, found.message) == (pb.Endpoint.DEGRADED, "down")
    assert [(a.live, a.loaded) for a in found.adapters] == [(True, False)]


def completion(**changes):
    values = {
        "model_version": VERSION.format(1),
        "adapter_digest": "d1",
        "messages_json": '[{"role": "user", "content": "secret question"}]',
        "text": "secret answer",
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "finish_reason": "stop",
    }
    return pb.Completion(**(values | changes))


def record(stub, id_="completion-1", parent="projects/p", **changes):
    request = pb.RecordCompletionRequest(parent=parent, completion_id=id_, completion=completion(**changes))
    return stub.RecordCompletion(request)


def test_a_completion_is_kept_once_and_its_event_holds_no_content(bench, stub):
    first, again = record(stub), record(stub)
    assert first == again
    assert (first.name, first.caller) == ("projects/p/completions/completion-1", CALLER.subject)
    (event,) = bench.said()
    assert (event.completion, event.prompt_tokens, event.completion_tokens) == (first.name, 3, 2)
    assert "secret" not in str(event)
    assert stub.GetCompletion(pb.GetCompletionRequest(name=first.name)).text == "secret answer"
    anywhere = stub.GetCompletion(pb.GetCompletionRequest(name="projects/-/completions/completion-1"))
    assert anywhere == first


def test_completions_are_listed_by_page_and_by_version(stub):
    for number in (1, 2, 3):
        record(stub, f"completion-{number}", model_version=VERSION.format(number % 2))
    request = pb.ListCompletionsRequest(parent="projects/p", page_size=2)
    first = stub.ListCompletions(request)
    request.page_token = first.next_page_token
    rest = stub.ListCompletions(request)
    names = [c.name.rsplit("-", 1)[-1] for c in (*first.completions, *rest.completions)]
    assert (names, rest.next_page_token) == (["1", "2", "3"], "")
    odd = stub.ListCompletions(pb.ListCompletionsRequest(parent="projects/p", model_version=VERSION.format(1)))
    assert len(odd.completions) == 2


def probe(stub, version, count=1, **more):
    prompts = [pb.ProbePrompt(id=str(n), messages_json="[]") for n in range(count)]
    return stub.ProbeModel(pb.ProbeModelRequest(model_version=version, prompts=prompts, **more))


def test_a_probe_asks_the_registry_for_a_version_it_has_not_heard_of(bench, stub):
    known = ServedVersion(VERSION.format(9), "tiny", "ba5e", "d9", "b9")
    bench.registry.versions[known.name] = known
    report = probe(stub, known.name)
    assert (report.adapter_digest, report.results[0].logprobs) == ("d9", [-0.25])
    probe(stub, "base")
    assert [spec and spec.bundle for spec in bench.server.probed] == ["b9", None]


def test_features_come_with_both_losses(bench, stub):
    bench.register(1)
    bench.registry.versions[VERSION.format(1)] = ServedVersion(VERSION.format(1), "", "", "", "", influence="i1")
    name = record(stub).name
    found = stub.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion=name))
    assert (list(found.features), found.checkpoints, found.dimensions) == ([1.0, 2.0, 3.0, 4.0], 2, 2)
    assert (found.base_loss, found.tuned_loss, found.model_version) == (5.0, 0.5, VERSION.format(1))


@pytest.mark.parametrize(
    ("call", "status", "reason"),
    [
        (
            lambda s: s.GetEndpoint(pb.GetEndpointRequest(name="projects/p/endpoints/x")),
            "NOT_FOUND",
            "ENDPOINT_NOT_FOUND",
        ),
        (lambda s: s.GetEndpoint(pb.GetEndpointRequest(name="")), "NOT_FOUND", "ENDPOINT_NOT_FOUND"),
        (lambda s: s.ListEndpoints(pb.ListEndpointsRequest(parent="p")), "INVALID_ARGUMENT", "NAME_INVALID"),
        (
            lambda s: s.ListEndpoints(pb.ListEndpointsRequest(parent="projects/p", page_token="abcde")),
            "INVALID_ARGUMENT",
            "PAGE_TOKEN_INVALID",
        ),
        (lambda s: probe(s, "nonsense"), "INVALID_ARGUMENT", "NAME_INVALID"),
        (lambda s: probe(s, "base", count=0), "INVALID_ARGUMENT", "PROBE_INVALID"),
        (lambda s: probe(s, "base", max_new_tokens=-1), "INVALID_ARGUMENT", "PROBE_INVALID"),
        (lambda s: probe(s, VERSION.format(404)), "NOT_FOUND", "NOT_FOUND"),
        (lambda s: record(s, "short"), "INVALID_ARGUMENT", "NAME_INVALID"),
        (lambda s: record(s, parent="projects/-"), "INVALID_ARGUMENT", "NAME_INVALID"),
        (lambda s: record(s, messages_json="{"), "INVALID_ARGUMENT", "COMPLETION_INVALID"),
        (lambda s: record(s, tool_calls_json='{"a": 1}'), "INVALID_ARGUMENT", "COMPLETION_INVALID"),
        (lambda s: record(s, prompt_tokens=-1), "INVALID_ARGUMENT", "COMPLETION_INVALID"),
        (lambda s: (record(s), record(s, text="another")), "ABORTED", "REQUEST_ID_REUSED"),
        (
            lambda s: s.GetCompletion(pb.GetCompletionRequest(name="projects/p/completions/none")),
            "NOT_FOUND",
            "COMPLETION_NOT_FOUND",
        ),
        (
            lambda s: s.GetCompletion(pb.GetCompletionRequest(name="projects/-/completions/none")),
            "NOT_FOUND",
            "COMPLETION_NOT_FOUND",
        ),
        (lambda s: s.ListCompletions(pb.ListCompletionsRequest(parent="")), "INVALID_ARGUMENT", "NAME_INVALID"),
        (
            lambda s: s.ListCompletions(pb.ListCompletionsRequest(parent="projects/p", page_size=-1)),
            "INVALID_ARGUMENT",
            "PAGE_SIZE_INVALID",
        ),
        (
            lambda s: s.ComputeInfluenceFeatures(pb.ComputeInfluenceFeaturesRequest(completion="x")),
            "NOT_FOUND",
            "COMPLETION_NOT_FOUND",
        ),
        (
            lambda s: s.ComputeInfluenceFeatures(
                pb.ComputeInfluenceFeaturesRequest(completion=record(s, model_version="base").name)
            ),
            "FAILED_PRECONDITION",
            "COMPLETION_OF_BASE",
        ),
    ],
)
def test_bad_input_has_its_status_and_its_reason(stub, call, status, reason):
    with pytest.raises(ServiceError) as refused:
        call(stub)
    assert (grpc_status(refused.value), refused.value.reason) == (grpc.StatusCode[status], reason)


def test_another_tenant_finds_nothing(bench, stub):
    name = record(stub).name
    with auth.acting_as(replace(CALLER, tenant="other")), pytest.raises(NotFound):
        stub.GetCompletion(pb.GetCompletionRequest(name=name))


@given(st.permutations([1, 2, 3]))
def test_a_declaration_is_known_again_in_any_order(order):
    specs = [AdapterSpec("acme", VERSION.format(n), "tiny", "x", f"d{n}", f"b{n}") for n in order]
    assert declaration_of(specs) == declaration_of(sorted(specs, key=lambda s: s.model_version))
    assert declaration_of(specs) != declaration_of(specs[1:])
    assert declaration_of([replace(specs[0], live=True)]) != declaration_of(specs[:1])
