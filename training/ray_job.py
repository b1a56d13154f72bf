"""The same job through Ray Train: workers on a cluster, checkpoints in Ray's storage, restarts after crashes."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import ray
import ray.train
from ray.train.torch import TorchTrainer

from training import telemetry
from training.checkpoint import KEPT
from training.errors import Cancelled, TrainingError
from training.job import Worker, run_job
from training.run import ERROR_FILE, STOP_FILE, report_error, run_name, stop_on_sigterm
from training.spec import JobSpec

OBJECT_STORE_BYTES = 100 * 1024 * 1024
RESTARTS = 2
# On a Ray of our own nothing preempts workers and nothing scrapes metrics; each would be a process more.
LOCAL_SETTINGS = {"RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0", "RAY_TRAIN_METRICS_ENABLED": "0"}


class RayStore:
    """Checkpoints reported to Ray Train, which copies them to its storage and drops old ones."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def latest(self) -> Path | None:
        checkpoint = ray.train.get_checkpoint()
        return Path(checkpoint.to_directory(str(self._scratch / "resume"))) if checkpoint else None

    def save(self, folder: Path, step: int) -> None:
        # Every worker holds the same state, so one copy is enough; reporting is a barrier, so all must report.
        mine = ray.train.get_context().get_world_rank() == 0
        checkpoint = ray.train.Checkpoint.from_directory(str(folder)) if mine else None
        ray.train.report({"step": step}, checkpoint=checkpoint)
        shutil.rmtree(folder, ignore_errors=True)


def run_on_ray(spec: JobSpec, out: Path) -> None:
    """Runs the job on `spec.ray_address`, or on a Ray of its own. The same name and storage resume.

    Workers must see `out`: on a cluster it is a shared volume. A typed failure is left in `out/error.json`.
    """
    _connect(spec)
    stop_on_sigterm(out)  # Ray installs a handler of its own, which would end the process without a checkpoint
    config = {"spec": dataclasses.asdict(spec), "out": str(out)}
    trainer = TorchTrainer(
        work,
        train_loop_config=config,
        scaling_config=ray.train.ScalingConfig(num_workers=spec.workers, resources_per_worker={"CPU": 1}),
        run_config=ray.train.RunConfig(
            name=run_name(spec),
            storage_path=spec.storage_path or str(out / "ray"),
            failure_config=ray.train.FailureConfig(max_failures=RESTARTS),
            checkpoint_config=ray.train.CheckpointConfig(num_to_keep=KEPT),
        ),
    )
    try:
        trainer.fit()
    finally:
        ray.shutdown()


def _connect(spec: JobSpec) -> None:
    """Joins a cluster or starts a Ray here, whose workers inherit this environment: a runtime environment of
    their own would throw away the processes that Ray has started in advance."""
    if spec.ray_address:
        variables = {name: os.environ[name] for name in (telemetry.TRACE_FILE,) if name in os.environ}
        ray.init(address=spec.ray_address, runtime_env={"env_vars": variables})
        return
    os.environ.update(LOCAL_SETTINGS)
    ray.init(
        address="local",
        num_cpus=spec.workers + 1,
        object_store_memory=OBJECT_STORE_BYTES,
        include_dashboard=False,
        log_to_driver=False,
    )


def work(config: dict[str, Any]) -> None:
    """What every Ray Train worker runs.

    A typed error is left in `error.json`. Alone, a worker then ends well, for Ray would try a failure again; among
    others it must fail, or they would wait for it, and the group that Ray then starts finds the error and ends.
    """
    spec, out = JobSpec.from_json(config["spec"]), Path(config["out"])
    if (out / ERROR_FILE).exists():
        return
    context = ray.train.get_context()
    telemetry.start()
    scratch = Path(tempfile.mkdtemp(prefix="whetstone-ray-"))
    stop = (out / STOP_FILE).exists
    worker = Worker(RayStore(scratch), context.get_world_rank(), context.get_world_size(), stop)
    try:
        with telemetry.span("training.worker", spec.traceparent, rank=worker.rank):
            run_job(spec, out, worker)
    except TrainingError as e:
        report_error(out, e)
        if worker.world > 1 and not isinstance(e, Cancelled):
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
