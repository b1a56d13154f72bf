"""The model: any causal LM from a local folder, LoRA through peft, and a loss that spends nothing on padding.

Two departures from the plain path, both exact: attention runs per example inside a packed sequence, and the
head is computed only where the loss is. `check_path` holds them against the model's own forward.
"""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves `apply`, `split` and `unflatten` untyped)

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from training.bundle import layer_of
from training.data import Packed, Rendered, pack
from training.errors import BaseNotPackable, BundleInvalid, LoraTargetsUnmatched
from training.kernels import fewer_passes
from training.spec import Lora

PACKED_ATTENTION = "whetstone_packed"
DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
# Above this length the score matrix costs more than the blockwise kernel's slow start on short sequences.
DENSE_ATTENTION_LENGTH = 256


class PackLayout:
    """Where packed tokens go in an [E, L] grid padded on the right, and back.

    Both sides are rounded up to a multiple: oneDNN builds and keeps a kernel for every shape that it meets.
    """

    def __init__(self, lengths: list[int], device: torch.device | str = "cpu", multiple: int = 8) -> None:
        lengths_E = torch.tensor(lengths, device=device)
        starts_E = lengths_E.cumsum(0) - lengths_E
        self.examples, self.longest = (-(-n // multiple) * multiple for n in (len(lengths), max(lengths)))
        grid_L = torch.arange(self.longest, device=device)
        # A padded place repeats the example's last token: causal attention never lets a real one see it.
        places_EL = starts_E[:, None] + torch.minimum(grid_L[None], lengths_E[:, None] - 1)
        self.gather = F.pad(places_EL, (0, 0, 0, self.examples - len(lengths))).reshape(-1)
        self.inverse = torch.nonzero((grid_L[None] < lengths_E[:, None]).reshape(-1))[:, 0]
        self.future_LL = torch.ones(self.longest, self.longest, dtype=torch.bool, device=device).triu(1)

    def to_grid(self, x_TD: torch.Tensor) -> torch.Tensor:
        """[T, …] → [E, L, …]."""
        grid: torch.Tensor = _Regroup.apply(x_TD, self.gather, self.inverse)
        return grid.view(self.examples, self.longest, *x_TD.shape[1:])

    def from_grid(self, x_ELD: torch.Tensor) -> torch.Tensor:
        """[E, L, …] → [T, …]."""
        return x_ELD.flatten(0, 1).index_select(0, self.inverse)


class _Regroup(torch.autograd.Function):
    """A gather whose backward is the inverse gather: padded places receive no gradient, so none is summed."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, gather: torch.Tensor, inverse: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(inverse)
        return x.index_select(0, gather)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (inverse,) = ctx.saved_tensors
        return gradients[0].index_select(0, inverse), None, None


def packed_attention(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    packing: PackLayout | None = None,
    sliding_window: int | None = None,
    **unused: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention inside each packed example; the signature of transformers' attention interface.

    query is [1, H, T, D], key and value [1, K, T, D]; returns [1, T, H, D]. Raises BaseNotPackable for what it
    would get wrong.
    """
    if packing is None or unused.get("softcap") is not None or (sliding_window and packing.longest > sliding_window):
        raise BaseNotPackable("packed attention has no soft cap and no sliding window shorter than an example")
    q, k, v = (packing.to_grid(x[0].transpose(0, 1)).transpose(1, 2) for x in (query, key, value))
    attend = _dense if packing.longest <= DENSE_ATTENTION_LENGTH else _blockwise
    out_EHLD = attend(q, k, v, scaling or query.shape[-1] ** -0.5, packing.future_LL)
    return packing.from_grid(out_EHLD.transpose(1, 2)).unsqueeze(0), None


def _dense(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, future_LL: torch.Tensor) -> torch.Tensor:
    """Written out: on a CPU the fused kernel's backward takes most of a step at 40 tokens an example."""
    groups, length = q.shape[1] // k.shape[1], q.shape[2]
    q_EKGD = (q * scale).unflatten(1, (k.shape[1], groups)).flatten(2, 3)
    scores = (q_EKGD @ k.transpose(2, 3)).unflatten(2, (groups, length))
    weights = scores.masked_fill(future_LL, float("-inf")).softmax(-1, dtype=torch.float32).to(v.dtype)
    out: torch.Tensor = (weights.flatten(2, 3) @ v).unflatten(2, (groups, length)).flatten(1, 2)
    return out


def _blockwise(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, _: torch.Tensor) -> torch.Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale, enable_gqa=q.shape[1] != k.shape[1])


def load_model(path: Path, precision: str) -> Any:
    """The base model, frozen, in eval mode, going through packed attention. Raises BaseNotPackable."""
    from transformers import AttentionInterface, AutoModelForCausalLM

    AttentionInterface.register(PACKED_ATTENTION, packed_attention)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=DTYPES[precision])
    if not model._supports_attention_backend or model.config.get_text_config().use_cache is None:
        raise BaseNotPackable(f"{type(model).__name__} doesn't go through transformers' attention interface")
    model.set_attn_implementation(PACKED_ATTENTION)
    return model.requires_grad_(False).eval()


def context_length(model: Any) -> int:
    """Longest sequence the base was made for, in tokens."""
    return int(model.config.get_text_config().max_position_embeddings)


def add_lora(model: Any, lora: Lora, seed: int) -> Any:
    """The model with a fresh fp32 adapter, or the one to start from; the seed is set first, for peft draws A at once.

    Raises LoraTargetsUnmatched when a target names no linear layer.
    """
    from peft import LoraConfig, get_peft_model

    if lora.init_adapter:
        return load_adapter(model, Path(lora.init_adapter), trained_on=True)
    targets = lora_targets(model, lora)
    torch.manual_seed(seed)
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=lora.alpha or 2 * lora.rank,
        lora_dropout=lora.dropout,
        target_modules=targets,
        use_rslora=lora.rslora,
    )
    return get_peft_model(model, config)


def load_adapter(model: Any, folder: Path, trained_on: bool = False) -> Any:
    """The model with a finished adapter, frozen or to be trained on. Raises BundleInvalid when it doesn't fit."""
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, folder, is_trainable=trained_on)
    except (RuntimeError, ValueError, OSError) as e:
        raise BundleInvalid(f"{folder.name}: {e}") from e


def lora_targets(model: Any, lora: Lora) -> list[str]:
    """Full names of the linear layers that get an adapter, all but the head where no target is given."""
    head = model.get_output_embeddings()
    linear = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear) and m is not head}
    for target in lora.targets:
        if not any(name.split(".")[-1] == target for name in linear):
            known = sorted({name.split(".")[-1] for name in linear})
            raise LoraTargetsUnmatched(f"{target!r} names no linear layer; the base has {', '.join(known)}")
    wanted = [n for n in linear if not lora.targets or n.split(".")[-1] in lora.targets]
    found = [n for n in wanted if layer_of(n) >= lora.first_layer]
    if not found:
        raise LoraTargetsUnmatched(f"no linear layer stands at or above layer {lora.first_layer}")
    return found


def completion_nll(model: Any, batch: Packed) -> torch.Tensor:
    """Negative log-likelihood of each token that bears loss, [S] in fp32, differentiable in the adapter."""
    nll: torch.Tensor = HeadLoss.apply(completion_hidden(model, batch), head_of(model), batch.targets_S)
    return nll


def head_of(model: Any) -> nn.Linear:
    """The layer that turns a hidden state into logits."""
    head: nn.Linear = model.get_output_embeddings()
    return head


def completion_hidden(model: Any, batch: Packed) -> torch.Tensor:
    """The last hidden state at each place that predicts a token that bears loss, [S, D]."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    device = base.get_input_embeddings().weight.device
    hidden_1TD = base.base_model(
        input_ids=batch.ids_T[None].to(device),
        position_ids=batch.positions_T[None].to(device),
        packing=PackLayout(batch.lengths_E, device),
        use_cache=False,
    ).last_hidden_state
    hidden_SD: torch.Tensor = hidden_1TD[0].index_select(0, batch.predictors_S.to(device))
    return hidden_SD


class HeadLoss(torch.autograd.Function):
    """Frozen head and cross-entropy in one, in chunks: no [S, vocabulary] tensor outlives its chunk.

    A token's loss depends on its own hidden state only, so the gradient is taken in the forward pass and
    scaled in the backward one.
    """

    CHUNK = 256

    @staticmethod
    def forward(ctx: Any, hidden_SD: torch.Tensor, head: nn.Linear, targets_S: torch.Tensor) -> torch.Tensor:
        losses, gradients = [], []
        weight_VD = head.weight
        targets_S = targets_S.to(hidden_SD.device)
        for h, target in zip(hidden_SD.split(HeadLoss.CHUNK), targets_S.split(HeadLoss.CHUNK), strict=True):
            logits = F.linear(h.to(weight_VD.dtype), weight_VD, head.bias).float()
            log_p = logits.log_softmax(-1)
            losses.append(-log_p.gather(1, target[:, None])[:, 0])
            p = log_p.exp_()
            p[torch.arange(len(target)), target] -= 1
            gradients.append(p.to(weight_VD.dtype) @ weight_VD)
        ctx.save_for_backward(torch.cat(gradients))
        ctx.dtype = hidden_SD.dtype
        return torch.cat(losses)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (gradient_SD,) = ctx.saved_tensors
        return (gradient_SD * upstream[0][:, None]).to(ctx.dtype), None, None


class HeadDivergence(torch.autograd.Function):
    """KL(teacher ‖ student) of the next-token distributions that a frozen head gives two hidden states, [S].

    As in `HeadLoss`, in chunks and with the gradient taken at once: (p_student - p_teacher) W.
    """

    @staticmethod
    def forward(ctx: Any, hidden_SD: torch.Tensor, head: nn.Linear, teacher_SD: torch.Tensor) -> torch.Tensor:
        losses, gradients = [], []
        weight_VD = head.weight
        for h, t in zip(hidden_SD.split(HeadLoss.CHUNK), teacher_SD.split(HeadLoss.CHUNK), strict=True):
            log_q, log_p = (
                F.linear(x.to(weight_VD.dtype), weight_VD, head.bias).float().log_softmax(-1) for x in (h, t)
            )
            p = log_p.exp()
            losses.append((p * (log_p - log_q)).sum(-1))
            gradients.append((log_q.exp_() - p).to(weight_VD.dtype) @ weight_VD)
        ctx.save_for_backward(torch.cat(gradients))
        ctx.dtype = hidden_SD.dtype
        return torch.cat(losses)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (gradient_SD,) = ctx.saved_tensors
        return (gradient_SD * upstream[0][:, None]).to(ctx.dtype), None, None


@torch.no_grad()
def check_path(model: Any, samples: list[Rendered]) -> None:
    """Holds our path against the model's own forward on single samples. Raises BaseNotPackable.

    An architecture that scales or caps its logits outside the head, or shifts positions, shows here.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    with fewer_passes(model):
        ours = completion_nll(model, pack(samples))
    base.set_attn_implementation("sdpa")
    theirs = torch.cat([_own_nll(base, sample) for sample in samples])
    base.set_attn_implementation(PACKED_ATTENTION)
    tolerance = 1e-3 if base.dtype == torch.float32 else 0.05
    gap = float((ours - theirs).abs().mean() / theirs.abs().mean().clamp(min=1.0))
    if gap > tolerance:
        raise BaseNotPackable(f"{type(base).__name__}: the packed loss differs from the model's own by {gap:.2%}")


def _own_nll(base: Any, sample: Rendered) -> torch.Tensor:
    ids = torch.tensor([sample.prompt_ids + sample.completion_ids], device=base.device)
    logits = base(input_ids=ids, use_cache=False).logits[0, len(sample.prompt_ids) - 1 : -1].float()
    return F.cross_entropy(logits, ids[0, len(sample.prompt_ids) :], reduction="none")
