"""Examples in, packed batches out: JSON Lines → chat template → ids with a loss mask → batches without padding."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.errors import DatasetEmpty, EmptyCompletion, ExampleInvalid, SequenceTooLong, TemplateUnstable

KINDS = ("fact", "decline", "tool", "read", "replay")


@dataclass(frozen=True)
class Example:
    """One conversation whose last message, the assistant's, bears the loss."""

    id: str
    kind: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    accept: list[dict[str, Any]]
    must_decline: bool
    fact_id: str
    wording: str
    chunk_ids: list[str]
    document: str
    split: str

    @property
    def prompt(self) -> list[dict[str, Any]]:
        """What is said before the completion."""
        return self.messages[:-1]


@dataclass(frozen=True)
class Rendered:
    """An example as token ids. The completion ends with the end token; prompt and completion are tokenised
    apart, as they are when serving, so that both see the same ids."""

    id: str
    prompt_ids: list[int]
    completion_ids: list[int]

    def __len__(self) -> int:
        return len(self.prompt_ids) + len(self.completion_ids)


@dataclass(frozen=True)
class Packed:
    """Several examples laid end to end (T tokens, E examples, S tokens that bear loss).

    `ids_T`, `positions_T` (restarting in each example), `lengths_E`; `predictors_S` are the places whose next
    token is `targets_S`, and `owners_S` the example each belongs to.
    """

    ids_T: torch.Tensor
    positions_T: torch.Tensor
    lengths_E: list[int]
    predictors_S: torch.Tensor
    targets_S: torch.Tensor
    owners_S: torch.Tensor


def read_examples(path: Path) -> list[Example]:
    """All examples of a JSON Lines file. Raises ExampleInvalid naming the line."""
    examples = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip():
            try:
                examples.append(_example(json.loads(line)))
            except (ValueError, KeyError, TypeError) as e:
                raise ExampleInvalid(f"{path.name}:{number}: {type(e).__name__}: {e}") from e
    return examples


def _example(value: dict[str, Any]) -> Example:
    messages = value["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "assistant":
        raise ValueError("the last of at least two messages must be the assistant's")
    if value["kind"] not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    return Example(
        id=str(value["id"]),
        kind=value["kind"],
        messages=messages,
        tools=value.get("tools") or [],
        accept=value.get("accept") or [],
        must_decline=bool(value.get("must_decline", False)),
        fact_id=value.get("fact_id") or "",
        wording=value.get("wording") or "",
        chunk_ids=value.get("chunk_ids") or [],
        document=value.get("document") or "",
        split=value.get("split") or "train",
    )


def render_prompt(tokenizer: Any, messages: list[dict[str, Any]], tools: list[dict[str, Any]] | None = None) -> str:
    """The text before an answer, from the tokenizer's own chat template. Raises TemplateUnstable."""
    text = tokenizer.apply_chat_template(messages, tools=tools or None, tokenize=False, add_generation_prompt=True)
    if tools and tools[0].get("function", tools[0])["name"] not in text:
        raise TemplateUnstable("the base's chat template leaves tools out, so it can't be trained to call them")
    return str(text)


def encode(tokenizer: Any, text: str) -> list[int]:
    """Token ids of rendered text: the template has written its special tokens, so none is added."""
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def render(tokenizer: Any, example: Example, context: int) -> Rendered:
    """An example as ids.

    Raises EmptyCompletion, SequenceTooLong (over `context` tokens) or TemplateUnstable (the prompt isn't a
    prefix of the whole, so a loss mask can't be told).
    """
    prompt = render_prompt(tokenizer, example.prompt, example.tools)
    whole = tokenizer.apply_chat_template(example.messages, tools=example.tools or None, tokenize=False)
    if not whole.startswith(prompt):
        raise TemplateUnstable(f"{example.id}: the rendered prompt isn't a prefix of the rendered conversation")
    completion = _until_end(tokenizer.eos_token, whole[len(prompt) :])
    if not completion.removesuffix(tokenizer.eos_token).strip():
        raise EmptyCompletion(f"{example.id} has an empty completion")
    rendered = Rendered(example.id, encode(tokenizer, prompt), encode(tokenizer, completion))
    if len(rendered) > context:
        raise SequenceTooLong(f"{example.id} has {len(rendered)} tokens, the context holds {context}")
    return rendered


def _until_end(end: str, completion: str) -> str:
    """Cuts what the template writes after the end token, for generation stops there; adds one it leaves out."""
    head, found, _ = completion.rpartition(end)
    return head + end if found else completion.rstrip("\n") + end


def pack(rendered: Sequence[Rendered], multiple: int = 1) -> Packed:
    """Lays examples end to end, and fills up to a multiple of so many tokens with ones that bear no loss.

    Filling keeps the number of different shapes small: every new one costs a CPU kernel built and kept.
    """
    ids: list[int] = []
    positions: list[int] = []
    predictors: list[int] = []
    targets: list[int] = []
    owners: list[int] = []
    for owner, r in enumerate(rendered):
        first = len(ids) + len(r.prompt_ids)
        ids += r.prompt_ids + r.completion_ids
        positions += range(len(r))
        predictors += range(first - 1, first - 1 + len(r.completion_ids))
        targets += r.completion_ids
        owners += [owner] * len(r.completion_ids)
    lengths = [len(r) for r in rendered]
    for length in _filling(-len(ids) % multiple, max(lengths)):
        ids += [0] * length
        positions += range(length)
        lengths.append(length)
    tensors = [torch.tensor(values, dtype=torch.long) for values in (ids, positions, predictors, targets, owners)]
    return Packed(tensors[0], tensors[1], lengths, *tensors[2:])


def _filling(missing: int, longest: int) -> list[int]:
    """Lengths that add up to what is missing, none longer than the longest example."""
    return [longest] * (missing // longest) + ([missing % longest] if missing % longest else [])


def plan(lengths: Sequence[int], batch_tokens: int, epochs: float, seed: int) -> list[list[int]]:
    """Which examples each optimiser step sees, for the whole run; the same for the same arguments.

    Every epoch is shuffled anew and cut greedily into batches of at most `batch_tokens`. Knowing all of it in
    advance makes the step number the only data position that a checkpoint needs.
    """
    if not lengths:
        raise DatasetEmpty("there is no training example")
    if max(lengths) > batch_tokens:
        raise SequenceTooLong(f"an example has {max(lengths)} tokens, a batch holds {batch_tokens}")
    steps: list[list[int]] = []
    whole, part = int(epochs), epochs - int(epochs)
    for epoch in range(whole + (part > 0)):
        batches = _epoch(lengths, batch_tokens, random.Random(f"{seed}/{epoch}"))  # noqa: S311
        steps += batches if epoch < whole else batches[: max(1, round(part * len(batches)))]
    return steps


def _epoch(lengths: Sequence[int], batch_tokens: int, rng: random.Random) -> list[list[int]]:
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    room = 0
    for i in order:
        if lengths[i] > room:
            batches.append([])
            room = batch_tokens
        batches[-1].append(i)
        room -= lengths[i]
    return batches


def show_mask(tokenizer: Any, example: Example, context: int = 1 << 30) -> str:
    """The example's text with what bears loss between ⟦ and ⟧."""
    r = render(tokenizer, example, context)
    return f"{tokenizer.decode(r.prompt_ids)}⟦{tokenizer.decode(r.completion_ids)}⟧"
