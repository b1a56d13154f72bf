"""The demo's expert: settles every finding through the same API that people use, with a reason each."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import yaml

from cli.client import Api, Json
from cli.errors import CommandError

DECISIONS = Path(__file__).parents[1] / "quantumforge" / "decisions.yaml"
# Contradictions come last: a waiting run goes on once none is open.
ORDER = ("SUPERSEDED", "STALE_REFERENCE", "TERM", "NEAR_DUPLICATE", "PERSONAL_DATA", "INJECTION", "CONFLICT")
REASONS = {
    "SUPERSEDED": "The newer edition says that it replaces this one.",
    "STALE_REFERENCE": "The reference is to be read as one to the current edition.",
    "TERM": "One name for one thing.",
    "NEAR_DUPLICATE": "The passages say the same; one is enough.",
    "PERSONAL_DATA": "No need to know it to answer engineering questions.",
    "INJECTION": "A letter gives no orders to our systems.",
    "CONFLICT": "As the product suggests; no better knowledge here.",
}


def settle_all(api: Api, decisions: Path = DECISIONS) -> Counter[str]:
    """Settles every open finding; returns how many by kind."""
    known = yaml.safe_load(decisions.read_text(encoding="utf-8"))
    files = {d["name"]: d["filename"] for d in api.all(f"{api.parent}/documents", "documents")}
    done: Counter[str] = Counter()
    for kind in ORDER:
        for finding in list(api.all(f"{api.parent}/findings", "findings", kind=kind, state="OPEN")):
            done[kind] += settle(api, finding, kind, known, files)
    return done


def settle(api: Api, finding: Json, kind: str, known: Sequence[Json], files: dict[str, str]) -> int:
    outcome, reason = finding["suggestedOutcome"], REASONS[kind]
    if kind == "CONFLICT":
        outcome, reason = decide(finding, known, files) or (outcome, reason)
    body = {"outcome": outcome, "reason": reason, "etag": finding.get("etag", "")}
    if outcome == "PREFER":
        body["note"] = finding.get("topic", "")
    try:
        api.post(f"{finding['name']}:settle", body)
    except CommandError as error:
        # Somebody at the console may be faster; their decision stands.
        if error.reason != "FINDING_ALREADY_SETTLED":
            raise
        return 0
    return 1


def decide(finding: Json, known: Sequence[Json], files: dict[str, str]) -> tuple[str, str] | None:
    """The outcome and the reason where the expert knows which of the two documents holds."""
    sides = [files.get(quote["location"]["document"], "") for quote in finding["quotes"]]
    for decision in known:
        if set(decision["documents"]) == set(sides):
            keep = sides.index(decision["keep"])
            return ("KEEP_FIRST", "KEEP_SECOND")[keep], str(decision["reason"])
    return None
