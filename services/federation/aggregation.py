"""Exact averaging of LoRA adapters.

Averaging A and B apart is wrong: mean(B)·mean(A) is not mean(B·A). Here the weighted mean of the products themselves
is taken, ΔW = Σ cᵢ·sᵢ·BᵢAᵢ, without ever forming it: the factors are stacked, B̂ = [c₁s₁B₁ …], Â = [A₁; …], reduced
by thin QR of both stacks and an SVD of the small core (FLoRA, arXiv 2409.05976; FedEx-LoRA, arXiv 2410.09432). A rank
below that of the stack leaves a residual, which is reported; no rank-r factors leave a smaller one (Eckart and Young).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from threadpoolctl import threadpool_limits

from services.federation.errors import UpdateInvalid

Array = NDArray[np.float32]
_A, _B = ".lora_A.weight", ".lora_B.weight"


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter: per module A [r, in] and B [out, r], and the scaling that multiplies their product."""

    a: Mapping[str, Array]
    b: Mapping[str, Array]
    scaling: float

    def shape(self) -> dict[str, tuple[int, int]]:
        """Per module (out, in): what adapters of one base and one set of targets share, whatever their rank."""
        return {name: (self.b[name].shape[0], self.a[name].shape[1]) for name in sorted(self.a)}

    def rank(self) -> int:
        return max(int(a.shape[0]) for a in self.a.values())


@dataclass(frozen=True)
class Aggregate:
    """The new global adapter, of scaling 1, and the relative Frobenius norm of what its rank left out."""

    adapter: Adapter
    residual: float


def read_adapter(data: bytes) -> Adapter:
    """An adapter from a safetensors file with peft's tensor names and `scaling` in its metadata.

    Raises UpdateInvalid where the file is not that, holds a NaN or an infinity, or pairs that don't fit.
    """
    try:
        tensors = {name: np.asarray(value, dtype=np.float32) for name, value in load(data).items()}
        scaling = float(_metadata(data)["scaling"])
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise UpdateInvalid(f"the update is not an adapter in safetensors: {error}") from error
    a = {name.removesuffix(_A): value for name, value in tensors.items() if name.endswith(_A)}
    b = {name.removesuffix(_B): value for name, value in tensors.items() if name.endswith(_B)}
    _check(tensors, a, b, scaling)
    return Adapter(a, b, scaling)


def write_adapter(adapter: Adapter) -> bytes:
    """The same form as `read_adapter` takes; the bytes depend on the values alone."""
    tensors = {name + _A: np.ascontiguousarray(value) for name, value in sorted(adapter.a.items())}
    tensors |= {name + _B: np.ascontiguousarray(value) for name, value in sorted(adapter.b.items())}
    return bytes(save(tensors, metadata={"scaling": repr(adapter.scaling)}))


def _metadata(data: bytes) -> dict[str, str]:
    # A safetensors file begins with the header's length, 8 bytes little-endian.
    length = int.from_bytes(data[:8], "little")
    return dict(json.loads(data[8 : 8 + length])["__metadata__"])


def _check(tensors: Mapping[str, Array], a: Mapping[str, Array], b: Mapping[str, Array], scaling: float) -> None:
    if not a or set(a) != set(b) or len(tensors) != len(a) + len(b):
        raise UpdateInvalid("the update must hold pairs of lora_A and lora_B and nothing else")
    if not np.isfinite(scaling) or scaling <= 0:
        raise UpdateInvalid("the update's scaling must be a positive number")
    for name in a:
        if a[name].ndim != 2 or b[name].ndim != 2 or a[name].shape[0] != b[name].shape[1]:
            raise UpdateInvalid(f"the factors of {name} don't fit: A {a[name].shape}, B {b[name].shape}")
    if not all(np.isfinite(value).all() for value in tensors.values()):
        raise UpdateInvalid("the update holds a value that is not finite")


def aggregate(
    updates: Sequence[tuple[float, Adapter]], rank: int, start: Adapter | None = None, server_rate: float = 1.0
) -> Aggregate:
    """ΔW = (1-η)·ΔW_start + η·Σ wᵢ·ΔWᵢ at rank `rank` (0: the largest rank among the updates).

    `updates` are (weight, adapter) whose weights sum to 1. η = `server_rate`; more than 1 adds up what different firms
    learnt instead of diluting it. Raises UpdateInvalid where shapes differ.
    """
    shapes = [adapter.shape() for _, adapter in updates] + ([start.shape()] if start else [])
    if any(shape != shapes[0] for shape in shapes):
        raise UpdateInvalid("the updates are not of one base and one set of targets")
    rank = rank or max(adapter.rank() for _, adapter in updates)
    terms = [(server_rate * weight, adapter) for weight, adapter in updates]
    if start is not None and server_rate != 1.0:
        terms.append((1.0 - server_rate, start))
    # Small factorisations run many times slower when BLAS spreads them over threads.
    with threadpool_limits(limits=1, user_api="blas"):
        return _combine(shapes[0], terms, rank)


def _combine(modules: Mapping[str, tuple[int, int]], terms: Sequence[tuple[float, Adapter]], rank: int) -> Aggregate:
    a, b, kept, lost = {}, {}, 0.0, 0.0
    for name in modules:
        a[name], b[name], values = _truncate(*_stack(name, terms), rank)
        kept += float(np.sum(values[:rank] ** 2))
        lost += float(np.sum(values[rank:] ** 2))
    total = kept + lost
    return Aggregate(Adapter(a, b, 1.0), (lost / total) ** 0.5 if total else 0.0)


def _stack(name: str, terms: Sequence[tuple[float, Adapter]]) -> tuple[Array, Array]:
    """B̂ [out, Σr] with the coefficients in it, and Â [Σr, in]."""
    b = np.concatenate([np.float32(c * adapter.scaling) * adapter.b[name] for c, adapter in terms], axis=1)
    a = np.concatenate([adapter.a[name] for _, adapter in terms], axis=0)
    return b, a


def _truncate(b: Array, a: Array, rank: int) -> tuple[Array, Array, Array]:
    """Best rank-`rank` factors A [rank, in], B [out, rank] of b·a, and all singular values."""
    q_b, r_b = np.linalg.qr(b)
    q_a, r_a = np.linalg.qr(a.T)
    u, values, v = np.linalg.svd(r_b @ r_a.T)
    rank = min(rank, len(values))
    root = np.sqrt(values[:rank])
    return (
        (root[:, None] * (v[:rank] @ q_a.T)).astype(np.float32),
        ((q_b @ u[:, :rank]) * root).astype(np.float32),
        values,
    )


def digest(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def parts(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in parts of at most `size`."""
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]
