"""What the base says about everyday things, to be trained on beside the facts, so that it goes on saying it.

The base's own answers (self-distillation, Yang et al. 2024) rather than anyone's: they cost the adapter nothing
where it stays as it was. No prompt here is in the set that forgetting is measured on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.data import Rendered, encode, render_prompt
from training.generate import generate, generating

PROMPTS = Path(__file__).with_name("data") / "replay.jsonl"
MAX_NEW_TOKENS = 40


def base_answers(model: Any, tokenizer: Any, end_ids: list[int], count: int) -> list[Rendered]:
    """`count` everyday prompts, spread over the kinds there are, with the plain base's greedy answers."""
    prompts = [json.loads(line) for line in PROMPTS.read_text().splitlines()]
    count = min(count, len(prompts))
    chosen = [prompts[i * len(prompts) // count] for i in range(count)]
    ids = [_encoded(tokenizer, prompt) for prompt in chosen]
    with generating(model, adapter=False) as base:
        answers = generate(base, ids, MAX_NEW_TOKENS, end_ids)
    return [Rendered(f"replay-{i}", p, a.ids) for i, (p, a) in enumerate(zip(ids, answers, strict=True)) if a.ids]


def _encoded(tokenizer: Any, prompt: dict[str, str]) -> list[int]:
    """A question goes through the chat template, the opening of a text doesn't."""
    if "opening" in prompt:
        return encode(tokenizer, prompt["opening"])
    return encode(tokenizer, render_prompt(tokenizer, [{"role": "user", "content": prompt["prompt"]}]))
