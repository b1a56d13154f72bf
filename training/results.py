"""What follows training: evaluation, parity record, influence index, and the figures of `result.json`."""

from __future__ import annotations

import resource
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.base import LocalBase
from training.bundle import ADAPTER, MANIFEST, read_manifest
from training.data import Rendered
from training.evaluate import Evaluator, evaluate
from training.files import sha256_file
from training.influence import build_index
from training.loop import Outcome
from training.parity import PARITY, record_parity
from training.spec import JobSpec

Phase = Callable[[str], AbstractContextManager[Callable[[float], None]]]


@dataclass(frozen=True)
class Subject:
    """An adapter on its base, in its bundle, with how it was trained if it was trained here."""

    base: LocalBase
    tokenizer: Any
    model: Any
    rendered: list[Rendered]
    bundle: Path
    outcome: Outcome | None


def results(subject: Subject, spec: JobSpec, out: Path, phase: Phase) -> dict[str, Any]:
    """Measures an adapter as far as the spec asks, and says everything about it."""
    bundle = subject.bundle
    result: dict[str, Any] = {
        "job": spec.job,
        "attempt": spec.attempt,
        "recipe_digest": spec.recipe_digest,
        "base": {"id": subject.base.id, "digest": subject.base.digest},
        "bundle_dir": str(bundle),
        "adapter_sha256": sha256_file(bundle / ADAPTER),
    }
    if (bundle / MANIFEST).exists():
        result["manifest"] = asdict(read_manifest(bundle))
    if subject.outcome:
        result["training"] = training_figures(subject, subject.outcome)
    if spec.evaluation.enabled:
        with phase("evaluate") as tell:
            evaluator = Evaluator(subject.model, subject.tokenizer, spec)
            result["evaluation"] = evaluate(evaluator, out, tell)
            result["parity"] = {
                "path": str(bundle / PARITY),
                "prompts": record_parity(evaluator, bundle / PARITY),
            }
    if spec.influence.enabled:
        with phase("influence") as tell:
            result["influence"] = _influence(subject, spec, out, tell)
    return result


def _influence(subject: Subject, spec: JobSpec, out: Path, tell: Callable[[float], None]) -> dict[str, Any]:
    wanted, snapshots = spec.influence, sorted((out / "snapshots").iterdir())
    folder = build_index(
        subject.model,
        subject.rendered,
        snapshots,
        subject.bundle,
        spec.seed,
        wanted.checkpoints,
        wanted.dimensions,
        tell,
    )
    used = min(len(snapshots), wanted.checkpoints)
    return {"index_dir": str(folder), "examples": len(subject.rendered), "checkpoints": used}


def training_figures(subject: Subject, outcome: Outcome) -> dict[str, Any]:
    """How the training went; `flops` counts the forward pass and the gradient of activations through the base,
    and all three passes of the adapter."""
    adapter = sum(p.numel() for name, p in subject.model.named_parameters() if ".lora_" in name)
    base = sum(p.numel() for p in subject.model.parameters()) - adapter
    return {
        "steps": outcome.steps,
        "stopped_early": outcome.stopped_early,
        "losses": [round(loss, 5) for loss in outcome.losses],
        "loss": outcome.losses[-1] if outcome.losses else None,
        "examples": len(subject.rendered),
        "tokens": outcome.tokens,
        "tokens_per_second": round(outcome.tokens / max(outcome.seconds, 1e-9), 1),
        "adapter_parameters": adapter,
        "flops": float(outcome.tokens * (4 * base + 6 * adapter)),
    }


def usage() -> dict[str, float]:
    """Peak memory in bytes and CPU seconds of this process and the ones it waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return {"peak_rss_bytes": max(own.ru_maxrss, children.ru_maxrss) * 1024, "cpu_seconds": round(cpu, 2)}
