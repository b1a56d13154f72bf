"""Work in as many threads as there are cores to use, each with one core to itself.

On a CPU this beats threads inside each operation: those meet at a barrier after every one of the thousands of
small operations of a step, and wait there whenever anything else runs on the machine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def threads(wanted: int, device: torch.device | str) -> int:
    """How many shards to make; an accelerator has its own parallelism."""
    return max(1, wanted) if torch.device(device).type == "cpu" else 1


def in_parallel(function: Callable[[Item], Result], items: Iterable[Item], count: int) -> list[Result]:
    """The results in the items' order, whichever thread made them. The first exception is raised."""
    return list(_pool(max(1, count)).map(function, items))


@functools.cache
def _pool(count: int) -> ThreadPoolExecutor:
    """Kept for the life of the process: each new thread would get a heap of its own from the allocator."""
    return ThreadPoolExecutor(count, initializer=_prepare, initargs=(max(1, torch.get_num_threads() // count),))


def _prepare(inner: int) -> None:
    # Both are a thread's own; denormal numbers slow the last, nearly learnt steps down many times.
    torch.set_num_threads(inner)
    torch.set_flush_denormal(True)
