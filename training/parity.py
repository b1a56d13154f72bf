"""What the trained model says to a few prompts, to be held against what the served one says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.data import Example, encode, render_prompt
from training.evaluate import Evaluator, held_out
from training.files import write_atomic
from training.generate import generate, generating

PARITY = "parity.jsonl"


def record_parity(evaluator: Evaluator, path: Path) -> int:
    """Writes one JSON line a prompt and returns how many.

    Each prompt is asked alone, since padding moves the last bits. A line holds `example_id`, `messages`, `tools`,
    `prompt_text`, `prompt_ids`, `completion_ids`, `logprobs`, `end_token_ids`, `dtype` and `max_new_tokens`.
    """
    chosen = _spread(evaluator)
    lines = []
    with generating(evaluator.model, adapter=True) as base:
        for example in chosen:
            lines.append(json.dumps(_record(evaluator, base, example), ensure_ascii=False) + "\n")
    write_atomic(path, "".join(lines).encode())
    return len(lines)


def _spread(evaluator: Evaluator) -> list[Example]:
    """Prompts evenly over both held-out parts, so that every kind has a chance."""
    questions = [example for examples in held_out(evaluator.spec).values() for example in examples]
    count = min(evaluator.spec.evaluation.parity_prompts, len(questions))
    return [questions[i * len(questions) // count] for i in range(count)]


def _record(evaluator: Evaluator, base: Any, example: Example) -> dict[str, Any]:
    text = render_prompt(evaluator.tokenizer, example.prompt, example.tools)
    ids = encode(evaluator.tokenizer, text)
    limit = evaluator.limit(example)
    (answer,) = generate(base, [ids], limit, evaluator.end_ids)
    return {
        "example_id": example.id,
        "messages": example.prompt,
        "tools": example.tools,
        "prompt_text": text,
        "prompt_ids": ids,
        "completion_ids": answer.ids,
        "logprobs": [round(p, 5) for p in answer.logprobs],
        "end_token_ids": evaluator.end_ids,
        "dtype": str(base.dtype).removeprefix("torch."),
        "max_new_tokens": limit,
    }
