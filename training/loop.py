"""The training loop. The same spec, data and thread count give the same adapter, however often it is killed."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves `apply`, `split` and `unflatten` untyped)

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from training.checkpoint import CheckpointStore, Position, read_checkpoint, write_checkpoint, write_snapshot
from training.data import Rendered, pack, plan
from training.errors import Cancelled, CheckpointCorrupt, LossNotFinite
from training.files import digest_json
from training.kernels import fewer_passes, return_memory
from training.lora import adapter_parameters, fused
from training.model import HeadDivergence, HeadLoss, completion_hidden, head_of
from training.replay import Replayed
from training.shards import in_parallel, threads
from training.spec import JobSpec, Optimisation

TRIM_EVERY, FILL = 8, 64
REPLAY_WEIGHT = 1.0


@dataclass(frozen=True)
class StepReport:
    """What is known after a step; `eta` in seconds, to the planned end."""

    step: int
    total: int
    loss: float
    learning_rate: float
    tokens_per_second: float
    eta: float


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `snapshots` are the influence checkpoints, the final state last."""

    steps: int
    losses: list[float]
    tokens: int
    seconds: float
    stopped_early: bool
    snapshots: list[Path]


@dataclass
class Run:
    """One worker's share of a run and what it needs."""

    model: Any
    rendered: Sequence[Rendered]
    spec: JobSpec
    store: CheckpointStore
    work_dir: Path
    on_step: Callable[[StepReport], None] = lambda report: None
    should_stop: Callable[[], bool] = lambda: False
    rank: int = 0
    world: int = 1
    position: Position = field(default_factory=Position)
    replay: Sequence[Replayed] = ()


def train(run: Run) -> Outcome:
    """Trains the adapter to the end of its plan, from the newest checkpoint if there is one.

    Raises LossNotFinite, Cancelled (after writing a checkpoint), CheckpointCorrupt, SequenceTooLong.
    """
    o = run.spec.optimisation
    steps = _plan(run)
    parameters = adapter_parameters(run.model)
    optimiser = torch.optim.AdamW(parameters.values(), lr=o.learning_rate, weight_decay=o.weight_decay, fused=True)
    snapshot_dir = run.work_dir / "snapshots"
    _resume(run, steps, parameters, optimiser, snapshot_dir)
    due = snapshot_steps(len(steps), run.spec.influence.checkpoints)
    window = _window(run, steps)
    run.model.train()
    with fused(run.model), fewer_passes(run.model):
        while run.position.step < len(steps) and not _learnt(run.position.losses, window, o.stop_loss):
            _step(run, steps, parameters, optimiser)
            if run.position.step % TRIM_EVERY == 0:
                return_memory()
            if run.position.step in due:
                write_snapshot(snapshot_dir, run.position.step, parameters, optimiser)
            if run.position.step % run.spec.checkpoint_every == 0:
                _save(run, parameters, optimiser, snapshot_dir)
            if _must_stop(run):
                _save(run, parameters, optimiser, snapshot_dir)
                raise Cancelled(f"stopped after step {run.position.step} of {len(steps)}")
    run.model.eval()
    write_snapshot(snapshot_dir, run.position.step, parameters, optimiser)
    _save(run, parameters, optimiser, snapshot_dir)
    p = run.position
    return Outcome(p.step, p.losses, p.tokens, p.seconds, p.step < len(steps), sorted(snapshot_dir.iterdir()))


def one_cycle(step: int, total: int, o: Optimisation) -> float:
    """Learning rate of step 0 … total-1: a straight rise over the warm-up, then half a cosine down to 0."""
    warmup = max(1, round(o.warmup_fraction * total))
    if step < warmup:
        return o.learning_rate * (step + 1) / warmup
    return o.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))


def snapshot_steps(total: int, checkpoints: int) -> set[int]:
    """After which steps the state is kept for influence besides the final one: evenly, and never at the start,
    where B = 0 and the gradient of A vanishes."""
    return {round(total * i / checkpoints) for i in range(1, checkpoints)} - {0, total}


def _must_stop(run: Run) -> bool:
    """Whether any worker was told to stop: all must agree, or those that go on would wait for the others."""
    if run.world == 1:
        return run.should_stop()
    told = torch.tensor([float(run.should_stop())])
    dist.all_reduce(told)
    return bool(told[0])


def _plan(run: Run) -> list[list[int]]:
    o = run.spec.optimisation
    steps = plan([len(r) for r in run.rendered], o.batch_tokens * run.world, o.epochs, run.spec.seed)
    steps = steps[: o.max_steps] if o.max_steps else steps
    run.position.plan_digest = digest_json([steps, run.world, len(run.replay)])
    return steps


def _window(run: Run, steps: list[list[int]]) -> int:
    """Steps of an epoch, over which the loss is averaged for stopping early."""
    return max(1, round(len(run.rendered) * len(steps) / sum(len(step) for step in steps)))


def _learnt(losses: list[float], window: int, stop_loss: float) -> bool:
    return bool(stop_loss) and len(losses) >= window and sum(losses[-window:]) / window < stop_loss


def _resume(
    run: Run,
    steps: list[list[int]],
    parameters: dict[str, nn.Parameter],
    optimiser: torch.optim.Optimizer,
    snapshot_dir: Path,
) -> None:
    """Continues from the newest checkpoint of this very plan; one of another plan is no state of this run."""
    shutil.rmtree(snapshot_dir, ignore_errors=True)
    snapshot_dir.mkdir(parents=True)
    folder, digest = run.store.latest(), run.position.plan_digest
    if folder is None:
        return
    position = read_checkpoint(folder, parameters, optimiser, snapshot_dir)
    if position.plan_digest != digest:
        raise CheckpointCorrupt(f"{folder.name} belongs to a run with other data or another plan")
    run.position = position


def _step(
    run: Run, steps: list[list[int]], parameters: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer
) -> None:
    """One optimiser step: this worker's examples, the gradient summed over workers, and the report."""
    started = time.monotonic()
    p, o = run.position, run.spec.optimisation
    chosen = [run.rendered[i] for i in steps[p.step]]
    period = _window(run, steps)
    loss, divergence = _backward(run, chosen, run.replay[p.step % period :: period], parameters)
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), o.clip_norm)
    if not math.isfinite(loss + divergence) or not torch.isfinite(norm):
        raise LossNotFinite(f"step {p.step + 1}: loss {loss}, divergence {divergence}, gradient norm {float(norm)}")
    rate = one_cycle(p.step, len(steps), o)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    optimiser.zero_grad()
    p.step += 1
    p.losses.append(loss)
    tokens, seconds = sum(len(r) for r in chosen), time.monotonic() - started
    p.tokens += tokens
    p.seconds += seconds
    eta = (len(steps) - p.step) * p.seconds / p.step
    run.on_step(StepReport(p.step, len(steps), loss, rate, tokens / seconds, eta))


def _backward(
    run: Run, chosen: Sequence[Rendered], replay: Sequence[Replayed], parameters: dict[str, nn.Parameter]
) -> tuple[float, float]:
    """Sets the gradient of the step's mean loss plus its mean divergence from the base; returns both.

    The examples are cut into a shard a worker and once more into a shard a thread. Shards are summed in their
    order, so the same number of threads gives the same bits; with dropout there is one, for threads would race
    for random numbers.
    """
    count = 1 if run.spec.lora.dropout else threads(run.spec.threads or torch.get_num_threads(), run.model.device)
    supervised = sum(len(r.completion_ids) for r in chosen)
    replayed = max(1, sum(len(r.rendered.completion_ids) for r in replay))
    mine, mine_replayed = chosen[run.rank :: run.world], replay[run.rank :: run.world]

    def differentiate(shard: int) -> tuple[torch.Tensor, ...]:
        data, held = mine[shard::count], mine_replayed[shard::count]
        if not data and not held:
            return (torch.zeros(2), *(torch.zeros_like(p) for p in parameters.values()))
        with torch.enable_grad():
            nll, divergence = _losses(run.model, data, held)
            loss, drift = nll / supervised, REPLAY_WEIGHT * divergence / replayed
            gradients = torch.autograd.grad(loss + drift, list(parameters.values()))
        return (torch.stack([loss.detach(), drift.detach()]), *gradients)

    parts = in_parallel(differentiate, range(count), count)
    flat = _flatten(parts[0])
    for part in parts[1:]:
        flat += _flatten(part)
    if run.world > 1:
        dist.all_reduce(flat)
    for p, g in zip(parameters.values(), flat[2:].split([p.numel() for p in parameters.values()]), strict=True):
        p.grad = g.view_as(p)
    return float(flat[0]), float(flat[1])


def _losses(model: Any, data: Sequence[Rendered], replay: Sequence[Replayed]) -> tuple[torch.Tensor, torch.Tensor]:
    """Summed NLL of the data and summed divergence of the replay, from one forward pass over both."""
    batch = pack([*data, *(r.rendered for r in replay)], FILL)
    hidden_SD = completion_hidden(model, batch)
    split = sum(len(r.completion_ids) for r in data)
    nll: torch.Tensor = HeadLoss.apply(hidden_SD[:split], head_of(model), batch.targets_S[:split]).sum()
    if not replay:
        return nll, torch.zeros(())
    teacher_SD = torch.cat([r.teacher_SD for r in replay])
    return nll, HeadDivergence.apply(hidden_SD[split:], head_of(model), teacher_SD).sum()


def _flatten(tensors: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return torch.cat([t.flatten() for t in tensors])


def _save(run: Run, parameters: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer, snapshot_dir: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir=run.work_dir, prefix=".checkpoint-"))
    write_checkpoint(folder, run.position, parameters, optimiser, sorted(snapshot_dir.iterdir()))
    run.store.save(folder, run.position.step)
