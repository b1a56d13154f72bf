"""Rounds through the federation's gRPC faces, with real signatures and a real database file."""

import base64
import hashlib
from datetime import timedelta

import grpc
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis import testing
from services.chassis.errors import Conflict, Denied, FailedPrecondition, Invalid, NotFound
from services.federation.aggregation import Adapter, read_adapter, write_adapter
from services.federation.bootstrap import bootstrap
from services.federation.domain import statement
from services.federation.handlers import utc_now
from services.federation.settings import Settings
from whetstone.federation.v1 import federation_pb2 as pb
from whetstone.federation.v1 import federation_pb2_grpc

NAME = "projects/shared/federations/alloys"
FIRMS = ("northgate", "tidewater", "castellan")
KEYS = {firm: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(firm.encode()).digest()) for firm in FIRMS}


class Clock:
    ahead = timedelta()

    def __call__(self):
        return utc_now() + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service(tmp_path, clock):
    return bootstrap(testing.settings(Settings, tmp_path), now=clock)


@pytest.fixture
def stubs(service):
    with testing.served(service) as channel:
        yield (
            federation_pb2_grpc.FederationServiceStub(channel),
            Firms(federation_pb2_grpc.ParticipationServiceStub(channel)),
        )


class Firms:
    """What a participant does, by hand."""

    def __init__(self, stub):
        self.stub = stub

    def sign(self, firm, verb, *parts):
        return base64.b64encode(KEYS[firm].sign(statement(verb, "acme", *parts))).decode()

    def call(self, method, request):
        return getattr(self.stub, method)(request, metadata=[("whetstone-tenant", "acme")])

    def join(self, firm):
        request = pb.JoinFederationRequest(federation=NAME, participant=firm, signature=self.sign(firm, "join", NAME))
        return self.call("JoinFederation", request).federation

    def await_round(self, firm, after=0):
        signature = self.sign(firm, "await", NAME, after)
        request = pb.AwaitRoundRequest(
            federation=NAME, participant=firm, after=after, signature=signature, wait_seconds=5
        )
        return self.call("AwaitRound", request).round

    def submit(self, firm, round_, data, examples=10, digest=""):
        digest = digest or hashlib.sha256(data).hexdigest()
        signature = self.sign(firm, "submit", round_, digest, examples)
        header = pb.UpdateHeader(
            round=round_, participant=firm, digest=digest, examples=examples, signature=signature, size_bytes=len(data)
        )
        parts = [pb.SubmitUpdateRequest(header=header), pb.SubmitUpdateRequest(data=data)]
        return self.call("SubmitUpdate", iter(parts)).update

    def adapter(self, firm, round_):
        request = pb.GetRoundAdapterRequest(
            round=round_, participant=firm, signature=self.sign(firm, "adapter", round_)
        )
        return b"".join(part.data for part in self.call("GetRoundAdapter", request))


def create(coordinator, rounds=1, **more):
    roster = [
        pb.Member(participant=firm, public_key=base64.b64encode(KEYS[firm].public_key().public_bytes_raw()).decode())
        for firm in FIRMS
    ]
    federation = pb.Federation(roster=roster, rounds=rounds, base="embedded:tiny-phi3", **more)
    request = pb.CreateFederationRequest(parent="projects/shared", federation_id="alloys", federation=federation)
    return coordinator.CreateFederation(request)


def update(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 5)).astype(np.float32), rng.normal(size=(4, 2)).astype(np.float32)
    return write_adapter(Adapter({"q": a}, {"q": b}, 2.0))


def finished(coordinator):
    return testing.wait_for(
        lambda: (f := coordinator.GetFederation(pb.GetFederationRequest(name=NAME))).state > 2 and f
    )


def test_two_rounds_average_the_products_by_examples(service, stubs):
    coordinator, firms = stubs
    create(coordinator, rounds=2, rank=8)
    for firm in FIRMS:
        firms.join(firm)
    for index in (1, 2):
        for n, firm in enumerate(FIRMS):
            round_ = firms.await_round(firm, index - 1)
            assert round_.index == index
            firms.submit(firm, round_.name, update(n), examples=10 * (n + 1))
    done = finished(coordinator)
    assert (done.state, done.completed_rounds) == (pb.Federation.SUCCEEDED, 2)
    result = read_adapter(firms.adapter("northgate", f"{NAME}/rounds/0002"))
    parts = [read_adapter(update(n)) for n in range(3)]
    expected = sum((n + 1) / 6 * p.scaling * (p.b["q"] @ p.a["q"]) for n, p in enumerate(parts))
    assert np.allclose(result.b["q"] @ result.a["q"], expected, atol=1e-4)
    said = [m.DESCRIPTOR.name for _, m in testing.said(service.platform.store, "whetstone.federation.v1")]
    assert said.count("UpdateReceived") == 6
    assert said[-1] == "AdapterPublished"


def test_the_same_update_again_is_the_same_answer_and_another_is_refused(stubs):
    coordinator, firms = stubs
    create(coordinator)
    for firm in FIRMS:
        firms.join(firm)
    name = firms.await_round("northgate").name
    first = firms.submit("northgate", name, update(1))
    assert firms.submit("northgate", name, update(1)) == first
    with pytest.raises(Conflict) as error:
        firms.submit("northgate", name, update(2))
    assert error.value.reason == "UPDATE_ALREADY_SUBMITTED"


def test_a_silent_firm_does_not_hold_the_others_up(stubs, clock):
    coordinator, firms = stubs
    create(coordinator, minimum_updates=2, round_seconds=60)
    for firm in FIRMS:
        firms.join(firm)
    name = firms.await_round("northgate").name
    for firm in FIRMS[:2]:
        firms.submit(firm, name, update(1))
    assert coordinator.GetRound(pb.GetRoundRequest(name=name)).state == pb.Round.OPEN
    clock.ahead = timedelta(seconds=61)
    assert finished(coordinator).state == pb.Federation.SUCCEEDED


def test_too_few_updates_fail_the_round_with_its_reason(stubs, clock):
    coordinator, firms = stubs
    create(coordinator, round_seconds=60)
    for firm in FIRMS:
        firms.join(firm)
    firms.submit("northgate", firms.await_round("northgate").name, update(1))
    clock.ahead = timedelta(seconds=61)
    assert finished(coordinator).failure.reason == "TOO_FEW_UPDATES"


def test_a_stranger_and_a_forged_signature_are_refused(stubs):
    coordinator, firms = stubs
    create(coordinator)
    stranger = pb.JoinFederationRequest(federation=NAME, participant="acme", signature="")
    forged = pb.JoinFederationRequest(
        federation=NAME, participant="northgate", signature=firms.sign("tidewater", "join", NAME)
    )
    for request, reason in ((stranger, "NOT_ON_ROSTER"), (forged, "SIGNATURE_INVALID")):
        with pytest.raises(Denied) as error:
            firms.call("JoinFederation", request)
        assert error.value.reason == reason


def test_another_tenant_does_not_see_the_federation(stubs):
    coordinator, firms = stubs
    create(coordinator)
    request = pb.JoinFederationRequest(federation=NAME, participant="northgate", signature="x")
    with pytest.raises(NotFound):
        firms.stub.JoinFederation(request, metadata=[("whetstone-tenant", "other")])


@pytest.mark.parametrize(
    ("data", "given", "reason"),
    [
        (b"no adapter", {}, "UPDATE_INVALID"),
        (update(1), {"examples": 0}, "UPDATE_INVALID"),
        (update(1), {"examples": 10**12}, "UPDATE_INVALID"),
        (update(1), {"digest": "0" * 64}, "DIGEST_MISMATCH"),
    ],
)
def test_bad_updates_are_refused_and_change_nothing(stubs, data, given, reason):
    coordinator, firms = stubs
    create(coordinator)
    for firm in FIRMS:
        firms.join(firm)
    name = firms.await_round("northgate").name
    with pytest.raises(Invalid) as error:
        firms.submit("northgate", name, data, **given)
    assert error.value.reason == reason
    assert not coordinator.GetRound(pb.GetRoundRequest(name=name)).updates


@pytest.mark.parametrize("bad", [{"rounds": 0}, {"minimum_updates": 1}, {"method": "MEAN"}, {"rank": -1}])
def test_bad_federations_are_refused(stubs, bad):
    with pytest.raises(Invalid) as error:
        create(stubs[0], **bad)
    assert error.value.reason == "FEDERATION_INVALID"


def test_a_cancelled_federation_takes_no_more_members(stubs):
    coordinator, firms = stubs
    create(coordinator)
    coordinator.CancelFederation(pb.CancelFederationRequest(name=NAME))
    with pytest.raises(FailedPrecondition):
        firms.join("northgate")


def test_a_round_goes_on_after_a_restart(tmp_path):
    settings = testing.settings(Settings, tmp_path)
    with testing.served(bootstrap(settings)) as channel:
        coordinator = federation_pb2_grpc.FederationServiceStub(channel)
        firms = Firms(federation_pb2_grpc.ParticipationServiceStub(channel))
        create(coordinator)
        for firm in FIRMS:
            firms.join(firm)
        name = firms.await_round("northgate").name
        firms.submit("northgate", name, update(0))
    with testing.served(bootstrap(settings)) as channel:
        coordinator = federation_pb2_grpc.FederationServiceStub(channel)
        firms = Firms(federation_pb2_grpc.ParticipationServiceStub(channel))
        for n, firm in enumerate(FIRMS[1:]):
            firms.submit(firm, name, update(n))
        assert finished(coordinator).state == pb.Federation.SUCCEEDED


def test_a_call_without_identity_is_refused(service):
    port = service.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, pytest.raises(grpc.RpcError) as error:
            federation_pb2_grpc.FederationServiceStub(channel).GetFederation(pb.GetFederationRequest(name=NAME))
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    finally:
        service.stop()
