"""The thread on the small model, step by step, against what was planted in the example corpus."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from cli.client import Json
from cli.errors import CommandError
from services.chassis.blobs import open_blobs
from services.training.bundles import ADAPTER, MANIFEST, pack, unpack
from tests.e2e import truth as against
from tests.e2e.conftest import TINY, TINY_ENVIRON, World, ended, running, until, whet

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TENANT = "local"


def test_every_document_is_parsed_or_rejected_with_its_reason(tiny: World, truth: Json, corpus: Path) -> None:
    expected = {r["file"]: against.REJECTIONS[r["reason_hint"]] for r in truth["rejects"] if r["expected"] == "reject"}
    rejected = {d["filename"]: d["rejection"]["reason"] for d in tiny.documents if d["state"] == "REJECTED"}
    assert len(expected) == 4
    assert rejected == expected
    parsed = {d["filename"] for d in tiny.documents if d["state"] == "PARSED"}
    assert parsed | set(rejected) == {path.name for path in corpus.iterdir()}


def test_active_content_is_left_out_and_the_words_stay(tiny: World, truth: Json) -> None:
    planted = truth["sanitised"]
    document = next(d for d in tiny.documents if d["filename"] == planted["file"])
    revisions = list(tiny.api.all(f"{document['name']}/revisions", "revisions"))
    chunks = list(tiny.api.all(f"{revisions[0]['name']}/chunks", "chunks"))
    text = " ".join(" ".join(chunk["text"] for chunk in chunks).split())
    assert all(kept in text for kept in planted["keep"])
    assert not [dropped for dropped in planted["drop"] if dropped in text]


def test_contradictions_are_found_and_apparent_ones_are_not_raised(tiny: World, truth: Json) -> None:
    found = against.of_kind(tiny.findings, "CONFLICT")
    real = [planted for planted in truth["conflicts"] if planted["true"]]
    apparent = [planted for planted in truth["conflicts"] if not planted["true"]]
    assert len(real) >= 8
    assert len(apparent) >= 8
    assert against.precision(found, real, tiny.files) >= 0.9
    assert against.recall(found, real, tiny.files) >= 0.8
    assert not [p["id"] for p in apparent if any(against.is_of(one, p, tiny.files) for one in found)]


def test_superseded_editions_are_exactly_the_planted_pairs(tiny: World, truth: Json) -> None:
    found = [against.places(finding, tiny.files) for finding in against.of_kind(tiny.findings, "SUPERSEDED")]
    planted = {(pair["older"], pair["newer"]) for pair in truth["supersession"]}
    assert len(planted) >= 6
    assert {(places[0], places[-1]) for places in found} == planted


def test_repetitions_terms_and_personal_data_are_found(tiny: World, truth: Json) -> None:
    repeated = [against.filenames(f, tiny.files) for f in against.of_kind(tiny.findings, "NEAR_DUPLICATE")]
    planted = [set(pair["files"]) for pair in truth["near_duplicates"]]
    assert sum(pair in repeated for pair in planted) >= 3
    terms = [against.quoted(finding) for finding in against.of_kind(tiny.findings, "TERM")]
    named = [
        any(sum(against.normalised(variant) in text for variant in term["variants"]) >= 2 for text in terms)
        for term in truth["terms"]
    ]
    assert sum(named) >= 5
    personal = {
        (tiny.files[quote["location"]["document"]], quote["text"])
        for finding in against.of_kind(tiny.findings, "PERSONAL_DATA")
        for quote in finding["quotes"]
    }
    wanted = {(item["file"], item["text"]) for item in truth["personal_data"]}
    assert len(personal & wanted) / len(wanted) >= 0.9
    assert not personal & {(item["file"], item["text"]) for item in truth["not_personal"]}


def test_the_injection_is_found_and_nothing_learns_from_it(tiny: World, truth: Json) -> None:
    found = against.of_kind(tiny.findings, "INJECTION")
    for planted in truth["injection"]:
        assert any(against.normalised(planted["quote"]) in against.quoted(finding) for finding in found)
    assert all(finding["decision"]["outcome"] == "DROP" for finding in found)
    chunks = {quote["location"]["chunk"] for finding in found for quote in finding["quotes"]}
    examples = tiny.api.all(f"{tiny.version['name']}/examples", "examples")
    assert not [example["name"] for example in examples if chunks & set(example.get("chunks", []))]


def test_every_decision_has_an_author_and_a_reason(tiny: World) -> None:
    assert tiny.findings
    for finding in tiny.findings:
        assert finding["state"] == "SETTLED"
        assert finding["decision"]["author"].startswith("user:")
        assert finding["decision"]["reason"]
        assert finding["decision"]["outcome"] in finding["outcomes"]


def test_the_ledger_says_what_became_of_every_chunk(tiny: World) -> None:
    version = tiny.version
    discards = {reason: int(count) for reason, count in version["discards"].items() if int(count)}
    assert version["chunkCount"] == version["chunksUsed"] + sum(discards.values())
    entries = list(tiny.api.all(f"{version['name']}/ledgerEntries", "entries"))
    outcomes = Counter(entry["outcome"] for entry in entries)
    assert len({entry["chunk"] for entry in entries}) == len(entries) == version["chunkCount"]
    assert outcomes.pop("USED") == version["chunksUsed"]
    assert outcomes == discards
    chunks = {
        chunk["name"]
        for document in tiny.documents
        for revision in tiny.api.all(f"{document['name']}/revisions", "revisions")
        for chunk in tiny.api.all(f"{revision['name']}/chunks", "chunks")
    }
    assert {entry["chunk"] for entry in entries} == chunks


def test_no_held_out_wording_is_trained_on(tiny: World) -> None:
    version = tiny.version
    prompts: dict[str, set[str]] = {"TRAIN": set(), "HELDOUT_WORDING": set(), "HELDOUT_UNSEEN": set()}
    counts: Counter[str] = Counter()
    for example in tiny.api.all(f"{version['name']}/examples", "examples"):
        prompts[example["split"]].add(against.normalised(example["prompt"]))
        counts[example["split"]] += 1
    fields = {"TRAIN": "trainCount", "HELDOUT_WORDING": "heldoutWordingCount", "HELDOUT_UNSEEN": "heldoutUnseenCount"}
    assert counts == {split: version[field] for split, field in fields.items()}
    assert all(prompts.values())
    assert not prompts["TRAIN"] & (prompts["HELDOUT_WORDING"] | prompts["HELDOUT_UNSEEN"])


def test_the_unseen_part_shares_no_chunk_with_training(tiny: World) -> None:
    by_split: dict[str, set[str]] = {}
    for example in tiny.api.all(f"{tiny.version['name']}/examples", "examples"):
        by_split.setdefault(example["split"], set()).update(example.get("chunks", []))
    assert by_split["HELDOUT_UNSEEN"]
    assert not by_split["HELDOUT_UNSEEN"] & by_split["TRAIN"]


def test_the_gate_refuses_for_no_gain_and_for_nothing_else(tiny: World) -> None:
    gate = tiny.model["gate"]
    assert tiny.run["state"] == "FAILED"
    assert tiny.run["failure"]["reason"] == "GATE_REFUSED"
    assert gate["verdict"] == "REFUSE"
    assert reasons(gate) == {"NO_GAIN"}
    parity = next(check for check in gate["checks"] if check["name"] == "parity")
    assert parity["passed"]
    assert 0 <= parity["value"] < 0.01
    assert "prompts agree" in parity["explanation"]
    assert next(stage for stage in tiny.run["stages"] if stage["id"] == "serve")["state"] == "PENDING"


def test_one_trace_holds_the_command_the_services_and_the_job(tiny: World) -> None:
    found = whet(tiny, "trace", tiny.run["name"])
    spans = found["spans"]
    known = {span["spanId"] for span in spans}
    roots = [span["name"] for span in spans if not span.get("parentId")]
    assert found["traceId"] == tiny.run["traceId"]
    assert roots == ["whet run"]
    assert not [span["name"] for span in spans if span.get("parentId") and span["parentId"] not in known]
    services = {span["service"] for span in spans}
    assert services >= {"whet", "gateway", "ingestion", "curation", "synthesis", "pipelines", "training", "serving"}
    assert any(span["name"] == "training.job" for span in spans)
    assert len(services) >= 8


# Bad adapters: made from the run's own bundle, through the real trainer and the real server.


def reasons(gate: Json) -> set[str]:
    return {check["reason"] for check in gate["checks"] if not check["passed"]}


def spoiled(world: World, folder: Path, spoil: Callable[[str, np.ndarray], np.ndarray]) -> Json:
    """Imports the run's adapter with other weights, has it evaluated and gated; returns the version."""
    blobs = open_blobs("", world.system.folder)
    unpack(blobs.get(TENANT, world.model["bundle"]["sha256"]), folder)
    weights = safetensors.numpy.load_file(folder / ADAPTER)
    changed = safetensors.numpy.save({name: spoil(name, value) for name, value in weights.items()})
    (folder / ADAPTER).write_bytes(changed)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["adapter_digest"] = f"sha256:{hashlib.sha256(changed).hexdigest()}"
    (folder / MANIFEST).write_text(json.dumps(manifest))
    stored = blobs.put(TENANT, pack(folder), "application/x-tar")
    body = {
        "bundle": {"sha256": stored.sha256, "sizeBytes": str(stored.size_bytes), "mediaType": stored.media_type},
        "datasetVersion": world.version["name"],
    }
    version = world.api.post(f"{world.api.parent}/models/bad/versions:import", body)
    job = ended(world.api, version["trainingJob"])
    assert job["state"] == "SUCCEEDED", job
    return gated(world, version["name"])


def gated(world: World, version: str) -> Json:
    before = world.api.get(version).get("gate", {}).get("time")
    world.api.post(f"{version}:gate")

    def judged() -> Json:
        found = world.api.get(version)
        return found if found.get("gate", {}).get("time") not in (None, before) else {}

    return until(judged, 240)


def assert_not_promoted(world: World, version: str) -> None:
    with pytest.raises(CommandError) as error:
        world.api.post(f"{version}:promote", {"reason": "It is said to be good."})
    assert error.value.reason == "GATE_NOT_PASSED"
    assert world.api.get(version)["state"] == "REFUSED"


def test_an_adapter_that_changes_nothing_is_refused(tiny: World, tmp_path: Path) -> None:
    version = spoiled(tiny, tmp_path / "bundle", lambda name, value: np.zeros_like(value))
    assert reasons(version["gate"]) == {"NO_GAIN"}
    assert_not_promoted(tiny, version["name"])


def test_an_adapter_that_forgets_is_refused(tiny: World, tmp_path: Path) -> None:
    """What was learnt with its sign turned, three times as strong: away from the data, and from plain English too."""
    version = spoiled(tiny, tmp_path / "bundle", lambda name, value: -3 * value if "lora_B" in name else value)
    assert reasons(version["gate"]) == {"NO_GAIN", "FORGETS"}
    rise = next(check for check in version["gate"]["checks"] if check["name"] == "forgetting_nll")
    assert rise["reason"] == "FORGETS"
    assert rise["value"] > rise["threshold"] > 0
    assert_not_promoted(tiny, version["name"])


def test_a_server_of_another_precision_breaks_parity(tiny: World) -> None:
    """Last, for it ends the system and starts it again on the same folder."""
    tiny.system.stop()
    other = TINY_ENVIRON | {"WHETSTONE_RUNTIME_PRECISION": "bf16"}
    with running(tiny.system.folder, TINY, environ=other) as world:
        world.run = tiny.run
        version = gated(world, world.model["name"])
        assert reasons(version["gate"]) == {"NO_GAIN", "PARITY_BROKEN"}
        parity = next(check for check in version["gate"]["checks"] if check["name"] == "parity")
        assert "bfloat16" in parity["explanation"]
        assert_not_promoted(world, version["name"])
