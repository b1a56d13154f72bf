"""Technical documentation in the order of Annex IV of Regulation (EU) 2024/1689.

A field holds what events and blobs say, or that a person must write it. Prose is never generated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.provenance.domain.evidence import Evidence, Json

MISSING = "MISSING – human"
MUST_BE_SIGNED = ("1.a", "2.g", "5", "8")
"""Points without whose signature the documentation is not final."""

TITLES: Mapping[str, str] = {
    "1.a": "intended purpose, name of the provider, version of the system and its relation to previous versions",
    "1.b": "how the system interacts with hardware or software that is not part of it",
    "1.c": "versions of relevant software or firmware, and requirements on version updates",
    "1.d": "forms in which the system is placed on the market or put into service",
    "1.e": "hardware on which the system is intended to run",
    "1.f": "where it is a component of products: external features, marking and internal layout",
    "1.g": "user interface provided to the deployer",
    "1.h": "instructions for use for the deployer",
    "2.a": "methods and steps of development, including pre-trained systems and third-party tools",
    "2.b": "design specifications: general logic, key design choices, rationale and assumptions, trade-offs",
    "2.c": "system architecture, and computational resources used to develop, train, test and validate",
    "2.d": "data requirements: provenance, scope and characteristics of data sets, selection, labelling, cleaning",
    "2.e": "human oversight measures needed under Article 14",
    "2.f": "pre-determined changes to the system and its performance",
    "2.g": "validation and testing: data, metrics, test logs and reports dated and signed",
    "2.h": "cybersecurity measures",
    "3": "monitoring, functioning and control: capabilities, limitations, accuracy, foreseeable unintended outcomes",
    "4": "appropriateness of the performance metrics",
    "5": "risk management system under Article 9",
    "6": "relevant changes made through the lifecycle",
    "7": "harmonised standards applied, or other solutions",
    "8": "EU declaration of conformity under Article 47",
    "9": "system to evaluate performance after placing on the market, with the monitoring plan under Article 72",
}


@dataclass(frozen=True)
class Known:
    """A fact with the event or blob that says it and where the pack shows that."""

    value: Any
    source: str
    evidence_ref: str


def fields(evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Every field of the annex; several facts of one point have keys such as `1.a.version`."""
    known = _known(evidence)
    rows: dict[str, dict[str, Any]] = {}
    for point, title in TITLES.items():
        told = {key: fact for key, fact in known.items() if key.split("#")[0] == point}
        for key, fact in told.items():
            rows[key.replace("#", ".")] = _row(title, fact.value, fact.source, fact.evidence_ref, "whetstone", "auto")
        # What a person must say stays open beside the facts: a version number is no intended purpose.
        rows[point] = _row(title, MISSING, "", "", "", "draft")
    return rows


def _row(title: str, value: Any, source: str, reference: str, author: str, status: str) -> dict[str, Any]:
    return {
        "title": title,
        "value": value,
        "source": source,
        "evidence_ref": reference,
        "author": author,
        "status": status,
    }


def document(evidence: Evidence, dates: Mapping[str, str]) -> dict[str, Any]:
    """The whole of annex-iv.json. It is final only once a person has approved the points of MUST_BE_SIGNED."""
    rows = fields(evidence)
    unsigned = [point for point in MUST_BE_SIGNED if rows[point]["status"] != "approved"]
    return {
        "model_version": evidence.name,
        "fields": rows,
        "final": not unsigned,
        "unsigned": unsigned,
        "dates": dict(dates),
    }


def missing(rows: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(f"annex-iv {key}" for key, row in rows.items() if row["value"] == MISSING)


def _known(evidence: Evidence) -> dict[str, Known]:
    registered = evidence.reference("ModelVersionRegistered", evidence.name)
    version = _chosen(evidence.version, "name", "adapter_digest", "base", "base_digest", "dataset_version")
    base = _chosen(evidence.version, "base", "base_digest", "training_job")
    known = {
        "1.a#version": Known(version, "event ModelVersionRegistered", registered),
        "2.a#base": Known(base, "event ModelVersionRegistered", registered),
    }
    if evidence.figures:
        known["2.g#figures"] = Known(evidence.figures, "evaluation", "evaluation.json")
    if evidence.synthesis:
        facts = _chosen(evidence.synthesis, "synthesis_job", "generator", "accepted", "rejected")
        where = evidence.reference("SynthesisCompleted", str(evidence.synthesis.get("synthesis_job", "")))
        known["2.d#synthesis"] = Known(facts, "event SynthesisCompleted", where)
    return known | _of_dataset(evidence) | _of_gate(evidence)


def _of_dataset(evidence: Evidence) -> dict[str, Known]:
    dataset = evidence.dataset
    if dataset is None:
        return {}
    facts = _chosen(dataset.facts, "version", "digest", "train_count") | {
        "documents": len(dataset.facts.get("documents", [])),
        "licences": list(evidence.licences),
    }
    where = evidence.reference("DatasetVersionPublished", str(dataset.facts["version"]))
    known = {
        "2.d#dataset": Known(facts, "event DatasetVersionPublished", where),
        "2.d#discards": Known(dict(dataset.discards), "discard ledger", "dataset/ledger-summary.json"),
    }
    decisions = evidence.references("FindingSettled")
    if decisions:
        known["2.d#decisions"] = Known(len(decisions), "events FindingSettled", ", ".join(decisions))
    return known


def _of_gate(evidence: Evidence) -> dict[str, Known]:
    if not evidence.gate:
        return {}
    checks = evidence.gate.get("checks", [])
    figures = {check["name"]: _chosen(check, "value", "interval_low", "interval_high", "unit") for check in checks}
    report = _chosen(evidence.gate, "verdict", "time", "policy_digest") | {"checks": len(checks)}
    return {
        "2.g#gate": Known(report, "event ModelVersionGated", "gate-report.json"),
        "3#figures": Known(figures, "event ModelVersionGated", "gate-report.json"),
    }


def _chosen(facts: Json, *keys: str) -> dict[str, Any]:
    return {key: facts[key] for key in keys if key in facts}
