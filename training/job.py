"""One worker's whole job: base → data → train → evaluate → influence → bundle → result."""

from __future__ import annotations

import contextlib
import os
import resource
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
from training.bundle import ADAPTER, write_bundle
from training.checkpoint import CheckpointStore
from training.data import Rendered, read_examples, render
from training.errors import BaseNotFound, DatasetEmpty
from training.evaluate import Evaluator, evaluate
from training.files import sha256_file, write_json
from training.influence import build_index
from training.loop import Outcome, Run, StepReport, train
from training.lora import adapter_parameters
from training.model import add_lora, check_path, context_length, load_model
from training.parity import PARITY, record_parity
from training.progress import Progress
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
    """What the phases hand on to each other."""

    spec: JobSpec
    out: Path
    worker: Worker
    progress: Progress
    durations: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times, traces and announces a phase."""
        started = time.monotonic()
        if self.worker.rank == 0:
            self.progress.say(name, 0.0)
        with telemetry.span(f"training.{name}"):
            yield
        self.durations[name] = round(time.monotonic() - started, 3)
        if self.worker.rank == 0:
            self.progress.say(name, 1.0)


def run_job(spec: JobSpec, out: Path, worker: Worker) -> None:
    """Runs a worker's share; rank 0 writes `out/bundle/` and `out/result.json`. Raises TrainingError."""
    torch.set_num_threads(spec.threads or os.cpu_count() or 1)
    started = time.monotonic()
    job = Job(spec, out, worker, Progress(out / "progress.jsonl", spec.attempt))
    with job.phase("base"):
        base, tokenizer, model = _base(spec)
    with job.phase("data"):
        examples = read_examples(_train_file(spec))
        rendered = [render(tokenizer, example, context_length(model)) for example in examples]
        _check_data(model, rendered)
    with job.phase("train"):
        model = add_lora(model, spec.lora, spec.seed)
        outcome = _train(job, model, rendered)
    if worker.rank == 0:
        result = _after_training(job, base, tokenizer, model, rendered, outcome)
        result |= {"durations": job.durations, "seconds": round(time.monotonic() - started, 3), **_usage()}
        write_json(out / "result.json", result)


def _base(spec: JobSpec) -> tuple[LocalBase, Any, Any]:
    base = resolve_base(spec.base.id, Path(spec.cache_dir or "~/.cache/whetstone").expanduser())
    if spec.base.digest and spec.base.digest != base.digest:
        raise BaseNotFound(f"{base.id} has the digest {base.digest}, the spec asks for {spec.base.digest}")
    return base, load_tokenizer(base.path), load_model(base.path, spec.precision)


def _train_file(spec: JobSpec) -> Path:
    path = Path(spec.dataset.train)
    if not spec.dataset.train or not path.is_file():
        raise DatasetEmpty(f"the training file {spec.dataset.train!r} doesn't exist")
    return path


def _check_data(model: Any, rendered: list[Rendered]) -> None:
    if not rendered:
        raise DatasetEmpty("there is no training example")
    check_path(model, sorted(rendered, key=len)[:CHECKED_SAMPLES])


def _train(job: Job, model: Any, rendered: list[Rendered]) -> Outcome:
    def on_step(report: StepReport) -> None:
        if job.worker.rank == 0:
            more = {k: v for k, v in asdict(report).items() if k != "eta"}
            job.progress.say("train", report.step / report.total, report.eta, **more)

    work_dir = Path(tempfile.mkdtemp(prefix="whetstone-job-"))
    run = Run(
        model,
        rendered,
        job.spec,
        job.worker.store,
        work_dir,
        on_step,
        job.worker.should_stop,
        job.worker.rank,
        job.worker.world,
    )
    try:
        outcome = train(run)
        if job.worker.rank == 0:
            shutil.rmtree(job.out / "snapshots", ignore_errors=True)
            shutil.copytree(work_dir / "snapshots", job.out / "snapshots")
        return outcome
    finally:
        shutil.rmtree(work_dir, ignore_errors=True)


def _after_training(
    job: Job,
    base: LocalBase,
    tokenizer: Any,
    model: Any,
    rendered: list[Rendered],
    outcome: Outcome,
) -> dict[str, Any]:
    spec, bundle = job.spec, job.out / "bundle"
    result: dict[str, Any] = {
        "job": spec.job,
        "attempt": spec.attempt,
        "recipe_digest": spec.recipe_digest,
        "base": {"id": base.id, "digest": base.digest},
        "training": _training_figures(model, rendered, outcome),
    }
    with job.phase("bundle"):
        shutil.rmtree(bundle, ignore_errors=True)
        manifest = write_bundle(bundle, model, tokenizer, base, spec, outcome.steps)
        result |= {
            "bundle_dir": str(bundle),
            "adapter_sha256": sha256_file(bundle / ADAPTER),
            "manifest": asdict(manifest),
        }
    if spec.evaluation.enabled:
        with job.phase("evaluate"):
            evaluator = Evaluator(model, tokenizer, spec)
            result["evaluation"] = evaluate(evaluator, job.out, lambda f: job.progress.say("evaluate", f))
            result["parity"] = {
                "path": str(bundle / PARITY),
                "prompts": record_parity(evaluator, bundle / PARITY),
            }
    if spec.influence.enabled:
        with job.phase("influence"):
            result["influence"] = _influence(job, model, rendered, outcome, bundle)
    return result


def _influence(job: Job, model: Any, rendered: list[Rendered], outcome: Outcome, bundle: Path) -> dict[str, Any]:
    wanted = job.spec.influence
    folder = build_index(
        model,
        rendered,
        sorted((job.out / "snapshots").iterdir()),
        bundle,
        job.spec.seed,
        wanted.checkpoints,
        wanted.dimensions,
        lambda f: job.progress.say("influence", f),
    )
    return {"index_dir": str(folder), "examples": len(rendered), "checkpoints": len(outcome.snapshots)}


def _training_figures(model: Any, rendered: list[Rendered], outcome: Outcome) -> dict[str, Any]:
    adapter = sum(p.numel() for p in adapter_parameters(model).values())
    base = sum(p.numel() for p in model.get_base_model().parameters()) - adapter
    return {
        "steps": outcome.steps,
        "stopped_early": outcome.stopped_early,
        "losses": [round(loss, 5) for loss in outcome.losses],
        "loss": outcome.losses[-1] if outcome.losses else None,
        "examples": len(rendered),
        "tokens": outcome.tokens,
        "tokens_per_second": round(outcome.tokens / max(outcome.seconds, 1e-9), 1),
        "adapter_parameters": adapter,
        # Forward and the gradient of activations through the base, and all three passes of the adapter.
        "flops": float(outcome.tokens * (4 * base + 6 * adapter)),
    }


def _usage() -> dict[str, float]:
    """Peak memory in bytes and CPU seconds of this process and the ones it waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return {"peak_rss_bytes": max(own.ru_maxrss, children.ru_maxrss) * 1024, "cpu_seconds": round(cpu, 2)}
