"""Greedy generation in batches: prompts sorted by length, padded on the left, finished rows dropped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from training.lora import fused
from training.model import PACKED_ATTENTION
from training.shards import in_parallel, threads


@dataclass(frozen=True)
class Generated:
    """Generated ids, the end token included where it came, and the log-probability of each."""

    ids: list[int]
    logprobs: list[float]


@contextlib.contextmanager
def generating(model: Any, adapter: bool) -> Iterator[Any]:
    """The model set up to generate, with its adapter or without; set back afterwards."""
    base = model.get_base_model()
    base.set_attn_implementation("sdpa")
    try:
        with torch.inference_mode(), fused(model) if adapter else model.disable_adapter():
            yield base
    finally:
        base.set_attn_implementation(PACKED_ATTENTION)


def generate(
    base: Any,
    prompts: Sequence[list[int]],
    max_new_tokens: int | Sequence[int],
    end_ids: Sequence[int],
    batch_size: int = 24,
) -> list[Generated]:
    """Greedy answers to prompts of token ids, in their order; `max_new_tokens` for all or for each.

    `base` comes from `generating`.
    """
    limits = [max_new_tokens] * len(prompts) if isinstance(max_new_tokens, int) else max_new_tokens
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers: list[Generated] = [Generated([], [])] * len(prompts)

    def answer(chosen: list[int]) -> list[Generated]:
        with torch.inference_mode():
            batch = _Batch(base, [prompts[i] for i in chosen], [limits[i] for i in chosen], end_ids)
            while batch.rows:
                batch.step()
            return batch.answers

    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    count = threads(torch.get_num_threads(), base.device)
    # Longest first: what is left for the end is short.
    for chosen, given in zip(batches[::-1], in_parallel(answer, batches[::-1], count), strict=True):
        for i, one in zip(chosen, given, strict=True):
            answers[i] = one
    return answers


class _Batch:
    """Rows that grow together; `rows` are the indices of those still growing."""

    def __init__(self, base: Any, prompts: list[list[int]], limits: list[int], end_ids: Sequence[int]) -> None:
        from transformers import DynamicCache

        self.base, self.end_ids, self.limits = base, set(end_ids), limits
        self.answers = [Generated([], []) for _ in prompts]
        self.rows = list(range(len(prompts)))
        self._cache = DynamicCache(config=base.config)
        longest = max(map(len, prompts))
        # Padding is masked, so its id only has to exist.
        self._ids_BL = torch.tensor([[0] * (longest - len(p)) + p for p in prompts], device=base.device)
        self._mask_BL = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=base.device)
        self._positions_BL = (self._mask_BL.cumsum(1) - 1).clamp(min=0)

    def step(self) -> None:
        """One forward pass and one more token for every growing row."""
        log_p_BV = self._forward()
        best_B = log_p_BV.argmax(-1)
        best = best_B.tolist()
        for row, token, logprob in zip(
            self.rows, best, log_p_BV.gather(1, best_B[:, None])[:, 0].tolist(), strict=True
        ):
            self.answers[row].ids.append(token)
            self.answers[row].logprobs.append(logprob)
        self._ids_BL = best_B[:, None]
        self._mask_BL = torch.cat([self._mask_BL, torch.ones_like(self._ids_BL)], 1)
        self._positions_BL = self._positions_BL[:, -1:] + 1
        self._drop([i for i, token in enumerate(best) if token not in self.end_ids and self._has_room(self.rows[i])])

    def _has_room(self, row: int) -> bool:
        return len(self.answers[row].ids) < self.limits[row]

    def _forward(self) -> torch.Tensor:
        logits: torch.Tensor = self.base(
            input_ids=self._ids_BL,
            attention_mask=self._mask_BL,
            position_ids=self._positions_BL,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        return logits.float().log_softmax(-1)

    def _drop(self, kept: list[int]) -> None:
        """Keeps only rows that go on, so that one long answer doesn't cost a whole batch."""
        if len(kept) == len(self.rows):
            return
        self.rows = [self.rows[i] for i in kept]
        index = torch.tensor(kept, dtype=torch.long, device=self._ids_BL.device)
        self._ids_BL, self._mask_BL = self._ids_BL[index], self._mask_BL[index]
        self._positions_BL = self._positions_BL[index]
        if kept:
            self._cache.batch_select_indices(index)
