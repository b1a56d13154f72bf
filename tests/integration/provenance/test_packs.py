"""Audit packs: built by a worker, fetched by parts, and verified by the program that stands alone."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from cli import verify
from services.chassis import testing
from services.chassis.errors import Conflict, FailedPrecondition, Invalid, NotFound
from tests.integration.provenance.world import (
    COMPLETION,
    DATASET,
    EXAMPLES,
    FINDING,
    MODEL,
    PROJECT,
    World,
    make_service,
    wait_for,
)
from whetstone.curation.v1 import events_pb2 as curation
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.provenance.v1 import provenance_pb2 as pb
from whetstone.provenance.v1 import provenance_pb2_grpc
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2

VERIFY = Path(verify.__file__)


def create(stub, version=MODEL, request_id=""):
    pack = pb.AuditPack(model_version=version)
    return stub.CreateAuditPack(pb.CreateAuditPackRequest(parent=PROJECT, audit_pack=pack, request_id=request_id))


def ended(stub, name):
    def ask():
        found = stub.GetAuditPack(pb.GetAuditPackRequest(name=name))
        return found if found.state != pb.AuditPack.BUILDING else None

    return wait_for(ask)


def download(stub, name):
    return b"".join(part.data for part in stub.DownloadAuditPack(pb.DownloadAuditPackRequest(name=name)))


@pytest.fixture
def pack(world, stub):
    world.tell_everything()
    found = ended(stub, create(stub).name)
    assert found.state == pb.AuditPack.READY, found.failure
    return found


@pytest.fixture
def path(stub, pack, tmp_path):
    target = tmp_path / "pack.zip"
    target.write_bytes(download(stub, pack.name))
    return target


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_pack_verifies_offline_by_itself(path):
    """Run as an auditor runs it: a single file, isolated from this repository."""
    run = [sys.executable, "-I", str(VERIFY), str(path), "--json"]
    done = subprocess.run(run, capture_output=True, text=True, cwd="/", check=False)
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])


def test_a_pack_holds_what_an_auditor_needs(path):
    files = contents(path)
    assert set(files) == {
        "annex-iv.json", "attestation.json", "dataset/commitments.jsonl", "dataset/ledger-summary.json",
        "dataset/manifest.json", "evaluation.json", "gate-report.json", "lineage.json", "log/checkpoint.txt",
        "log/key.txt", "log/leaves.jsonl", "manifest.json", "ml-bom.cdx.json", "model-card.json", "model-card.md",
        "nist-ai-rmf.json",
    }  # fmt: skip
    leaves = [json.loads(line) for line in files["log/leaves.jsonl"].splitlines()]
    shown = {json.loads(leaf["leaf"])["subject"] for leaf in leaves}
    assert {MODEL, DATASET, FINDING, COMPLETION} <= shown
    assert json.loads(files["dataset/ledger-summary.json"]) == {
        "chunks": 5, "outcomes": {"BOILERPLATE": 1, "USED": 4},
    }  # fmt: skip
    datums = [json.loads(line) for line in files["dataset/commitments.jsonl"].splitlines()]
    assert sorted(row["example"] for row in datums) == [e["id"] for e in EXAMPLES]
    assert all(json.loads(row["datum"])["id"] == row["example"] for row in datums)


def test_the_technical_documentation_states_facts_and_leaves_the_rest_to_people(path, pack):
    annex = json.loads(contents(path)["annex-iv.json"])
    fields = annex["fields"]
    assert fields["1.a.version"]["value"]["adapter_digest"] == "a" * 64
    assert fields["1.a.version"]["evidence_ref"].startswith("log/leaves.jsonl#")
    assert fields["2.d.dataset"]["value"]["licences"] == ["internal"]
    assert fields["2.g.figures"]["value"] == {"accuracy": 0.9}
    assert fields["3.figures"]["value"]["gain"]["value"] == 92.5
    for point in ("1.a", "2.g", "5", "8"):
        assert fields[point]["value"] == "MISSING – human"
    assert (annex["final"], annex["unsigned"]) == (False, ["1.a", "2.g", "5", "8"])
    assert annex["dates"]["annex-iii-duties-from"] == "2027-12-02"
    assert {row["status"] for row in fields.values()} <= {"auto", "draft", "approved"}
    assert "annex-iv 5" in pack.missing
    assert "model-card intended_use" in pack.missing


def test_references_of_the_documents_lead_to_leaves_in_the_pack(path):
    files = contents(path)
    indexes = {json.loads(line)["index"] for line in files["log/leaves.jsonl"].splitlines()}
    mapping = json.loads(files["nist-ai-rmf.json"])["functions"]
    references = [ref for rows in mapping.values() for row in rows for ref in row["evidence_refs"] if "/" in ref]
    assert references
    for reference in references:
        name, _, index = reference.partition("#")
        assert name in files
        assert not index or int(index) in indexes


def test_the_bill_of_materials_names_model_base_data_and_documents(path):
    bom = json.loads(contents(path)["ml-bom.cdx.json"])
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.7")
    assert bom["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    kinds = sorted(part["type"] for part in bom["components"])
    assert kinds == ["data", "file", "file", "machine-learning-model"]
    refs = {part["bom-ref"] for part in bom["components"]}
    assert {ref for row in bom["dependencies"] for ref in row["dependsOn"]} <= refs


def test_a_restart_builds_a_pack_that_was_asked_for(world, tmp_path, completions):
    world.tell_everything()
    service = world.service
    asked = service.servicers[0][1]._packs.create("acme", PROJECT, MODEL, "")
    service.platform.store.close()
    with testing.served(make_service(tmp_path, completions)) as channel:
        found = ended(provenance_pb2_grpc.ProvenanceServiceStub(channel), asked.name)
    assert found.state == pb.AuditPack.READY


def test_the_same_evidence_gives_the_same_bytes(world, stub):
    world.tell_everything()
    name = create(stub).name
    first = ended(stub, name).archive.sha256
    wait_for(lambda: rested(world))
    with world.store.begin() as tx:
        body = sa.text("UPDATE audit_packs SET state = 'BUILDING', body = json_set(body, '$.state', 'BUILDING')")
        tx.execute(body)
    second = ended(stub, name).archive.sha256
    wait_for(lambda: rested(world))
    with world.store.begin() as tx:
        tx.execute(body)
    assert ended(stub, name).archive.sha256 == second
    assert first


def rested(world):
    with world.store.read() as tx:
        return not world.service.servicers[0][1]._log._records.grown(tx)


def test_examples_are_kept_back_where_the_operator_says_so(tmp_path, completions):
    world = World(make_service(tmp_path, completions, pack_discloses_data=False), tmp_path)
    world.tell_everything()
    with testing.served(world.service) as channel:
        stub = provenance_pb2_grpc.ProvenanceServiceStub(channel)
        data = download(stub, ended(stub, create(stub).name).name)
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    assert b"380 MPa" not in data
    assert json.loads(contents(path)["evaluation.json"])["figures"] == {"accuracy": 0.9}
    assert verify.verify(path) == []


def test_erased_payloads_leave_the_pack_whole(world, stub, tmp_path):
    world.tell_everything()
    leaf = stub.ListLogEntries(pb.ListLogEntriesRequest(parent=PROJECT, subject=COMPLETION)).entries[0]
    stub.EraseLogEntryData(pb.EraseLogEntryDataRequest(name=leaf.name))
    path = tmp_path / "pack.zip"
    path.write_bytes(download(stub, ended(stub, create(stub).name).name))
    rows = [json.loads(line) for line in contents(path)["log/leaves.jsonl"].splitlines()]
    assert [row for row in rows if row["index"] == leaf.index and "payload" not in row]
    assert verify.verify(path) == []


def test_a_withdrawal_shows_in_the_next_pack(world, stub, tmp_path):
    world.tell_everything()
    document = f"{PROJECT}/documents/spec"
    world.tell(document, ingestion.DocumentWithdrawn(document=document, reason="recalled", actor="erin"))
    path = tmp_path / "pack.zip"
    path.write_bytes(download(stub, ended(stub, create(stub).name).name))
    nodes = {node["name"]: node for node in json.loads(contents(path)["lineage.json"])["nodes"]}
    assert nodes[document]["marks"] == ["withdrawn: recalled"]


@pytest.mark.parametrize(
    ("evaluation", "reason"),
    [(b"{half", "EVALUATION_UNREADABLE"), (b'{"figures": {"loss": NaN}}', "VALUE_NOT_CANONICAL")],
)
def test_an_evaluation_that_cannot_be_shown_fails_the_pack(world, stub, evaluation, reason):
    world.tell_documents()
    world.tell_dataset()
    version = training_pb2.ModelVersion(name=MODEL, dataset_version=DATASET, evaluation=world.put(evaluation))
    world.tell(MODEL, training.ModelVersionRegistered(version=version))
    assert ended(stub, create(stub).name).failure.reason == reason


def test_a_blob_that_is_gone_fails_the_pack_with_its_reason(world, stub):
    world.tell_documents()
    world.tell_dataset()
    sealed = lambda: stub.ListLogEntries(pb.ListLogEntriesRequest(parent=PROJECT, subject=DATASET)).entries[1:]  # noqa: E731
    wait_for(sealed)
    gone = {"sha256": "0" * 64, "size_bytes": 1}
    world.tell(DATASET, curation.DatasetVersionPublished(version=DATASET, manifest=gone))
    world.tell_model()
    found = ended(stub, create(stub).name)
    assert (found.state, found.failure.reason) == (pb.AuditPack.FAILED, "BLOB_NOT_FOUND")
    with pytest.raises(FailedPrecondition) as error:
        download(stub, found.name)
    assert error.value.reason == "AUDIT_PACK_NOT_READY"


def test_the_same_request_id_is_one_pack(world, stub):
    world.tell_everything()
    first = create(stub, request_id="r1")
    assert create(stub, request_id="r1").name == first.name
    other = f"{PROJECT}/models/steel/versions/2"
    world.tell(other, world_model(other))
    with pytest.raises(Conflict) as error:
        create(stub, other, request_id="r1")
    assert error.value.reason == "REQUEST_ID_REUSED"
    names = [pack.name for pack in stub.ListAuditPacks(pb.ListAuditPacksRequest(parent=PROJECT)).audit_packs]
    assert names == [first.name]


def world_model(name):
    return training.ModelVersionRegistered(version=training_pb2.ModelVersion(name=name))


@pytest.mark.parametrize(
    ("call", "request_", "category", "reason"),
    [
        (
            "CreateAuditPack",
            pb.CreateAuditPackRequest(parent=PROJECT, audit_pack=pb.AuditPack(model_version=MODEL)),
            NotFound,
            "MODEL_VERSION_UNKNOWN",
        ),
        (
            "CreateAuditPack",
            pb.CreateAuditPackRequest(parent="projects/other", audit_pack=pb.AuditPack(model_version=MODEL)),
            Invalid,
            "NAME_INVALID",
        ),
        ("CreateAuditPack", pb.CreateAuditPackRequest(parent=PROJECT), Invalid, "NAME_INVALID"),
        (
            "GetAuditPack",
            pb.GetAuditPackRequest(name=f"{PROJECT}/auditPacks/none"),
            NotFound,
            "AUDIT_PACK_NOT_FOUND",
        ),
        ("GetAuditPack", pb.GetAuditPackRequest(name="x"), Invalid, "NAME_INVALID"),
        ("ListAuditPacks", pb.ListAuditPacksRequest(parent="x"), Invalid, "NAME_INVALID"),
        ("ListAuditPacks", pb.ListAuditPacksRequest(parent=PROJECT, page_token="a"), Invalid, "PAGE_TOKEN_INVALID"),
    ],
)
def test_bad_requests_are_refused_with_a_reason(stub, call, request_, category, reason):
    with pytest.raises(category) as error:
        getattr(stub, call)(request_)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("name", "category", "reason"),
    [(f"{PROJECT}/auditPacks/none", NotFound, "AUDIT_PACK_NOT_FOUND"), ("x", Invalid, "NAME_INVALID")],
)
def test_bad_downloads_are_refused_with_a_reason(stub, name, category, reason):
    with pytest.raises(category) as error:
        download(stub, name)
    assert error.value.reason == reason
