"""Per-example gradients of a LoRA adapter, sketched as they arise, from one backward pass over a packed batch."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves `apply` untyped)

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from training.data import Packed
from training.model import PACKED_ATTENTION, HeadLoss, PackLayout

SKETCH = 8192


@dataclass(frozen=True)
class LoraState:
    """One linear layer's adapter at a checkpoint: A [r, in], B [out, r], and what each gradient entry is
    multiplied by, in A's shape and B's transposed one."""

    a_RI: torch.Tensor
    b_OR: torch.Tensor
    scale_a_RI: torch.Tensor
    scale_b_RO: torch.Tensor


class Collector:
    """The sketches of the batch in hand, [E, m] in fp32."""

    def __init__(self, layout: PackLayout, rank: int) -> None:
        self.layout = layout
        grid_L = torch.arange(layout.longest)
        lengths_E = torch.bincount(layout.inverse // layout.longest, minlength=layout.examples)
        self.mask_EL1 = (grid_L[None] < lengths_E[:, None])[..., None]
        self.sketch_ERW = torch.zeros(layout.examples, rank, SKETCH // rank)


class Fold:
    """A sparse JL projection of [r, n] matrices to [r, w]: each entry goes to one place with one sign.

    Columns are permuted and folded, so places fill evenly; rows are permuted; signs are a row's times a
    column's. Every parameter matrix has one of its own, drawn from `seed`, so that sums over matrices keep
    inner products in expectation (Kane and Nelson 2014, with one entry a column).
    """

    def __init__(self, rows: int, columns: int, scale_RN: torch.Tensor, generator: torch.Generator) -> None:
        self.width = SKETCH // rows
        folds = -(-columns // self.width)
        self.columns = torch.randperm(folds * self.width, generator=generator)
        self.rows = torch.randperm(rows, generator=generator)
        signs_R, signs_N = (torch.randint(0, 2, (n,), generator=generator) * 2 - 1 for n in (rows, columns))
        self.weight_RN = scale_RN.float() * signs_R[:, None] * signs_N[None]
        self.padding = folds * self.width - columns

    def add(self, into_ERW: torch.Tensor, gradient_ERN: torch.Tensor) -> None:
        """Adds the projection of one matrix's gradients."""
        spread = F.pad(gradient_ERN * self.weight_RN, (0, self.padding))[:, self.rows][:, :, self.columns]
        into_ERW += spread.unflatten(2, (-1, self.width)).sum(2)


class SketchLinear(nn.Module):
    """A linear layer with an adapter whose per-example gradients go to a collector instead of to parameters."""

    def __init__(self, base: nn.Linear, state: LoraState, scaling: float, generator: torch.Generator) -> None:
        super().__init__()
        self.base, self.scaling = base, scaling
        self.collector: Collector | None = None
        # Requires a gradient only so that autograd calls our backward in the first layer, too.
        self.a = nn.Parameter(state.a_RI)
        self.b = state.b_OR
        rank = state.a_RI.shape[0]
        self.fold_a = Fold(rank, base.in_features, state.scale_a_RI, generator)
        self.fold_b = Fold(rank, base.out_features, state.scale_b_RO, generator)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x [1, T, in] → [1, T, out]."""
        y: torch.Tensor = _SketchFunction.apply(x, self.a, self)
        return y


class _SketchFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, a: torch.Tensor, layer: SketchLinear) -> torch.Tensor:
        x_TI = x[0]
        a_RI, b_OR = a.to(x.dtype), (layer.b * layer.scaling).to(x.dtype)
        xa_TR = x_TI @ a_RI.t()
        ctx.save_for_backward(x_TI, a_RI, b_OR, xa_TR)
        ctx.layer = layer
        return torch.addmm(F.linear(x_TI, layer.base.weight, layer.base.bias), xa_TR, b_OR.t())[None]

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor | None, None, None]:
        x_TI, a_RI, b_OR, xa_TR = ctx.saved_tensors
        layer: SketchLinear = ctx.layer
        g_TO = upstream[0][0]
        gxa_TR = g_TO @ b_OR
        _collect(layer, layer.fold_a, gxa_TR, x_TI)
        _collect(layer, layer.fold_b, xa_TR * layer.scaling, g_TO)
        needs = ctx.needs_input_grad[0]
        return (torch.addmm(g_TO @ layer.base.weight, gxa_TR, a_RI)[None] if needs else None), None, None


def _collect(layer: SketchLinear, fold: Fold, narrow_TR: torch.Tensor, wide_TN: torch.Tensor) -> None:
    """Sums the outer products of each example's tokens, [E, r, n], and folds them into the sketch."""
    collector = layer.collector
    if collector is None:
        raise RuntimeError("a sketching layer ran outside `sketch`")
    narrow_ELR = collector.layout.to_grid(narrow_TR) * collector.mask_EL1
    gradient_ERN = (narrow_ELR.transpose(1, 2) @ collector.layout.to_grid(wide_TN)).float()
    fold.add(collector.sketch_ERW, gradient_ERN)


class SketchModel:
    """A base model's module tree, copied, with its weights shared and one checkpoint's adapter in it.

    The copy is its own: a serving process can go on generating with the original, whatever adapters that has.
    """

    def __init__(self, model: Any, states: dict[str, LoraState], scaling: float, seed: int) -> None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.base = copy.deepcopy(base, {id(t): t for t in (*base.parameters(), *base.buffers())})
        self.base.set_attn_implementation(PACKED_ATTENTION)
        for name, module in list(self.base.named_modules()):
            if hasattr(module, "base_layer"):  # a peft layer: what it adds isn't this checkpoint's
                self.base.set_submodule(name, module.base_layer)
        self.rank = next(iter(states.values())).a_RI.shape[0]
        generator = torch.Generator().manual_seed(seed)
        self.size = self.rank * (SKETCH // self.rank)
        self.layers: list[SketchLinear] = []
        for name, state in sorted(states.items()):
            self.layers.append(SketchLinear(self.base.get_submodule(name), state, scaling, generator))
            self.base.set_submodule(name, self.layers[-1])

    def sketch(self, batch: Packed, draws: torch.Generator | None = None) -> list[torch.Tensor]:
        """Sketched gradients of each example's mean completion NLL, [E, m] in fp32.

        With `draws`, a second one follows for labels sampled from the model: those whose covariance is the
        true Fisher information, rather than the empirical one.
        """
        layout = PackLayout(batch.lengths_E, multiple=1)
        hidden_1TD = self.base.base_model(
            input_ids=batch.ids_T[None], position_ids=batch.positions_T[None], packing=layout, use_cache=False
        ).last_hidden_state
        hidden_SD = hidden_1TD[0].index_select(0, batch.predictors_S)
        head = self.base.get_output_embeddings()
        targets = [batch.targets_S] + ([_sample(hidden_SD, head, draws)] if draws else [])
        weights_S = (1.0 / torch.bincount(batch.owners_S).float())[batch.owners_S]
        sketches = []
        for i, targets_S in enumerate(targets):
            collector = Collector(layout, self.rank)
            for layer in self.layers:
                layer.collector = collector
            loss = (HeadLoss.apply(hidden_SD, head, targets_S) * weights_S).sum()
            loss.backward(retain_graph=i + 1 < len(targets))
            sketches.append(collector.sketch_ERW.flatten(1)[: len(batch.lengths_E)])
        return sketches


@torch.no_grad()
def _sample(hidden_SD: torch.Tensor, head: nn.Linear, draws: torch.Generator) -> torch.Tensor:
    chosen = []
    for h in hidden_SD.split(HeadLoss.CHUNK):
        p = F.linear(h.to(head.weight.dtype), head.weight, head.bias).float().softmax(-1)
        chosen.append(torch.multinomial(p, 1, generator=draws)[:, 0])
    return torch.cat(chosen)
