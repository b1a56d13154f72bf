"""The model card, as JSON and as Markdown of the same facts."""

import json
from collections.abc import Mapping
from typing import Any

from services.provenance.domain import fidelity
from services.provenance.domain.documents.annex_iv import MISSING
from services.provenance.domain.evidence import Evidence


def document(evidence: Evidence) -> dict[str, Any]:
    version, dataset = evidence.version, evidence.dataset
    return {
        "model_version": evidence.name,
        "base": {"id": version.get("base", ""), "sha256": version.get("base_digest", "")},
        "adapter": {"sha256": version.get("adapter_digest", "")},
        "training_job": version.get("training_job", ""),
        "evaluation": dict(evidence.figures),
        "dataset": {
            "version": dataset.facts["version"] if dataset else "",
            "digest": dataset.facts.get("digest", "") if dataset else "",
            "examples": dataset.facts.get("train_count", 0) if dataset else 0,
            "documents": len(dataset.facts.get("documents", [])) if dataset else 0,
            "discards": dict(dataset.discards) if dataset else {},
            "licences": list(evidence.licences),
        },
        "gate": dict(evidence.gate),
        "marks": next((list(node.marks) for node in evidence.lineage.nodes if node.name == evidence.name), []),
        "influence_fidelity": fidelity.statement(str(version.get("influence", {}).get("sha256", "")), evidence.figures),
        "intended_use": MISSING,
        "out_of_scope_use": MISSING,
        "limitations": MISSING,
        "contact": MISSING,
    }


def missing(card: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"model-card {key}" for key, value in card.items() if value == MISSING)


def markdown(card: Mapping[str, Any]) -> str:
    """The card's facts as tables; nothing is said that the JSON does not say."""
    lines = [f"# Model card: {card['model_version']}", ""]
    for key, value in card.items():
        if key == "model_version":
            continue
        lines += [f"## {key.replace('_', ' ')}", "", *_shown(key, value), ""]
    return "\n".join(lines)


def _shown(key: str, value: Any) -> list[str]:
    if key == "gate" and value:
        return [f"Verdict: {value.get('verdict', '')}", "", *_checks(value.get("checks", []))]
    if isinstance(value, dict):
        rows = [f"| {name} | {_cell(item)} |" for name, item in value.items()]
        return ["| | |", "|---|---|", *rows] if rows else ["–"]
    if isinstance(value, list):
        return [f"- {_cell(item)}" for item in value] or ["–"]
    return [_cell(value)]


def _checks(checks: list[Mapping[str, Any]]) -> list[str]:
    rows = [
        f"| {_cell(c.get('name', ''))} | {'passed' if c.get('passed') else _cell(c.get('reason', 'failed'))} "
        f"| {c.get('value', '')} {_cell(c.get('unit', ''))} | {c.get('threshold', '')} |"
        for c in checks
    ]
    return ["| check | outcome | value | threshold |", "|---|---|---|---|", *rows]


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("|", "\\|").replace("\n", " ") or "–"
