"""One worker's whole job: base → data → train → bundle → evaluate → influence → result."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from training import telemetry
from training.base import LocalBase, load_tokenizer, resolve_base
from training.bundle import MANIFEST, check_bundle, end_token_ids, write_bundle
from training.checkpoint import CheckpointStore, write_snapshot
from training.data import Rendered, read_examples, render
from training.errors import BaseNotFound, Cancelled, DatasetEmpty
from training.files import write_json
from training.loop import Outcome, Run, StepReport, train
from training.model import add_lora, check_path, context_length, load_adapter, load_model
from training.progress import Progress
from training.replay import Replayed, everyday
from training.results import Subject, results, usage
from training.spec import JobSpec

CHECKED_SAMPLES = 3


@dataclass
class Worker:
    """Who runs the job: its place among the workers, where checkpoints go, and whether it must stop."""

    store: CheckpointStore
    rank: int = 0
    world: int = 1
    should_stop: Callable[[], bool] = lambda: False


@dataclass
class Job:
    """What the phases share."""

    spec: JobSpec
    out: Path
    worker: Worker
    progress: Progress
    durations: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[Callable[[float], None]]:
        """Times, traces and announces a phase; gives what to call with the fraction done, which may raise Cancelled."""
        started = time.monotonic()

        def tell(fraction: float) -> None:
            if self.worker.should_stop():
                raise Cancelled(f"stopped while in the phase {name}")
            left = (time.monotonic() - started) * (1 - fraction) / fraction if fraction else 0.0
            self.say(name, fraction, left)

        tell(0.0)
        with telemetry.span(f"training.{name}"):
            yield tell
        self.durations[name] = round(time.monotonic() - started, 3)
        self.say(name, 1.0)

    def say(self, phase: str, fraction: float, eta: float = 0.0, **more: Any) -> None:
        """A line of progress, from the first worker only."""
        if self.worker.rank == 0:
            self.progress.say(phase, fraction, eta, **more)


def run_job(spec: JobSpec, out: Path, worker: Worker) -> None:
    """Runs a worker's share; rank 0 writes `out/bundle/` and `out/result.json`. Raises TrainingError."""
    torch.set_num_threads(spec.threads or os.cpu_count() or 1)
    started = time.monotonic()
    job = Job(spec, out, worker, Progress(out / "progress.jsonl", spec.attempt))
    with job.phase("base"):
        base, tokenizer, model = _base(spec)
    with job.phase("data"):
        rendered = _data(spec, tokenizer, model)
    make = _unpack if spec.evaluate_only else _train
    subject = make(job, base, tokenizer, model, rendered)
    if worker.rank == 0:
        result = results(subject, spec, out, job.phase)
        result |= {"durations": job.durations, "seconds": round(time.monotonic() - started, 3), **usage()}
        write_json(out / "result.json", result)


def _base(spec: JobSpec) -> tuple[LocalBase, Any, Any]:
    base = resolve_base(spec.base.id, Path(spec.cache_dir or "~/.cache/whetstone").expanduser())
    if spec.base.digest and spec.base.digest != base.digest:
        raise BaseNotFound(f"{base.id} has the digest {base.digest}, the spec asks for {spec.base.digest}")
    return base, load_tokenizer(base.path), load_model(base.path, spec.precision)


def _data(spec: JobSpec, tokenizer: Any, model: Any) -> list[Rendered]:
    """The training examples as ids; none are needed to evaluate without an index."""
    if spec.evaluate_only and not spec.influence.enabled:
        return []
    path = Path(spec.dataset.train)
    if not spec.dataset.train or not path.is_file():
        raise DatasetEmpty(f"the training file {spec.dataset.train!r} doesn't exist")
    rendered = [render(tokenizer, example, context_length(model)) for example in read_examples(path)]
    if not rendered:
        raise DatasetEmpty(f"{path.name} holds no example")
    check_path(model, sorted(rendered, key=len)[:CHECKED_SAMPLES])
    return rendered


def _train(job: Job, base: LocalBase, tokenizer: Any, model: Any, rendered: list[Rendered]) -> Subject:
    """Trains an adapter and, on rank 0, bundles it."""
    spec, bundle = job.spec, job.out / "bundle"
    with job.phase("train"):
        tuned = add_lora(model, spec.lora, spec.seed)
        outcome = _loop(job, tuned, rendered, _replay(spec, tokenizer, tuned))
    if job.worker.rank == 0:
        with job.phase("bundle"):
            shutil.rmtree(bundle, ignore_errors=True)
            write_bundle(bundle, tuned, tokenizer, base, spec, outcome.steps)
    return Subject(base, tokenizer, tuned, rendered, bundle, outcome)


def _replay(spec: JobSpec, tokenizer: Any, tuned: Any) -> list[Replayed]:
    """What the adapter is held to besides the data; it stays out of the index, for no document stands behind it."""
    count = spec.optimisation.replay
    return everyday(tuned, tokenizer, end_token_ids(tokenizer, tuned), count) if count else []


def _loop(job: Job, model: Any, rendered: list[Rendered], replay: list[Replayed]) -> Outcome:
    def on_step(report: StepReport) -> None:
        more = {k: v for k, v in asdict(report).items() if k != "eta"}
        job.say("train", report.step / report.total, report.eta, **more)

    work_dir = Path(tempfile.mkdtemp(prefix="whetstone-job-"))
    worker = job.worker
    run = Run(model, rendered, job.spec, worker.store, work_dir, on_step, worker.should_stop, worker.rank, worker.world)
    run.replay = replay
    try:
        outcome = train(run)
        if worker.rank == 0:
            shutil.rmtree(job.out / "snapshots", ignore_errors=True)
            shutil.copytree(work_dir / "snapshots", job.out / "snapshots")
        return outcome
    finally:
        shutil.rmtree(work_dir, ignore_errors=True)


def _unpack(job: Job, base: LocalBase, tokenizer: Any, model: Any, rendered: list[Rendered]) -> Subject:
    """The adapter of a bundle that was made elsewhere, copied as it is; a plain peft adapter will do."""
    given, bundle = Path(job.spec.bundle), job.out / "bundle"
    with job.phase("bundle"):
        if (given / MANIFEST).exists():
            check_bundle(given, base)
        tuned = load_adapter(model, given)
        shutil.rmtree(bundle, ignore_errors=True)
        shutil.copytree(given, bundle, ignore=shutil.ignore_patterns("influence"))
        shutil.rmtree(job.out / "snapshots", ignore_errors=True)
        weights = {name: p for name, p in sorted(tuned.named_parameters()) if ".lora_" in name}
        write_snapshot(job.out / "snapshots", 1, weights, None)
    return Subject(base, tokenizer, tuned, rendered, bundle, None)
