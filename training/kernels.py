"""Elementwise work of a decoder layer in fewer passes over memory; on a CPU that is most of a step.

Each replaces a module's forward while training, and is held to the module's own values by `model.check_path`.
"""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves `apply` untyped)

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn


class RmsNorm(torch.autograd.Function):
    """y = w · x / √(mean x² + ε) with w frozen; x [..., D]. Statistics in fp32, products rounded once."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = (norm.square() / x.shape[-1] + epsilon).rsqrt()
        unit = torch.mul(x, scale, out=torch.empty_like(x))
        ctx.save_for_backward(unit, scale, weight)
        return unit * weight

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        unit, scale, weight = ctx.saved_tensors
        g = upstream[0] * weight
        along = (g * unit).sum(-1, keepdim=True, dtype=torch.float32).div_(unit.shape[-1]).to(g.dtype)
        g.addcmul_(unit, along, value=-1)
        return torch.mul(g, scale, out=g), None, None


@contextlib.contextmanager
def fewer_passes(model: nn.Module) -> Iterator[None]:
    """Sends RMSNorm layers of the usual form through `RmsNorm` while the block runs."""
    norms: list[Any] = [
        m for m in model.modules() if type(m).__name__.endswith("RMSNorm") and hasattr(m, "variance_epsilon")
    ]
    for norm in norms:
        norm.forward = _forward(norm)
    try:
        yield
    finally:
        for norm in norms:
            del norm.forward


def _forward(norm: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    weight, epsilon = norm.weight, norm.variance_epsilon

    def forward(x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = RmsNorm.apply(x, weight, epsilon)
        return y

    return forward


@functools.cache
def _malloc_trim() -> Callable[[int], int]:
    if not sys.platform.startswith("linux"):
        return lambda _: 0
    trim: Callable[[int], int] = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: 0)
    return trim


def return_memory() -> None:
    """Gives free heap pages back to the system. Steps of ever different lengths leave holes in glibc's heap that
    add up to several times what a step needs."""
    _malloc_trim()(0)
