"""peft's LoRA layers with one fused forward and backward: the same parameters and values, half the small operations."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves `apply`, `split` and `unflatten` untyped)

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


class LoraLinear(torch.autograd.Function):
    """y = x Wᵀ + b + s (x Aᵀ) Bᵀ with W and b frozen; x [..., in], A [r, in], B [out, r] in fp32."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, base: nn.Linear, a: torch.Tensor, b: torch.Tensor, scaling: float
    ) -> torch.Tensor:
        x_TI = x.flatten(0, -2)
        a_RI, b_OR = a.to(x.dtype), (b * scaling).to(x.dtype)
        xa_TR = x_TI @ a_RI.t()
        ctx.save_for_backward(x_TI, base.weight, a_RI, b_OR, xa_TR)
        ctx.scaling, ctx.shape = scaling, x.shape
        y_TO: torch.Tensor = torch.addmm(F.linear(x_TI, base.weight, base.bias), xa_TR, b_OR.t())
        return y_TO.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x_TI, weight_OI, a_RI, b_OR, xa_TR = ctx.saved_tensors
        g_TO = upstream[0].flatten(0, -2)
        gxa_TR = g_TO @ b_OR
        grad_a = (gxa_TR.t() @ x_TI).float()
        grad_b = (g_TO.t() @ xa_TR).float() * ctx.scaling
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = torch.addmm(g_TO @ weight_OI, gxa_TR, a_RI).view(ctx.shape)
        return grad_x, None, grad_a, grad_b, None


def lora_layers(model: nn.Module) -> dict[str, Any]:
    """peft's LoRA layers over plain linear ones, by full name."""
    from peft.tuners.lora import Linear

    return {n: m for n, m in model.named_modules() if isinstance(m, Linear) and isinstance(m.base_layer, nn.Linear)}


@contextlib.contextmanager
def fused(model: nn.Module, adapter: str = "default") -> Iterator[None]:
    """Sends every LoRA layer without dropout through `LoraLinear` while the block runs."""
    layers = [m for m in lora_layers(model).values() if isinstance(m.lora_dropout[adapter], nn.Identity)]
    for layer in layers:
        layer.forward = _forward(layer, adapter)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _forward(layer: Any, adapter: str) -> Any:
    base, scaling = layer.base_layer, layer.scaling[adapter]
    a, b = layer.lora_A[adapter].weight, layer.lora_B[adapter].weight

    def forward(x: torch.Tensor, *_: Any, **__: Any) -> Any:
        return LoraLinear.apply(x, base, a, b, scaling)

    return forward


def adapter_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that are trained, by name, in a fixed order."""
    return {name: p for name, p in sorted(model.named_parameters()) if p.requires_grad}
