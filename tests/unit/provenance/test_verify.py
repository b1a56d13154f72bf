"""The verifier against packs that were tampered with, by a stranger and by the operator."""

import hashlib
import io
import json
import struct
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli import verify
from services.provenance.adapters.archive import archive
from services.provenance.domain.leaf import Datum
from tests.unit.provenance import packs

MEMBERS = [
    "annex-iv.json", "attestation.json", "dataset/commitments.jsonl", "dataset/ledger-summary.json",
    "dataset/manifest.json", "evaluation.json", "gate-report.json", "lineage.json", "log/checkpoint.txt",
    "log/key.txt", "log/leaves.jsonl", "manifest.json", "ml-bom.cdx.json", "model-card.json", "model-card.md",
    "nist-ai-rmf.json",
]  # fmt: skip


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return packs.make_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def good(signer):
    return packs.pack(signer)


@pytest.fixture
def check(tmp_path):
    """Verifies bytes and returns the findings."""

    def run(data, key=None):
        path = tmp_path / "pack.zip"
        path.write_bytes(data)
        return verify.verify(path, key)

    return run


def files_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def problems(findings):
    return {(found.path.split(" ")[0], found.problem) for found in findings}


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_untouched_pack_has_nothing_to_find(check, good):
    assert check(good) == []
    assert sorted(files_of(good)) == MEMBERS


def test_the_archive_is_the_one_that_its_files_make(good):
    members = sorted(files_of(good).items())
    assert verify.encode_archive(members) == good


@given(files=st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1), st.binary()))
def test_writer_and_verifier_make_the_same_archive(files):
    files = {name.replace("/", "-"): data for name, data in files.items()}
    assert verify.encode_archive(sorted(files.items())) == archive(files)


@pytest.mark.parametrize("name", MEMBERS)
def test_any_changed_byte_of_any_file_is_found_and_named(check, good, name):
    """In place, as a damaged disk does, and in an archive made anew, as a forger does."""
    files = files_of(good)
    for at in {0, len(files[name]) // 3, len(files[name]) // 2, len(files[name]) - 1}:
        changed = files | {name: flipped(files[name], at)}
        place = good.index(files[name]) + at
        for data in (flipped(good, place), archive(changed)):
            assert name in {path for path, _ in problems(check(data))}, (name, at)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_the_whole_archive_is_found(check, good, data):
    at = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(0, 7))
    assert check(good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :])


def test_every_byte_of_names_headers_and_directory_counts(check, good):
    directory = good.index(b"PK\x01\x02")
    for at in [*range(30 + len(MEMBERS[0])), *range(directory, len(good), 5)]:
        assert check(flipped(good, at)), at


@pytest.mark.parametrize("name", MEMBERS)
def test_a_missing_file_is_named(check, good, name):
    files = files_of(good)
    del files[name]
    assert name in {path for path, _ in problems(check(archive(files)))}


def test_an_added_file_is_named(check, good):
    files = files_of(good) | {"notes.txt": b"trust me"}
    assert problems(check(archive(files))) == {("notes.txt", "FILE_UNLISTED")}


def test_a_second_file_of_one_name_is_named(check, good):
    members = sorted(files_of(good).items())
    twice = verify.encode_archive([*members, ("manifest.json", b"{}")])
    assert ("manifest.json", "FILE_TWICE") in problems(check(twice))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_found(check, good, share):
    assert check(good[: int(len(good) * share)])


@pytest.mark.parametrize("more", [b"\x00", b"trailing", b"PK\x05\x06" + bytes(18)])
def test_bytes_before_and_behind_the_archive_are_found(check, good, more):
    assert check(good + more)
    assert check(more + good)


def test_a_compressed_archive_of_the_same_files_is_not_this_pack(check, good):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in files_of(good).items():
            pack.writestr(name, data)
    assert ("(archive)", "ARCHIVE_DAMAGED") in problems(check(stream.getvalue()))


def test_a_size_that_leads_far_outside_is_no_crash(check, good):
    assert check(good[:18] + struct.pack("<I", 0xFFFFFFFF) + good[22:])


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04", b"not a zip" * 50, bytes(1000)])
def test_what_is_no_archive_is_said_to_be_none(check, data):
    assert check(data)


@pytest.mark.parametrize(
    "edit",
    [
        lambda envelope: envelope["signatures"][0].update(keyid="00000000"),
        lambda envelope: envelope["signatures"].append({"keyid": "x", "sig": "AA=="}),
        lambda envelope: envelope.update(note="approved by the board"),
    ],
)
def test_the_envelope_has_one_form(check, good, edit):
    files = files_of(good)
    envelope = json.loads(files["attestation.json"])
    edit(envelope)
    found = check(archive(files | {"attestation.json": verify.canonical(envelope)}))
    assert problems(found) == {("attestation.json", "FILE_CHANGED")}


def test_the_attestation_names_the_checkpoint_of_the_pack(check, signer):
    checkpoint = replace(packs.evidence(signer).checkpoint, size=5)
    assert problems(check(packs.pack(signer, checkpoint=checkpoint))) == {("log/checkpoint.txt", "LINK_BROKEN")}


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    assert [found.problem for found in verify.verify(tmp_path / "none.zip")] == ["UNREADABLE"]


def test_a_manifest_made_to_fit_a_changed_file_is_not_the_signed_one(check, good):
    files = files_of(good)
    files["gate-report.json"] = files["gate-report.json"].replace(b"PASS", b"FAIL")
    manifest = json.loads(files["manifest.json"])
    for row in manifest["files"]:
        if row["path"] == "gate-report.json":
            row["sha256"] = hashlib.sha256(files["gate-report.json"]).hexdigest()
    files["manifest.json"] = verify.canonical(manifest)
    found = problems(check(archive(files)))
    assert {("manifest.json", "FILE_CHANGED"), ("gate-report.json", "LINK_BROKEN")} <= found


def test_a_pack_of_another_key_holds_only_where_no_key_is_pinned(check, good, signer, tmp_path):
    trusted = packs.evidence(signer).checkpoint.verifier_key
    forged = packs.pack(packs.make_signer(tmp_path))
    assert check(good, trusted) == []
    assert check(forged) == []
    found = problems(check(forged, trusted))
    assert ("log/key.txt", "KEY_NOT_TRUSTED") in found
    assert ("attestation.json", "SIGNATURE_INVALID") in found


@pytest.mark.parametrize("key", ["", "name+00000000+AAAA", "x", "a+b"])
def test_a_key_that_is_none_is_refused(check, good, key):
    assert [found.problem for found in check(good, key or "nonsense")] == ["KEY_INVALID"]


# What an operator could do who holds the key and signs a false pack.


def test_a_leaf_that_is_not_in_the_log_is_named(check, signer):
    leaves, _ = packs.logged()
    forged = replace(leaves[3], proof=leaves[2].proof)
    data = packs.pack(signer, leaves=(*leaves[:3], forged, *leaves[4:]))
    findings = check(data)
    assert [(found.path, found.problem) for found in findings] == [("log/leaves.jsonl (leaf 3)", "LEAF_NOT_INCLUDED")]


def test_a_payload_that_the_leaf_does_not_commit_to_is_named(check, signer):
    leaves, _ = packs.logged()
    other = leaves[0].datum.payload.replace("Steel", "Wood")
    forged = replace(leaves[0], datum=Datum(other, leaves[0].datum.salt))
    findings = check(packs.pack(signer, leaves=(forged, *leaves[1:])))
    assert [(found.path, found.problem) for found in findings] == [("log/leaves.jsonl (leaf 0)", "PAYLOAD_CHANGED")]


def test_a_gate_report_that_the_log_does_not_hold_is_named(check, signer):
    better = {**packs.GATE, "checks": [{"name": "gain", "passed": True, "value": 99.0}]}
    assert problems(check(packs.pack(signer, gate=better))) == {("gate-report.json", "LINK_BROKEN")}


def test_a_dataset_manifest_that_the_log_does_not_hold_is_named(check, signer):
    dataset = replace(packs.evidence(signer).dataset, manifest=b'{"files":["other"]}')
    assert problems(check(packs.pack(signer, dataset=dataset))) == {("dataset/manifest.json", "LINK_BROKEN")}


def test_a_dropped_example_is_named(check, signer):
    dataset = packs.evidence(signer).dataset
    dataset = replace(dataset, items=dataset.items[1:])
    assert problems(check(packs.pack(signer, dataset=dataset))) == {("dataset/commitments.jsonl", "LINK_BROKEN")}


def test_a_changed_example_is_named(check, signer):
    dataset = packs.evidence(signer).dataset
    lines = dict(dataset.lines) | {dataset.items[2].commitment: b'{"id":"nicer"}'}
    findings = check(packs.pack(signer, dataset=replace(dataset, lines=lines)))
    where = f"dataset/commitments.jsonl (example {dataset.items[2].example})"
    assert [(found.path, found.problem) for found in findings] == [(where, "DATUM_CHANGED")]


@pytest.mark.parametrize("left_out", [1, 2, 3])
def test_a_leaf_that_a_link_needs_cannot_be_left_out(check, signer, left_out):
    leaves, _ = packs.logged()
    kept = tuple(leaf for leaf in leaves if leaf.entry.index != left_out)
    assert "LINK_BROKEN" in {problem for _, problem in problems(check(packs.pack(signer, leaves=kept)))}


def test_a_checkpoint_that_was_not_signed_is_named(check, signer):
    checkpoint = packs.evidence(signer).checkpoint
    forged = replace(checkpoint, note=checkpoint.note.replace("\n6\n", "\n7\n"), size=7)
    assert ("log/checkpoint.txt", "SIGNATURE_INVALID") in problems(check(packs.pack(signer, checkpoint=forged)))


def test_the_command_says_what_it_found(tmp_path, good, capsys):
    path = tmp_path / "pack.zip"
    path.write_bytes(good)
    assert verify.main([str(path)]) == 0
    assert "the pack's own key" in capsys.readouterr().out
    path.write_bytes(flipped(good, good.index(files_of(good)["gate-report.json"]) + 3))
    assert verify.main([str(path)]) == 1
    assert "gate-report.json: FILE_CHANGED" in capsys.readouterr().out
    assert verify.main([str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["findings"][0]["problem"]) == (False, "ARCHIVE_DAMAGED")
