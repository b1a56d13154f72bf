"""Examples in the trainer's form, and why others were rejected."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DECLINE = "I don't find that in the documents I learnt from."


class Kind(StrEnum):
    FACT = "fact"
    READ = "read"
    DECLINE = "decline"
    TOOL = "tool"
    REPLAY = "replay"


class Split(StrEnum):
    TRAIN = "train"
    HELDOUT_WORDING = "heldout_wording"
    HELDOUT_UNSEEN = "heldout_unseen"


class Reason(StrEnum):
    """Why an example was rejected; stable."""

    ANSWER_NOT_IN_CHUNK = "ANSWER_NOT_IN_CHUNK"
    SUBJECT_MISSING = "SUBJECT_MISSING"
    AMBIGUOUS = "AMBIGUOUS"
    CONDITION_MISSING = "CONDITION_MISSING"
    DUPLICATE_WORDING = "DUPLICATE_WORDING"
    HELDOUT_TOO_CLOSE = "HELDOUT_TOO_CLOSE"
    TOO_LONG = "TOO_LONG"
    EMPTY = "EMPTY"
    SUBJECT_UNCLEAR = "SUBJECT_UNCLEAR"
    PROPERTY_UNCLEAR = "PROPERTY_UNCLEAR"
    VALUE_UNCLEAR = "VALUE_UNCLEAR"


@dataclass(frozen=True)
class Example:
    """One conversation, its last message the completion, and what it is tied to."""

    kind: Kind
    split: Split
    question: str
    answer: str
    fact: str = ""
    wording: str = ""
    chunks: tuple[str, ...] = ()
    document: str = ""
    claims: tuple[str, ...] = ()
    accept: tuple[Mapping[str, Any], ...] = ()
    must_decline: bool = False
    # A passage put before the question, where the answer is to be read.
    passage: str = ""
    tools: tuple[Mapping[str, Any], ...] = ()
    # Name and arguments of the call that answers, where one does.
    call: tuple[str, Mapping[str, Any]] | None = None

    @property
    def prompt(self) -> str:
        if not self.passage:
            return self.question
        return f"Answer from this passage only.\n\n{self.passage}\n\n{self.question}"

    @property
    def id(self) -> str:
        said = [self.kind, self.fact, self.prompt, self.answer, [tool["function"]["name"] for tool in self.tools]]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Reject:
    """An example that is not used, with the reason and a detail for a person."""

    example: Example
    reason: Reason
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a piece of work."""

    accepted: Sequence[Example] = field(default=())
    rejected: Sequence[Reject] = field(default=())


def trainer_json(example: Example, generator: str, time: str) -> dict[str, Any]:
    """The example as a line of the dataset: OpenAI chat messages with the trainer's keys beside them."""
    line: dict[str, Any] = {
        "id": example.id,
        "kind": example.kind.value,
        "messages": [{"role": "user", "content": example.prompt}, _completion(example)],
        "fact_id": example.fact,
        "wording": example.wording,
        "chunk_ids": list(example.chunks),
        "document": example.document,
        "claims": list(example.claims),
        "accept": [dict(form) for form in example.accept],
        "must_decline": example.must_decline,
        "split": example.split.value,
        "generator": generator,
        "time": time,
    }
    return line | ({"tools": [dict(tool) for tool in example.tools]} if example.tools else {})


def _completion(example: Example) -> dict[str, Any]:
    if example.call is None:
        return {"role": "assistant", "content": example.answer}
    name, arguments = example.call
    call = {
        "id": f"call_{example.id[:12]}",
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)},
    }
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def json_lines(values: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n" for value in values).encode()
