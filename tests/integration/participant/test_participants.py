"""Three participants and the real coordinator over gRPC; only the local training is replaced, by arithmetic."""

import base64
import json
import threading

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.chassis import auth, rpc, testing
from services.federation.aggregation import Adapter, aggregate, read_adapter, write_adapter
from services.federation.bootstrap import bootstrap as bootstrap_federation
from services.federation.settings import Settings as FederationSettings
from services.participant.adapters.coordinator import GrpcCoordinator, read_key
from services.participant.bootstrap import bootstrap
from services.participant.errors import EgressRefused, KeyUnusable
from services.participant.ports import Dataset, Score
from services.participant.settings import Settings
from whetstone.curation.v1 import curation_pb2
from whetstone.federation.v1 import federation_pb2 as pb
from whetstone.federation.v1 import federation_pb2_grpc

NAME = "projects/shared/federations/alloys"
FIRMS = ("northgate", "tidewater", "castellan")


class Trainer:
    """Adds the firm's own constant to what it starts from; counts how often it trains."""

    def __init__(self, firm):
        self.firm, self.trained = firm, 0

    def train(self, job, attempt, start, info, data):
        self.trained += 1
        seed = FIRMS.index(self.firm)
        rng = np.random.default_rng(seed)
        own = Adapter({"q": rng.normal(size=(2, 5)).astype("f4")}, {"q": rng.normal(size=(4, 2)).astype("f4")}, 1.0)
        if not start:
            return write_adapter(own)
        return write_adapter(aggregate([(0.5, read_adapter(start)), (0.5, own)], rank=4).adapter)

    def evaluate(self, job, adapter, info, data):
        return Score(3, 4)


class Data:
    def __init__(self, folder, firm):
        self.folder, self.examples = folder, 10 * (FIRMS.index(firm) + 1)

    def load(self):
        empty = self.folder / "empty.jsonl"
        empty.touch()
        return Dataset("projects/own/datasets/d/versions/v", "0" * 64, empty, empty, empty, empty, self.examples)


@pytest.fixture
def keys(tmp_path):
    made = {}
    for firm in FIRMS:
        key = Ed25519PrivateKey.generate()
        path = tmp_path / firm / "key.pem"
        path.parent.mkdir()
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(0o600)
        made[firm] = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return made


@pytest.fixture
def coordinator(tmp_path):
    service = bootstrap_federation(testing.settings(FederationSettings, tmp_path / "coordinator"))
    port = service.start()
    yield f"127.0.0.1:{port}"
    service.stop()


def settings(tmp_path, firm, address):
    return testing.settings(
        Settings,
        tmp_path / firm,
        coordinator=address,
        federation=NAME,
        federation_tenant="acme",
        participant=firm,
        key_file=tmp_path / firm / "key.pem",
        dataset_version="projects/own/datasets/d/versions/v",
        wait_seconds=2,
    )


def create(address, keys, rounds):
    roster = [pb.Member(participant=firm, public_key=keys[firm]) for firm in FIRMS]
    federation = pb.Federation(roster=roster, rounds=rounds, base="embedded:tiny-phi3", training_json=json.dumps({}))
    with auth.acting_as(testing.CALLER), rpc.channel(address, testing.KEY) as channel:
        stub = federation_pb2_grpc.FederationServiceStub(channel)
        stub.CreateFederation(
            pb.CreateFederationRequest(parent="projects/shared", federation_id="alloys", federation=federation)
        )


def get(address, method, request):
    with auth.acting_as(testing.CALLER), rpc.channel(address, testing.KEY) as channel:
        return getattr(federation_pb2_grpc.FederationServiceStub(channel), method)(request)


def test_three_firms_end_with_one_adapter_and_their_counts(tmp_path, coordinator, keys):
    create(coordinator, keys, rounds=2)
    outcomes = {}

    def take_part(firm):
        part = bootstrap(settings(tmp_path, firm, coordinator), data=Data(tmp_path / firm, firm), trainer=Trainer(firm))
        outcomes[firm] = part.run(lambda: False)

    threads = [threading.Thread(target=take_part, args=(firm,)) for firm in FIRMS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == dict.fromkeys(FIRMS, "SUCCEEDED")
    rounds = get(coordinator, "ListRounds", pb.ListRoundsRequest(parent=NAME)).rounds
    assert [len(r.evaluations) for r in rounds] == [0, 3]
    results = {(tmp_path / f / "participant/alloys/global-0002.safetensors").read_bytes() for f in FIRMS}
    assert len(results) == 1


def test_a_killed_participant_does_not_train_again_what_it_has_trained(tmp_path, coordinator, keys):
    create(coordinator, keys, rounds=1)
    trainers = {firm: Trainer(firm) for firm in FIRMS}

    class Dies(GrpcCoordinator):
        def submit(self, *given):
            raise KeyboardInterrupt  # the process ends between training and sending

    mine = settings(tmp_path, "northgate", coordinator)
    dying = Dies(coordinator, "acme", NAME, "northgate", read_key(mine.key_file), 2, 0.1)
    others = [
        threading.Thread(
            target=bootstrap(
                settings(tmp_path, firm, coordinator), data=Data(tmp_path / firm, firm), trainer=trainers[firm]
            ).run,
            args=(lambda: False,),
        )
        for firm in FIRMS[1:]
    ]
    for thread in others:
        thread.start()
    data = Data(tmp_path / "northgate", "northgate")
    with pytest.raises(KeyboardInterrupt):
        bootstrap(mine, coordinator=dying, data=data, trainer=trainers["northgate"]).run(lambda: False)
    assert bootstrap(mine, data=data, trainer=trainers["northgate"]).run(lambda: False) == "SUCCEEDED"
    for thread in others:
        thread.join(60)
    assert trainers["northgate"].trained == 1


def test_no_other_message_leaves_the_firm(tmp_path, keys):
    sender = GrpcCoordinator("127.0.0.1:1", "acme", NAME, "northgate", read_key(tmp_path / "northgate/key.pem"), 1, 0.1)
    with pytest.raises(EgressRefused):
        sender._call(lambda *_, **__: None, curation_pb2.Claim(subject="our own"))


def test_a_key_that_others_can_read_and_one_that_is_no_key_are_refused(tmp_path, keys):
    path = tmp_path / "northgate/key.pem"
    path.chmod(0o644)
    with pytest.raises(KeyUnusable):
        read_key(path)
    path.write_text("not a key")
    path.chmod(0o600)
    with pytest.raises(KeyUnusable):
        read_key(path)
