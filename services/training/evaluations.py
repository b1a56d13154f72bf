"""The evaluation of a version as one document: what the trainer measured, with every answer and the parity prompts.

The trainer writes figures, answers and parity prompts into files of their own; the held-out files say what was asked.
Put together they are all that the gate judges by.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.training.domain.evaluation import (
    HELDOUT_UNSEEN,
    HELDOUT_WORDING,
    Answer,
    Evaluation,
    Forgetting,
    ParityPrompt,
    ParityReference,
)
from services.training.errors import ResultInvalid

SCHEMA = 1
PARTS = {"heldout_wordings": HELDOUT_WORDING, "heldout_unseen": HELDOUT_UNSEEN}
_CALL = re.compile(r"<tool_call>")


def collect_evaluation(folder: Path, result: Mapping[str, Any]) -> bytes | None:
    """The document of an attempt's folder as JSON; None where nothing was evaluated. Raises KeyError, ValueError."""
    if not result.get("evaluation"):
        return None
    dataset = json.loads((folder / "spec.json").read_text())["dataset"]
    asked = {
        line["id"]: line | {"part": part}
        for file, part in PARTS.items()
        if dataset.get(file)
        for line in _lines(Path(dataset[file]))
    }
    parity = next((path for path in (folder / "bundle", folder) if (path / "parity.jsonl").exists()), None)
    document = {
        "schema": SCHEMA,
        "figures": result["evaluation"],
        "answers": _answers(_lines(folder / "answers.jsonl"), asked),
        "parity": _lines(parity / "parity.jsonl") if parity else [],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line.strip()]


def _answers(rows: Iterable[Mapping[str, Any]], asked: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One entry a question with each system's answer, in the order of the questions."""
    entries: dict[str, dict[str, Any]] = {}
    for row in rows:
        question = asked[row["id"]]
        entry = entries.setdefault(row["id"], _entry(question))
        entry["correct"][row["system"]] = is_right(question, row)
        entry["said"][row["system"]] = row["answer"]
    return list(entries.values())


def _entry(question: Mapping[str, Any]) -> dict[str, Any]:
    last = question["messages"][-1]
    return {
        "id": question["id"],
        "part": question["part"],
        "kind": question["kind"],
        "fact_id": question.get("fact_id", ""),
        "question": question["messages"][-2].get("content", ""),
        "expected": last.get("content") or last.get("tool_calls"),
        "must_decline": bool(question.get("must_decline")),
        "must_call": bool(last.get("tool_calls")),
        "correct": {},
        "said": {},
    }


def is_right(question: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """The trainer's verdict; where tools are on offer and none is due, what counts is that none was called."""
    must_not_call = question["kind"] == "tool" and not question["messages"][-1].get("tool_calls")
    return not _CALL.search(row["answer"]) if must_not_call else bool(row["correct"])


def read_evaluation(data: bytes) -> Evaluation:
    """The document as the gate judges it. Raises ResultInvalid."""
    try:
        value = json.loads(data)
        return Evaluation(
            tuple(_answer(answer) for answer in value["answers"]),
            _forgetting(value["figures"].get("forgetting")),
            _parity(value["parity"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultInvalid(f"the evaluation can't be read: {type(error).__name__}: {error}") from error


def _answer(value: Mapping[str, Any]) -> Answer:
    return Answer(
        value["id"],
        value["part"],
        value["kind"],
        value["fact_id"] or value["id"],
        {str(system): bool(right) for system, right in value["correct"].items()},
        value["must_decline"],
        value["must_call"],
    )


def _forgetting(value: Mapping[str, Any] | None) -> Forgetting | None:
    if not value or not value["questions"]["base"]["n"]:
        return None
    questions, nll = value["questions"], value["nll"]
    return Forgetting(
        int(questions["base"]["n"]),
        float(questions["base"]["rate"]),
        float(questions["specialist"]["rate"]),
        float(nll["base"]),
        float(nll["specialist"]),
    )


def _parity(lines: Sequence[Mapping[str, Any]]) -> ParityReference | None:
    if not lines:
        return None
    first = lines[0]
    return ParityReference(
        str(first["dtype"]), _ids(first["end_token_ids"]), tuple(_prompt(n, line) for n, line in enumerate(lines))
    )


def _prompt(number: int, line: Mapping[str, Any]) -> ParityPrompt:
    return ParityPrompt(
        f"{number}-{line['example_id']}",
        json.dumps(line["messages"], ensure_ascii=False),
        json.dumps(line["tools"], ensure_ascii=False) if line.get("tools") else "",
        _ids(line["prompt_ids"]),
        _ids(line["completion_ids"]),
        tuple(float(logprob) for logprob in line["logprobs"]),
        int(line["max_new_tokens"]),
    )


def _ids(values: Sequence[Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)
