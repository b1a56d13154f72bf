"""Building a dataset version: splits checked against each other, every chunk accounted for. Pure and deterministic."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.curation.domain.curated import Curated
from services.curation.domain.datasets import LedgerEntry, Outcome
from services.curation.errors import DatasetContaminated, DatasetEmpty, ExamplesUnreadable, LedgerUnbalanced
from services.curation.understanding import duplicates

TRAIN, WORDING, UNSEEN = "train", "heldout_wording", "heldout_unseen"
SPLITS = (TRAIN, WORDING, UNSEEN)
# Word shingles of prompts this alike are one wording.
MIN_ALIKE = 0.9
_KEYS = ("id", "kind", "messages", "split")
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Built:
    """Example lines by split, in the order of their ids; the ledger in the order of chunks; rejected (id, reason)."""

    examples: Mapping[str, tuple[Line, ...]]
    ledger: tuple[LedgerEntry, ...]
    rejected: tuple[tuple[str, str], ...]

    def discards(self) -> dict[str, int]:
        return dict(sorted(Counter(e.outcome for e in self.ledger if e.outcome != Outcome.USED).items()))


def build(curated: Curated, lines: Sequence[Line], rejects: Sequence[Line], clusters: Mapping[str, str]) -> Built:
    """Verifies the splits that the examples came with and accounts for every chunk.

    `clusters` maps chunks to their near-duplicate cluster. Raises ExamplesUnreadable, DatasetContaminated,
    DatasetEmpty, LedgerUnbalanced.
    """
    examples = _checked(lines)
    usable = {chunk.id for chunk in curated.chunks}
    rejected = {e["id"]: "CHUNK_EXCLUDED" for e in examples if not set(_chunks(e)) <= usable}
    kept = [e for e in examples if e["id"] not in rejected]
    _check_unseen(kept)
    rejected |= _near_unseen(kept, clusters)
    rejected |= _too_close([e for e in kept if e["id"] not in rejected])
    kept = [e for e in kept if e["id"] not in rejected]
    rejected |= _untrained_wordings(kept)
    kept = [e for e in kept if e["id"] not in rejected]
    by_split = {split: tuple(e for e in kept if e["split"] == split) for split in SPLITS}
    if not by_split[TRAIN]:
        raise DatasetEmpty("no training example is left", examples=str(len(examples)), rejected=str(len(rejected)))
    refused = [*rejects, *(e for e in examples if e["id"] in rejected)]
    ledger = _ledger(curated, by_split, refused)
    return Built(by_split, ledger, tuple(sorted(rejected.items())))


def _checked(lines: Iterable[Line]) -> list[Line]:
    """Examples by id, once each, without the time, which is no part of the content."""
    found: dict[str, Line] = {}
    for line in lines:
        if not all(line.get(key) for key in _KEYS) or line["split"] not in SPLITS or not _is_chat(line["messages"]):
            raise ExamplesUnreadable(f"an example lacks one of {', '.join(_KEYS)}: {str(line)[:200]}")
        found[line["id"]] = {key: value for key, value in line.items() if key != "time"}
    return [found[name] for name in sorted(found)]


def _is_chat(messages: Any) -> bool:
    return isinstance(messages, list) and len(messages) > 1 and messages[-1].get("role") == "assistant"


def _chunks(example: Line) -> list[str]:
    return list(example.get("chunk_ids") or ())


def prompt(example: Line) -> str:
    return "\n".join(str(m.get("content") or "") for m in example["messages"][:-1])


def completion(example: Line) -> str:
    last = example["messages"][-1]
    calls = [call["function"] for call in last.get("tool_calls") or ()]
    return str(last.get("content") or "") + "".join(f"{call['name']}({call['arguments']})" for call in calls)


def normal(text: str) -> str:
    """A prompt without case, punctuation and white space."""
    return " ".join(re.findall(r"\w+(?:[.,]\d+)*", text.lower()))


def _check_unseen(examples: Sequence[Line]) -> None:
    """The unseen part shares no fact, chunk or document with training; where it does, the split itself is wrong."""
    train = [e for e in examples if e["split"] != UNSEEN]
    unseen = [e for e in examples if e["split"] == UNSEEN]
    for name in ("fact_id", "document"):
        shared = {str(e.get(name) or "") for e in train} & {str(e.get(name) or "") for e in unseen} - {""}
        if shared:
            raise DatasetContaminated(
                f"trained on and held out as unseen: {', '.join(sorted(shared)[:5])}", shared=name
            )
    shared = {c for e in train for c in _chunks(e)} & {c for e in unseen for c in _chunks(e)}
    if shared:
        raise DatasetContaminated(f"trained on and held out as unseen: {', '.join(sorted(shared)[:5])}", shared="chunk")


def _near_unseen(examples: Sequence[Line], clusters: Mapping[str, str]) -> dict[str, str]:
    """Training examples on a passage that repeats one of the unseen part."""
    held = {clusters[c] for e in examples if e["split"] == UNSEEN for c in _chunks(e) if c in clusters}
    near = [e for e in examples if e["split"] != UNSEEN and any(clusters.get(c) in held for c in _chunks(e))]
    return {e["id"]: "NEAR_UNSEEN_PASSAGE" for e in near}


def _too_close(examples: Sequence[Line]) -> dict[str, str]:
    """Training examples whose prompt is a held-out one, or nearly: the test is worth more than the example."""
    texts = {e["id"]: normal(prompt(e)) for e in examples}
    held = {e["id"] for e in examples if e["split"] != TRAIN}
    same = defaultdict(set)
    for name in held:
        same[texts[name]].add(name)
    close = {e["id"]: "HELDOUT_PROMPT" for e in examples if e["id"] not in held and texts[e["id"]] in same}
    for pair in duplicates.pairs(texts, min_jaccard=MIN_ALIKE, min_containment=2.0, min_words=1):
        inside = [name for name in (pair.first, pair.second) if name not in held]
        if len(inside) == 1:
            close.setdefault(inside[0], "NEAR_HELDOUT_PROMPT")
    return close


def _untrained_wordings(examples: Sequence[Line]) -> dict[str, str]:
    """Held-out wordings of facts that no training example teaches: they would measure something else."""
    taught = {e.get("fact_id") for e in examples if e["split"] == TRAIN}
    lost = [e for e in examples if e["split"] == WORDING and e.get("fact_id") and e["fact_id"] not in taught]
    return {e["id"]: "FACT_NOT_TRAINED" for e in lost}


def _ledger(
    curated: Curated, by_split: Mapping[str, Sequence[Line]], refused: Sequence[Line]
) -> tuple[LedgerEntry, ...]:
    used, held, lost = (_by_chunk(part) for part in (by_split[TRAIN], [*by_split[WORDING], *by_split[UNSEEN]], refused))
    claimed = {claim.chunk for claim in curated.claims}
    entries = [LedgerEntry(one.chunk, one.outcome, one.detail) for one in curated.exclusions]
    for chunk in curated.chunks:
        if chunk.id in used:
            entries.append(LedgerEntry(chunk.id, Outcome.USED, "", tuple(used[chunk.id])))
        elif chunk.id in held:
            entries.append(LedgerEntry(chunk.id, Outcome.HELD_OUT, "", tuple(held[chunk.id])))
        else:
            outcome, detail = _unused(curated, chunk.id, claimed, lost)
            entries.append(LedgerEntry(chunk.id, outcome, detail, tuple(lost.get(chunk.id, ()))))
    entries.sort(key=lambda entry: entry.chunk)
    _balance(entries, curated)
    return tuple(entries)


def _unused(curated: Curated, chunk: str, claimed: set[str], lost: Mapping[str, list[str]]) -> tuple[str, str]:
    if chunk in lost:
        return Outcome.EXAMPLES_REJECTED, f"{len(lost[chunk])} examples were rejected"
    if chunk in claimed:
        return Outcome.NO_EXAMPLE, "its claims gave no example"
    if chunk in curated.contested:
        return Outcome.CONTESTED, "its claims take part in a contradiction that nobody has settled"
    if chunk in curated.settled_away:
        return Outcome.SETTLED_AWAY, "a decision took its claims out"
    return Outcome.NO_CLAIM, "it states nothing that could be asked about"


def _by_chunk(examples: Iterable[Line]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        for chunk in _chunks(example):
            found[chunk].append(str(example["id"]))
    return {chunk: sorted(set(ids)) for chunk, ids in found.items()}


def _balance(entries: Sequence[LedgerEntry], curated: Curated) -> None:
    """Every chunk once: the sum that the ledger promises."""
    names = {entry.chunk for entry in entries}
    if len(names) != len(entries) or len(entries) != curated.chunk_count:
        raise LedgerUnbalanced(
            f"{len(entries)} entries for {curated.chunk_count} chunks", chunks=str(curated.chunk_count)
        )
