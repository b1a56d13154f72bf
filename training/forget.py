"""What was lost: a small fixed set of general questions, and the likelihood of general passages, before and after.

The likelihood moves long before an answer does, so it is what a budget is set on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from training.data import Rendered, encode, pack, render_prompt
from training.generate import generate, generating
from training.intervals import difference, rate
from training.model import completion_nll
from training.score import accepts

GENERAL = Path(__file__).with_name("data") / "general.jsonl"
MAX_NEW_TOKENS = 24


def forgetting(model: Any, tokenizer: Any, end_ids: list[int]) -> dict[str, Any]:
    """Right answers and mean NLL per token of base and specialist on the general set, and their differences."""
    entries = [json.loads(line) for line in GENERAL.read_text().splitlines()]
    questions = [e for e in entries if "question" in e]
    passages = [_passage(tokenizer, e["passage"]) for e in entries if "passage" in e]
    right = {name: _answers(model, tokenizer, questions, end_ids, name == "specialist") for name in SYSTEMS}
    nll = {name: _nll(model, passages, name == "specialist") for name in SYSTEMS}
    return {
        "questions": {name: rate(outcomes) for name, outcomes in right.items()},
        "questions_lost": difference([float(x) for x in right["base"]], [float(x) for x in right["specialist"]]),
        "nll": {name: round(sum(values) / len(values), 4) for name, values in nll.items()},
        "nll_increase": difference(nll["specialist"], nll["base"]),
        "set_digest_of": GENERAL.name,
    }


SYSTEMS = ("base", "specialist")


def _passage(tokenizer: Any, text: str) -> Rendered:
    ids = encode(tokenizer, text)
    return Rendered("", ids[:1], ids[1:])


def _answers(
    model: Any, tokenizer: Any, questions: list[dict[str, Any]], end_ids: list[int], adapter: bool
) -> list[bool]:
    prompts = [
        encode(tokenizer, render_prompt(tokenizer, [{"role": "user", "content": q["question"]}])) for q in questions
    ]
    with generating(model, adapter) as base:
        answers = generate(base, prompts, MAX_NEW_TOKENS, end_ids)
    texts = [tokenizer.decode(a.ids, skip_special_tokens=True) for a in answers]
    return [any(accepts({"text": t}, text) for t in q["accept"]) for q, text in zip(questions, texts, strict=True)]


@torch.inference_mode()
def _nll(model: Any, passages: list[Rendered], adapter: bool) -> list[float]:
    """Mean NLL per token of each passage."""
    import contextlib

    with contextlib.nullcontext() if adapter else model.disable_adapter():
        batch = pack(passages)
        nll_S = completion_nll(model, batch)
    return [float(nll_S[batch.owners_S == i].mean()) for i in range(len(passages))]
