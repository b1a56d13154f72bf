"""The gate and the registry through the gRPC face."""

import hashlib
import json
from dataclasses import replace

import pytest

from services.chassis import auth, testing
from services.chassis.errors import Denied, FailedPrecondition, Invalid, NotFound
from services.training.bundles import pack
from tests.integration.training_service import worlds
from tests.integration.training_service.worlds import DATASET, MODEL, PROJECT, ended, trained
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.training.v1 import training_pb2 as pb
from whetstone.training.v1 import training_pb2_grpc
from whetstone.type.v1 import location_pb2


def gate(stub, name):
    return stub.GateModelVersion(pb.GateModelVersionRequest(name=name))


def promote(stub, name):
    return stub.PromoteModelVersion(pb.PromoteModelVersionRequest(name=name))


def live(stub, name):
    gate(stub, name)
    return promote(stub, name)


def another(datasets, stub, server, number):
    """A version with other weights."""
    name = f"{PROJECT}/datasets/d/versions/{number}"
    datasets.add(name, weights=f"weights {number}")
    return trained(stub, server, dataset=name)


def failed(version):
    return [check.reason for check in version.gate.checks if not check.passed]


def said(service, name):
    messages = testing.said(service.platform.store, "whetstone.training.v1")
    return [m for _, m in messages if m.DESCRIPTOR.name == name]


def test_a_good_version_passes_and_goes_live(service, stub, server):
    version = trained(stub, server)
    server.waits = 1
    passed = gate(stub, version.name)
    assert (passed.state, failed(passed)) == (pb.ModelVersion.PASSED, [])
    assert passed.gate.checks[0].interval_low > 0
    assert promote(stub, version.name).state == pb.ModelVersion.PROMOTED
    event = said(service, "ModelVersionPromoted")[0]
    assert (event.version.bundle.sha256, event.actor) == (version.bundle.sha256, testing.CALLER.subject)


@pytest.mark.parametrize(
    ("told", "reason"), [({"no_gain": True}, "NO_GAIN"), ({"forgets": True}, "FORGETS"), ({}, "PARITY_BROKEN")]
)
def test_a_bad_adapter_is_refused_and_can_not_be_promoted(stub, datasets, server, told, reason):
    datasets.add(DATASET, **told)
    version = trained(stub, server)
    if reason == "PARITY_BROKEN":
        server.spoil = lambda served: replace(served, scored=tuple(p - 1.0 for p in served.scored))
    refused = gate(stub, version.name)
    assert (refused.state, failed(refused)) == (pb.ModelVersion.REFUSED, [reason])
    with pytest.raises(FailedPrecondition) as error:
        promote(stub, version.name)
    assert error.value.reason == "GATE_NOT_PASSED"
    assert reason in error.value.message


def test_a_refused_version_passes_once_its_cause_is_gone(stub, server):
    version = trained(stub, server)
    good, server.spoil = server.spoil, lambda served: replace(served, prompt_ids=(9,))
    assert gate(stub, version.name).state == pb.ModelVersion.REFUSED
    server.spoil = good
    assert gate(stub, version.name).state == pb.ModelVersion.PASSED


def test_a_server_that_never_comes_up_ends_the_gates_patience(tmp_path, datasets, server):
    service = worlds.open_service(tmp_path, datasets, server, gate_patience_seconds=0.2)
    with testing.served(service) as channel:
        stub = training_pb2_grpc.TrainingServiceStub(channel)
        version = trained(stub, server)
        server.waits = 1000
        assert failed(gate(stub, version.name)) == ["SERVER_UNREACHABLE"]


def test_promotion_replaces_and_rolling_back_restores(service, stub, datasets, server):
    first, second = trained(stub, server), another(datasets, stub, server, 2)
    live(stub, first.name)
    live(stub, second.name)
    assert stub.GetModelVersion(pb.GetModelVersionRequest(name=first.name)).state == pb.ModelVersion.RETIRED
    back = stub.RollBackModel(pb.RollBackModelRequest(name=MODEL, reason="wrong on bolts"))
    assert (back.name, back.state) == (first.name, pb.ModelVersion.PROMOTED)
    assert [m.replaces for m in said(service, "ModelVersionPromoted")] == ["", first.name, second.name]
    with pytest.raises(FailedPrecondition) as error:
        stub.RollBackModel(pb.RollBackModelRequest(name=MODEL, reason="again"))
    assert error.value.reason == "NOTHING_TO_ROLL_BACK_TO"


def test_a_revoked_version_is_out_for_good(service, stub, datasets, server):
    first, second = trained(stub, server), another(datasets, stub, server, 2)
    live(stub, first.name)
    live(stub, second.name)
    stub.RevokeModelVersion(pb.RevokeModelVersionRequest(name=first.name, reason="a leak"))
    for call in (lambda: promote(stub, first.name), lambda: gate(stub, first.name)):
        with pytest.raises(FailedPrecondition) as error:
            call()
        assert error.value.reason == "VERSION_REVOKED"
    with pytest.raises(FailedPrecondition) as error:
        stub.RollBackModel(pb.RollBackModelRequest(name=MODEL, reason="back"))
    assert error.value.reason == "NOTHING_TO_ROLL_BACK_TO"
    assert [m.reason for m in said(service, "ModelVersionRevoked")] == ["a leak"]


@pytest.mark.parametrize("policy", ["WARN", "STOP"])
def test_a_withdrawn_document_taints_what_learnt_from_it(tmp_path, datasets, server, policy):
    service = worlds.open_service(tmp_path, datasets, server, taint_policy=policy)
    with testing.served(service) as channel:
        stub = training_pb2_grpc.TrainingServiceStub(channel)
        version = trained(stub, server)
        live(stub, version.name)
        tainted = curation.DatasetVersionTainted(version=DATASET, document=f"{PROJECT}/documents/x", reason="wrong")
        testing.tell(service.platform.store, service.consumer, "acme", DATASET, tainted)
        marked = stub.GetModelVersion(pb.GetModelVersionRequest(name=version.name))
        assert (list(marked.taints), marked.taint_policy) == ([f"{PROJECT}/documents/x: wrong"], policy)
        assert [m.policy for m in said(service, "ModelVersionTainted")] == [policy]
        assert failed(gate(stub, version.name)) == ["DATASET_WITHDRAWN"]


def stage(service, kind, version):
    ref = location_pb2.StageRef(run=f"{PROJECT}/runs/r", stage=kind, attempt=1)
    asked = pipelines.StageRequested(stage=ref, kind=kind, inputs={"train.model_version": version})
    testing.tell(service.platform.store, service.consumer, "acme", f"{kind}/{version}", asked)
    return ref


def test_the_stages_gate_and_serve_carry_their_reference(service, stub, server):
    version = trained(stub, server)
    asked = stage(service, "gate", version.name)
    assert worlds.until(lambda: said(service, "ModelVersionGated"))[0].stage == asked
    asked = stage(service, "serve", version.name)
    assert said(service, "ModelVersionPromoted")[0].stage == asked


def test_a_stage_for_a_version_that_did_not_pass_is_refused(service, stub, server):
    version = trained(stub, server)
    stage(service, "serve", version.name)
    stage(service, "gate", f"{MODEL}/versions/none")
    assert [m.failure.reason for m in said(service, "StageRefused")] == ["GATE_NOT_PASSED", "MODEL_VERSION_NOT_FOUND"]


def bundle(folder, base=worlds.BASE, base_digest="b" * 64, weights=b"federated"):
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(weights)
    (folder / "adapter_config.json").write_text("{}")
    digest = hashlib.sha256(weights).hexdigest()
    manifest = {"base_id": base, "base_digest": base_digest, "adapter_digest": digest}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return pack(folder)


def import_bundle(stub, service, data, **values):
    blob = location_pb2.BlobRef(sha256=service.platform.blobs.put("acme", data).sha256)
    request = pb.ImportModelVersionRequest(parent=MODEL, bundle=blob, dataset_version=DATASET)
    request.MergeFrom(pb.ImportModelVersionRequest(**values))
    return stub.ImportModelVersion(request)


def test_an_imported_adapter_is_evaluated_gated_and_promoted(service, stub, server, tmp_path):
    version = import_bundle(stub, service, bundle(tmp_path / "b"))
    assert version.state == pb.ModelVersion.CANDIDATE
    job = ended(stub, version.training_job)
    assert (job.state, job.model_version) == (pb.TrainingJob.SUCCEEDED, version.name)
    spec = json.loads(next(tmp_path.glob("training/acme/p/evaluate-*/attempt-1/spec.json")).read_text())
    assert spec["evaluate_only"]
    assert spec["bundle"].startswith(str(tmp_path))
    server.adapters[version.name] = version.adapter_digest
    assert live(stub, version.name).state == pb.ModelVersion.PROMOTED
    assert import_bundle(stub, service, bundle(tmp_path / "c")).name == version.name


def test_an_adapter_that_was_not_evaluated_can_not_be_gated(stub, service, tmp_path):
    blob = location_pb2.BlobRef(sha256=service.platform.blobs.put("acme", bundle(tmp_path / "b")).sha256)
    version = stub.ImportModelVersion(pb.ImportModelVersionRequest(parent=MODEL, bundle=blob))
    with pytest.raises(FailedPrecondition) as error:
        gate(stub, version.name)
    assert error.value.reason == "EVALUATION_MISSING"


def test_bundles_for_another_base_or_without_sense_are_refused(stub, service, server, tmp_path):
    trained(stub, server)
    cases = [
        (bundle(tmp_path / "a", base="embedded:other"), FailedPrecondition, "BASE_MISMATCH"),
        (bundle(tmp_path / "b", base_digest="0" * 64), FailedPrecondition, "BASE_MISMATCH"),
        (b"not a tar", Invalid, "BUNDLE_INVALID"),
    ]
    for data, category, reason in cases:
        with pytest.raises(category) as error:
            import_bundle(stub, service, data)
        assert error.value.reason == reason


def test_members_can_look_but_not_decide(service, server):
    with testing.served(service) as channel:
        stub = training_pb2_grpc.TrainingServiceStub(channel)
        version = trained(stub, server)
        with auth.acting_as(auth.Caller("acme", "user:mia", frozenset({"member"}))):
            assert stub.GetModelVersion(pb.GetModelVersionRequest(name=version.name)).name == version.name
            for call in (
                lambda: promote(stub, version.name),
                lambda: stub.RevokeModelVersion(pb.RevokeModelVersionRequest(name=version.name, reason="x")),
                lambda: stub.RollBackModel(pb.RollBackModelRequest(name=MODEL, reason="x")),
            ):
                with pytest.raises(Denied) as error:
                    call()
                assert error.value.reason == "ROLE_MISSING"


def test_wrong_names_and_missing_reasons_are_refused(stub, server):
    version = trained(stub, server)
    with pytest.raises(NotFound) as unknown:
        promote(stub, f"{MODEL}/versions/none")
    assert unknown.value.reason == "MODEL_VERSION_NOT_FOUND"
    with pytest.raises(Invalid) as silent:
        stub.RevokeModelVersion(pb.RevokeModelVersionRequest(name=version.name, reason=" "))
    assert silent.value.reason == "REASON_MISSING"
    with pytest.raises(NotFound) as model:
        stub.RollBackModel(pb.RollBackModelRequest(name=f"{PROJECT}/models/none", reason="x"))
    assert model.value.reason == "MODEL_NOT_FOUND"
    listed = stub.ListModelVersions(pb.ListModelVersionsRequest(parent=f"{PROJECT}/models/-")).versions
    assert [v.name for v in listed] == [version.name]
