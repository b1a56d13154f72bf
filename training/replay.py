"""Holding the adapter to what the base thinks of everyday text, so that learning facts costs little else.

On a few everyday questions with the base's own answers, and on a few passages, the adapted model's next-token
distribution is drawn to the base's (learning without forgetting, Li and Hoiem 2016). The loss is a divergence
between distributions, so it is nothing where the adapter changes nothing, and there is nothing to memorise. No
text here is in the set that forgetting is measured on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.data import Rendered, encode, pack, render_prompt
from training.generate import generate, generating
from training.model import completion_hidden

EVERYDAY = Path(__file__).with_name("data") / "replay.jsonl"
MAX_NEW_TOKENS = 40


@dataclass(frozen=True)
class Replayed:
    """A text, all of which but its first token bears loss, and the base's last hidden state at each place [S, D]."""

    rendered: Rendered
    teacher_SD: torch.Tensor


def everyday(model: Any, tokenizer: Any, end_ids: list[int], count: int) -> list[Replayed]:
    """`count` everyday texts, spread over the kinds there are, as the plain base of a peft model sees them."""
    entries = [json.loads(line) for line in EVERYDAY.read_text().splitlines()]
    count = min(count, len(entries))
    chosen = [entries[i * len(entries) // count] for i in range(count)]
    prompts = [_prompt(tokenizer, entry) for entry in chosen]
    limits = [MAX_NEW_TOKENS if "prompt" in entry else 0 for entry in chosen]
    with generating(model, adapter=False) as base:
        answers = generate(base, prompts, limits, end_ids)
    texts = [p + a.ids for p, a in zip(prompts, answers, strict=True)]
    return [_replayed(model, Rendered(f"replay-{i}", ids[:1], ids[1:])) for i, ids in enumerate(texts)]


def _prompt(tokenizer: Any, entry: dict[str, str]) -> list[int]:
    """A question goes through the chat template, a passage doesn't."""
    if "passage" in entry:
        return encode(tokenizer, entry["passage"])
    return encode(tokenizer, render_prompt(tokenizer, [{"role": "user", "content": entry["prompt"]}]))


@torch.no_grad()
def _replayed(model: Any, rendered: Rendered) -> Replayed:
    with model.disable_adapter():
        return Replayed(rendered, completion_hidden(model, pack([rendered])))
