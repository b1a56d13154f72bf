"""The log through its RPCs: one leaf per event, proofs, signed checkpoints, erasure, restarts."""

import base64
import json
import stat

import pytest
import sqlalchemy as sa

from cli import verify
from services.chassis import auth, testing
from services.chassis.errors import Denied, Invalid, NotFound
from services.provenance.domain import merkle
from services.provenance.errors import LogInconsistent
from tests.integration.provenance.world import DOCUMENTS, PROJECT, TENANT, make_service, wait_for
from whetstone.ingestion.v1 import events_pb2 as ingestion
from whetstone.provenance.v1 import events_pb2, provenance_pb2_grpc
from whetstone.provenance.v1 import provenance_pb2 as pb

SECRET = "a reason that nobody outside may read"


def withdrawn(name="d", reason=SECRET):
    return ingestion.DocumentWithdrawn(document=f"{PROJECT}/documents/{name}", reason=reason, actor="erin")


def entries(stub, **given):
    return list(stub.ListLogEntries(pb.ListLogEntriesRequest(parent=PROJECT, **given)).entries)


def checkpoint_of(stub, size):
    """The checkpoint once it covers `size` leaves."""

    def ask():
        try:
            found = stub.GetCheckpoint(pb.GetCheckpointRequest(name=f"{PROJECT}/checkpoint"))
        except NotFound:
            return None
        return found if found.size >= size else None

    return wait_for(ask)


def test_every_event_is_one_leaf_without_content(world, stub):
    world.tell_documents()
    event = world.tell(f"{PROJECT}/documents/d", withdrawn())
    found = entries(stub)
    assert [entry.index for entry in found] == [0, 1, 2]
    leaf = json.loads(found[2].leaf_json)
    assert leaf.pop("payload_commitment") != ""
    assert leaf == {
        "event_id": event.id,
        "type": "whetstone.ingestion.v1.DocumentWithdrawn",
        "source": "/whetstone/ingestion",
        "subject": f"{PROJECT}/documents/d",
        "time": "2026-01-01T00:00:00.000000Z",
        "tenant": TENANT,
        "project": "steel",
        "actor": "user:erin@acme.example",
        "trace_id": "ab" * 16,
    }
    assert SECRET not in found[2].leaf_json
    assert found[2].leaf_hash == merkle.leaf_hash(found[2].leaf_json.encode()).hex()


def test_a_redelivered_event_is_no_second_leaf(world, stub):
    event = world.tell(f"{PROJECT}/documents/d", withdrawn())
    world.deliver(event)
    assert len(entries(stub)) == 1


def test_leaves_of_one_source_keep_their_order_and_pages_follow_the_log(world, stub):
    names = [f"{PROJECT}/documents/d{n}" for n in range(12)]
    for name in names:
        world.tell(name, withdrawn())
    seen, token = [], ""
    while True:
        page = stub.ListLogEntries(pb.ListLogEntriesRequest(parent=PROJECT, page_size=5, page_token=token))
        seen += [entry.subject for entry in page.entries]
        token = page.next_page_token
        if not token:
            break
    assert seen == names
    assert [entry.index for entry in entries(stub, subject=names[10])] == [10]


def test_a_tenant_and_a_project_have_logs_of_their_own(world, stub):
    world.tell(f"{PROJECT}/documents/d", withdrawn())
    world.tell("projects/other/documents/d", withdrawn())
    world.tell(f"{PROJECT}/documents/d", withdrawn(), tenant="globex")
    assert [entry.index for entry in entries(stub)] == [0]


def test_the_checkpoint_is_a_signed_note_that_proofs_lead_to(world, stub):
    for n in range(5):
        world.tell(f"{PROJECT}/documents/d{n}", withdrawn())
    found = checkpoint_of(stub, 5)
    verifier = verify.Verifier.parse(found.verifier_key)
    origin, size, root, text, signature = verify.read_note(found.note.encode(), verifier)
    assert (origin, size, base64.b64encode(root).decode()) == (found.origin, 5, found.root_hash)
    assert verifier.signed(text, signature)
    assert origin == "whetstone/acme/steel"
    for entry in entries(stub):
        proof = stub.GetInclusionProof(pb.GetInclusionProofRequest(name=entry.name))
        hashes = [bytes.fromhex(digest) for digest in proof.hashes]
        assert verify.root_from_inclusion(bytes.fromhex(entry.leaf_hash), entry.index, proof.size, hashes) == root


def test_a_later_checkpoint_is_shown_to_continue_an_earlier_one(world, stub):
    for n in range(3):
        world.tell(f"{PROJECT}/documents/d{n}", withdrawn())
    first = checkpoint_of(stub, 3)
    for n in range(4):
        world.tell(f"{PROJECT}/documents/e{n}", withdrawn())
    second = checkpoint_of(stub, 7)
    request = pb.GetConsistencyProofRequest(parent=PROJECT, first=3)
    proof = [bytes.fromhex(digest) for digest in stub.GetConsistencyProof(request).hashes]
    roots = [base64.b64decode(found.root_hash) for found in (first, second)]
    assert merkle.is_consistent(3, roots[0], 7, roots[1], proof)


def test_the_log_rests_after_its_own_checkpoints(world, stub):
    world.tell(f"{PROJECT}/documents/d", withdrawn())
    checkpoint_of(stub, 1)
    said = testing.said(world.store, "whetstone.provenance.v1")
    assert [type(message) for _, message in said] == [events_pb2.CheckpointSigned]
    wait_for(lambda: heard_own(world.store))
    assert [entry.event_type.rsplit(".", 1)[1] for entry in entries(stub)] == ["DocumentWithdrawn"]


def heard_own(store):
    with store.read() as tx:
        query = sa.text("SELECT count(*) FROM inbox WHERE topic = 'whetstone.provenance.v1'")
        return tx.execute(query).scalar()


def test_erased_data_are_gone_and_the_log_still_verifies(world, stub):
    world.tell(f"{PROJECT}/documents/d", withdrawn())
    world.tell(f"{PROJECT}/documents/e", withdrawn())
    before = checkpoint_of(stub, 2)
    stub.EraseLogEntryData(pb.EraseLogEntryDataRequest(name=f"{PROJECT}/logEntries/0"))
    with world.store.read() as tx:
        left = [row.payload for row in tx.execute(sa.text("SELECT payload FROM datums"))]
    assert len(left) == 1
    proof = stub.GetInclusionProof(pb.GetInclusionProofRequest(name=f"{PROJECT}/logEntries/0"))
    assert base64.b64encode(bytes.fromhex(proof.root_hash)).decode() == before.root_hash


def test_only_an_admin_erases(world):
    member = auth.Caller(TENANT, "user:max@acme.example", frozenset({"member"}))
    with testing.served(world.service, member) as channel, pytest.raises(Denied) as error:
        stub = provenance_pb2_grpc.ProvenanceServiceStub(channel)
        stub.EraseLogEntryData(pb.EraseLogEntryDataRequest(name=f"{PROJECT}/logEntries/0"))
    assert error.value.reason == "ROLE_MISSING"


def test_the_key_is_its_owners_alone_and_an_open_one_is_refused(world, tmp_path, completions):
    path = tmp_path / "keys" / "provenance.ed25519"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(Exception, match="0600") as error:
        make_service(tmp_path, completions)
    assert error.value.reason == "SIGNING_KEY_EXPOSED"


def test_a_restart_goes_on_with_the_same_log_and_key(world, tmp_path, completions):
    world.tell(f"{PROJECT}/documents/d", withdrawn())
    with testing.served(world.service) as channel:
        first = checkpoint_of(provenance_pb2_grpc.ProvenanceServiceStub(channel), 1)
    world.service = make_service(tmp_path, completions)
    world.tell(f"{PROJECT}/documents/e", withdrawn())
    with testing.served(world.service) as channel:
        second = checkpoint_of(provenance_pb2_grpc.ProvenanceServiceStub(channel), 2)
    assert second.verifier_key == first.verifier_key


def test_a_crash_between_commitment_and_signature_signs_what_was_committed(world, tmp_path, completions):
    world.tell(f"{PROJECT}/documents/d", withdrawn())
    log = handlers_of(world)
    log._publish = crash
    with pytest.raises(RuntimeError):
        log.sign(TENANT, "steel")
    world.tell(f"{PROJECT}/documents/e", withdrawn())
    world.service = make_service(tmp_path, completions)
    log = handlers_of(world)
    assert log.sign(TENANT, "steel").size == 1
    assert log.sign(TENANT, "steel").size == 2
    sizes = [message.size for _, message in testing.said(world.store, "whetstone.provenance.v1")]
    assert sizes == [1, 2]


def crash(*_):
    raise RuntimeError("killed")


def handlers_of(world):
    return world.service.servicers[0][1]._log


def test_a_changed_tree_is_not_signed(world):
    for n in range(3):
        world.tell(f"{PROJECT}/documents/d{n}", withdrawn())
    log = handlers_of(world)
    log.sign(TENANT, "steel")
    with world.store.begin() as tx:
        tx.execute(sa.text("UPDATE tree SET hash = zeroblob(32) WHERE level = 1"))
    for n in range(3):
        world.tell(f"{PROJECT}/documents/e{n}", withdrawn())
    with pytest.raises(LogInconsistent):
        log.sign(TENANT, "steel")


@pytest.mark.parametrize(
    ("call", "request_", "category", "reason"),
    [
        ("ListLogEntries", pb.ListLogEntriesRequest(parent="folders/x"), Invalid, "NAME_INVALID"),
        ("ListLogEntries", pb.ListLogEntriesRequest(parent=PROJECT, page_size=-1), Invalid, "PAGE_SIZE_INVALID"),
        ("ListLogEntries", pb.ListLogEntriesRequest(parent=PROJECT, page_token="eA=="), Invalid, "PAGE_TOKEN_INVALID"),
        ("GetCheckpoint", pb.GetCheckpointRequest(name=PROJECT), Invalid, "NAME_INVALID"),
        ("GetCheckpoint", pb.GetCheckpointRequest(name="projects/none/checkpoint"), NotFound, "CHECKPOINT_NOT_FOUND"),
        (
            "GetInclusionProof",
            pb.GetInclusionProofRequest(name=f"{PROJECT}/logEntries/7", size=1),
            NotFound,
            "LOG_ENTRY_NOT_FOUND",
        ),
        (
            "GetInclusionProof",
            pb.GetInclusionProofRequest(name=f"{PROJECT}/logEntries/0", size=9),
            Invalid,
            "TREE_SIZE_INVALID",
        ),
        ("GetInclusionProof", pb.GetInclusionProofRequest(name=f"{PROJECT}/logEntries/x"), Invalid, "NAME_INVALID"),
        (
            "GetConsistencyProof",
            pb.GetConsistencyProofRequest(parent=PROJECT, first=2, second=1),
            Invalid,
            "TREE_SIZE_INVALID",
        ),
        ("GetConsistencyProof", pb.GetConsistencyProofRequest(parent=DOCUMENTS[0]), Invalid, "NAME_INVALID"),
        (
            "EraseLogEntryData",
            pb.EraseLogEntryDataRequest(name=f"{PROJECT}/logEntries/9"),
            NotFound,
            "LOG_ENTRY_NOT_FOUND",
        ),
        ("EraseLogEntryData", pb.EraseLogEntryDataRequest(name=PROJECT), Invalid, "NAME_INVALID"),
    ],
)
def test_bad_requests_are_refused_with_a_reason(world, stub, call, request_, category, reason):
    world.tell(f"{PROJECT}/documents/d", withdrawn())
    checkpoint_of(stub, 1)
    with pytest.raises(category) as error:
        getattr(stub, call)(request_)
    assert error.value.reason == reason
