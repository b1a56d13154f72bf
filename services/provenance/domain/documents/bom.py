"""The bill of materials of a model, in the form of CycloneDX 1.7 (ECMA-424) with machine-learning components."""

import uuid
from collections.abc import Mapping
from typing import Any

from services.provenance.domain.evidence import Evidence

SPEC_VERSION = "1.7"


def document(evidence: Evidence) -> dict[str, Any]:
    """The model as the subject; its base, its data set and the documents behind it as components."""
    base, parts = _base(evidence), [*_dataset(evidence), *_documents(evidence)]
    components = ([base] if base else []) + parts
    needed = [part["bom-ref"] for part in components if part["type"] != "file"]
    files = [part["bom-ref"] for part in components if part["type"] == "file"]
    dependencies = [{"ref": evidence.name, "dependsOn": needed}]
    if evidence.dataset is not None:
        dependencies.append({"ref": str(evidence.dataset.facts["version"]), "dependsOn": files})
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC_VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        # Of the content, so that the same pack has the same serial number.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{evidence.pack}#{evidence.name}')}",
        "version": 1,
        "metadata": {"timestamp": evidence.create_time, "component": _model(evidence)},
        "components": components,
        "dependencies": dependencies,
    }


def _model(evidence: Evidence) -> dict[str, Any]:
    version = evidence.version
    parts = evidence.name.split("/")
    card: dict[str, Any] = {
        "modelParameters": {"approach": {"type": "supervised"}, "task": "text-generation"},
    }
    if evidence.dataset is not None:
        card["modelParameters"]["datasets"] = [{"ref": str(evidence.dataset.facts["version"])}]
    metrics = [_metric(check) for check in evidence.gate.get("checks", [])]
    if metrics:
        card["quantitativeAnalysis"] = {"performanceMetrics": metrics}
    return {
        "type": "machine-learning-model",
        "bom-ref": evidence.name,
        "name": parts[-3],
        "version": parts[-1],
        **_hashes(str(version.get("adapter_digest", ""))),
        "modelCard": card,
    }


def _metric(check: Mapping[str, Any]) -> dict[str, Any]:
    metric: dict[str, Any] = {"type": str(check.get("name", "")), "value": str(check.get("value", 0))}
    if "interval_low" in check and "interval_high" in check:
        metric["confidenceInterval"] = {
            "lowerBound": str(check["interval_low"]),
            "upperBound": str(check["interval_high"]),
        }
    return metric


def _base(evidence: Evidence) -> dict[str, Any] | None:
    base = str(evidence.version.get("base", ""))
    if not base:
        return None
    digest = str(evidence.version.get("base_digest", ""))
    return {"type": "machine-learning-model", "bom-ref": f"base:{base}", "name": base, **_hashes(digest)}


def _dataset(evidence: Evidence) -> list[dict[str, Any]]:
    if evidence.dataset is None:
        return []
    facts = evidence.dataset.facts
    version = str(facts["version"])
    data: dict[str, Any] = {"type": "dataset", "name": version}
    return [
        {
            "type": "data",
            "bom-ref": version,
            "name": version.split("/")[-3],
            "version": version.split("/")[-1],
            **_hashes(str(facts.get("digest", ""))),
            "data": [data],
        }
    ]


def _documents(evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {"type": "file", "bom-ref": node.name, "name": node.label or node.name, **_hashes(node.digest)}
        for node in evidence.lineage.nodes
        if node.kind == "revision"
    ]


def _hashes(digest: str) -> dict[str, Any]:
    """A SHA-256; a digest of another form is left out, for the schema takes none."""
    digest = digest.removeprefix("sha256:")
    whole = len(digest) == 64 and all(c in "0123456789abcdef" for c in digest)
    return {"hashes": [{"alg": "SHA-256", "content": digest}]} if whole else {}
