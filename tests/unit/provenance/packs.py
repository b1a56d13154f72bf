"""An audit pack made in memory, from evidence that tests can bend."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

from services.provenance.adapters.archive import archive
from services.provenance.adapters.canonical import canonical
from services.provenance.adapters.signer import FileSigner
from services.provenance.domain import merkle, note
from services.provenance.domain import snapshot as snapshots
from services.provenance.domain.evidence import DatasetEvidence, Evidence, LoggedLeaf
from services.provenance.domain.graph import Edge, Lineage, Node
from services.provenance.domain.leaf import Datum, Entry, Leaf, commitment
from services.provenance.domain.note import Checkpoint
from services.provenance.domain.snapshot import Item
from services.provenance.handlers.packing import Packer

MODEL, DATASET = "projects/p/models/m/versions/1", "projects/p/datasets/d/versions/1"
ORIGIN = "whetstone/acme/p"
MANIFEST = b'{"files":[]}'
LINES = [f'{{"id":"e{n}"}}'.encode() for n in range(5)]
GATE = {"verdict": "PASS", "checks": [{"name": "gain", "passed": True, "value": 91.0}]}


def items():
    made = [Item(f"e{n}", commitment(bytes([n]) * 32, line), bytes([n]) * 32) for n, line in enumerate(LINES)]
    return tuple(snapshots.ordered(made))


def payloads():
    """Subject, event type and message of each leaf."""
    published = {"version": DATASET, "digest": "d" * 64, "documents": ["projects/p/documents/a"]}
    published["manifest"] = {"sha256": hashlib.sha256(MANIFEST).hexdigest()}
    version = {"name": MODEL, "dataset_version": DATASET, "adapter_digest": "a" * 64, "base": "tiny"}
    sealed = {"dataset_version": DATASET, "root_hash": snapshots.root([item.commitment for item in items()])}
    return [
        ("projects/p/documents/a", "ingestion.v1.DocumentIngested", {"title": "Steel — général"}),
        (DATASET, "curation.v1.DatasetVersionPublished", published),
        (DATASET, "provenance.v1.SnapshotSealed", sealed),
        (MODEL, "training.v1.ModelVersionRegistered", {"version": version}),
        (MODEL, "training.v1.ModelVersionGated", {"version": MODEL, "report": GATE}),
        ("projects/p/completions/c", "serving.v1.CompletionServed", {"completion": "c"}),
    ]


def logged():
    """The leaves with proofs in the tree of all of them, and that tree's root."""
    entries, data = [], []
    for index, (subject, kind, message) in enumerate(payloads()):
        datum = Datum(canonical(message).decode(), bytes([index]) * 32)
        leaf = Leaf(
            event_id=f"event-{index}",
            type=f"whetstone.{kind}",
            source="/whetstone/test",
            subject=subject,
            time="2026-01-01T00:00:00.000000Z",
            tenant="acme",
            project="p",
            actor="erin",
            trace_id="",
            payload_commitment=commitment(datum.salt, datum.payload.encode()),
        )
        text = canonical(leaf.fields()).decode()
        entries.append(Entry(index, leaf, text, merkle.leaf_hash(text.encode())))
        data.append(datum)
    nodes, size = merkle.of_leaves([entry.leaf_hash for entry in entries]), len(entries)
    leaves = [
        LoggedLeaf(entry, tuple(merkle.inclusion(nodes, entry.index, size)), datum)
        for entry, datum in zip(entries, data, strict=True)
    ]
    return tuple(leaves), merkle.root(nodes, size)


def signed(signer, size, root):
    name = ORIGIN
    text = note.body(name, size, root)
    return Checkpoint(
        "p",
        size,
        root,
        datetime(2026, 1, 1, tzinfo=UTC),
        note.signed(text, name, signer.algorithm, signer.public_key, signer.sign(text.encode())),
        name,
        note.verifier_key(name, signer.algorithm, signer.public_key),
    )


def evidence(signer, **changes):
    leaves, root = logged()
    found = Evidence(
        pack="projects/p/auditPacks/1",
        name=MODEL,
        create_time="2026-01-01T00:00:00.000000Z",
        version=payloads()[3][2]["version"],
        lineage=Lineage((Node(MODEL, "model-version"),), (Edge(DATASET, MODEL, "trained-on"),)),
        lineage_complete=True,
        leaves=leaves,
        checkpoint=signed(signer, len(leaves), root),
        dataset=DatasetEvidence(
            payloads()[1][2],
            MANIFEST,
            {"USED": 3, "BOILERPLATE": 2},
            items(),
            {item.commitment: LINES[int(item.example[1:])] for item in items()},
        ),
        gate=GATE,
        evaluation=json.dumps({"figures": {"accuracy": 0.9}, "answers": ["secret"]}).encode(),
        figures={"accuracy": 0.9},
        licences=("internal",),
    )
    return replace(found, **changes)


def pack(signer, **changes):
    """The archive of the evidence, signed by `signer`, with these parts of the evidence changed."""
    dates = {"annex-iii-duties-from": "2027-12-02"}
    return Packer(signer, canonical, archive, dates).pack(evidence(signer, **changes))[0]


def make_signer(folder):
    return FileSigner(folder / "key")
