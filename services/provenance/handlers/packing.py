"""The files of an audit pack, from gathered evidence; the same evidence gives the same bytes."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from services.provenance.domain.documents import annex_iv, bom, card, nist
from services.provenance.domain.evidence import LEAVES, DatasetEvidence, Evidence, LoggedLeaf
from services.provenance.domain.graph import Lineage
from services.provenance.domain.note import Checkpoint, key_id
from services.provenance.ports.outside import Archive, Canonical, Signer

FORMAT = "whetstone-audit-pack/1"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://whetstone.dev/audit-pack/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MANIFEST, ATTESTATION = "manifest.json", "attestation.json"
Files = dict[str, bytes]


class Packer:
    def __init__(self, signer: Signer, canonical: Canonical, archive: Archive, dates: Mapping[str, str]) -> None:
        self._signer, self._canonical, self._archive, self._dates = signer, canonical, archive, dates

    def pack(self, evidence: Evidence) -> tuple[bytes, tuple[str, ...]]:
        """The archive, and the fields in it that a person must still write."""
        files = self._log(evidence) | self._lineage(evidence)
        files |= {"gate-report.json": self._canonical(evidence.gate)}
        if evidence.evaluation:
            files["evaluation.json"] = self._evaluation(evidence)
        if evidence.dataset is not None:
            files |= self._dataset(evidence.dataset)
        documents, missing = self._documents(evidence, set(files))
        files |= documents
        files[MANIFEST] = self._manifest(evidence, files)
        files[ATTESTATION] = self._attestation(evidence, files[MANIFEST])
        return self._archive(files), missing

    def _log(self, evidence: Evidence) -> Files:
        return {
            "log/checkpoint.txt": evidence.checkpoint.note.encode(),
            "log/key.txt": f"{evidence.checkpoint.verifier_key}\n".encode(),
            LEAVES: self._lines(leaf_row(leaf) for leaf in evidence.leaves),
        }

    def _lineage(self, evidence: Evidence) -> Files:
        rows = lineage_rows(evidence.lineage) | {
            "resource": evidence.name,
            # With too many answers to list, only what the model was made from is here.
            "direction": "both" if evidence.lineage_complete else "upstream",
        }
        return {"lineage.json": self._canonical(rows)}

    def _evaluation(self, evidence: Evidence) -> bytes:
        """The document as the trainer wrote it; its hash and figures where questions and answers are kept back."""
        if evidence.discloses:
            return evidence.evaluation
        digest = hashlib.sha256(evidence.evaluation).hexdigest()
        return self._canonical({"sha256": digest, "figures": evidence.figures})

    def _dataset(self, dataset: DatasetEvidence) -> Files:
        outcomes = dict(dataset.discards)
        summary = {"chunks": sum(outcomes.values()), "outcomes": outcomes}
        return {
            "dataset/manifest.json": dataset.manifest,
            "dataset/ledger-summary.json": self._canonical(summary),
            "dataset/commitments.jsonl": self._lines(commitment_rows(dataset)),
        }

    def _documents(self, evidence: Evidence, files: set[str]) -> tuple[Files, tuple[str, ...]]:
        annex = annex_iv.document(evidence, self._dates)
        model_card = card.document(evidence)
        there = files | {"annex-iv.json", "model-card.json", "ml-bom.cdx.json"}
        mapping = nist.document(evidence, there)
        documents = {
            "annex-iv.json": self._canonical(annex),
            "model-card.json": self._canonical(model_card),
            "model-card.md": card.markdown(model_card).encode(),
            "ml-bom.cdx.json": self._canonical(bom.document(evidence)),
            "nist-ai-rmf.json": self._canonical(mapping),
        }
        open_fields = annex_iv.missing(annex["fields"]) + card.missing(model_card) + nist.missing(mapping)
        return documents, open_fields

    def _manifest(self, evidence: Evidence, files: Files) -> bytes:
        rows = [
            {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for path, data in sorted(files.items())
        ]
        manifest = {
            "format": FORMAT,
            "pack": evidence.pack,
            "model_version": evidence.name,
            "dataset_version": str(evidence.dataset.facts["version"]) if evidence.dataset else "",
            "create_time": evidence.create_time,
            "files": rows,
        }
        return self._canonical(manifest)

    def _attestation(self, evidence: Evidence, manifest: bytes) -> bytes:
        """An in-toto Statement (v1) about the manifest in a DSSE envelope (v1)."""
        statement = {
            "_type": STATEMENT,
            "subject": [{"name": MANIFEST, "digest": {"sha256": hashlib.sha256(manifest).hexdigest()}}],
            "predicateType": PREDICATE,
            "predicate": {"model_version": evidence.name, "checkpoint": checkpoint_row(evidence.checkpoint)},
        }
        payload, signer = self._canonical(statement), self._signer
        kind = PAYLOAD_TYPE.encode()
        signature = signer.sign(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
        id_ = key_id(evidence.checkpoint.origin, signer.algorithm, signer.public_key).hex()
        envelope = {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": id_, "sig": base64.b64encode(signature).decode()}],
        }
        return self._canonical(envelope)

    def _lines(self, rows: Iterable[Mapping[str, Any]]) -> bytes:
        return b"".join(self._canonical(row) + b"\n" for row in rows)


def checkpoint_row(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root_hash": checkpoint.root.hex()}


def leaf_row(leaf: LoggedLeaf) -> dict[str, Any]:
    """A leaf with its proof. The payload is text, so that its commitment can be checked without canonicalising."""
    row: dict[str, Any] = {
        "index": leaf.entry.index,
        "leaf": leaf.entry.leaf_json,
        "proof": [digest.hex() for digest in leaf.proof],
    }
    if leaf.datum is not None:
        row |= {"payload": leaf.datum.payload, "salt": leaf.datum.salt.hex()}
    return row


def commitment_rows(dataset: DatasetEvidence) -> Iterable[dict[str, Any]]:
    """Commitments in their order; the example and its salt beside one where they may be shown."""
    for item in dataset.items:
        row: dict[str, Any] = {"example": item.example, "commitment": item.commitment}
        line = dataset.lines.get(item.commitment)
        yield row | {"salt": item.salt.hex(), "datum": line.decode()} if line is not None else row


def lineage_rows(lineage: Lineage) -> dict[str, Any]:
    nodes = [
        {"name": n.name, "kind": n.kind, "label": n.label, "digest": n.digest, "marks": list(n.marks)}
        for n in lineage.nodes
    ]
    edges = [{"from": e.source, "to": e.target, "kind": e.kind} for e in lineage.edges]
    return {"nodes": nodes, "edges": edges}
