"""`python -m training.run --spec spec.json --out DIR`: runs a job to its end, here or through Ray Train.

Exit codes: 0 `result.json` is written; 3 `error.json` holds a reason; 143 stopped by SIGTERM after a
checkpoint, and the same command continues; anything else is a crash, and the same command continues too.
"""

from __future__ import annotations

import argparse
import dataclasses
import signal
import sys
from pathlib import Path
from typing import Any

from training import telemetry
from training.errors import Cancelled, TrainingError
from training.files import write_json
from training.spec import JobSpec, load_spec

FAILED, STOPPED = 3, 143
STOP_FILE, ERROR_FILE = "stop", "error.json"


def main() -> None:
    """Reads the spec, runs the job and exits with its code."""
    parser = argparse.ArgumentParser(description="Run a training job.")
    parser.add_argument("--spec", type=Path, required=True, help="JobSpec as proto JSON")
    parser.add_argument("--out", type=Path, required=True, help="folder for progress, result and bundle")
    arguments = parser.parse_args()
    sys.exit(run(arguments.spec, arguments.out.resolve()))


def run(spec_path: Path, out: Path) -> int:
    """Runs the job of a spec file; returns the exit code."""
    out.mkdir(parents=True, exist_ok=True)
    for leftover in (STOP_FILE, ERROR_FILE):
        (out / leftover).unlink(missing_ok=True)
    telemetry.start()
    try:
        spec = load_spec(spec_path)
        with telemetry.span("training.job", spec.traceparent, job=spec.job, attempt=spec.attempt):
            _run(dataclasses.replace(spec, traceparent=telemetry.traceparent()), out)
    except TrainingError as e:
        return report_error(out, e)
    # A worker elsewhere leaves its error in the file rather than in an exception that Ray would retry.
    return error_code(out)


def report_error(out: Path, error: TrainingError) -> int:
    """Writes `error.json` and gives the exit code."""
    write_json(out / ERROR_FILE, {"reason": error.reason, "message": str(error)})
    return error_code(out)


def error_code(out: Path) -> int:
    """The exit code that `error.json`, or its absence, stands for."""
    import json

    path = out / ERROR_FILE
    if not path.exists():
        return 0
    return STOPPED if json.loads(path.read_text())["reason"] == Cancelled.reason else FAILED


def stop_on_sigterm(out: Path) -> None:
    """SIGTERM leaves a file that every worker looks for after each step: it works across processes."""

    def stop(*_: Any) -> None:
        (out / STOP_FILE).touch()

    signal.signal(signal.SIGTERM, stop)


def _run(spec: JobSpec, out: Path) -> None:
    stop_on_sigterm(out)
    if spec.workers:
        from training.ray_job import run_on_ray

        run_on_ray(spec, out)
        return
    from training.checkpoint import FolderStore
    from training.job import Worker, run_job

    root = Path(spec.storage_path or out) / run_name(spec) / "checkpoints"
    run_job(spec, out, Worker(FolderStore(root), should_stop=(out / STOP_FILE).exists))


def run_name(spec: JobSpec) -> str:
    """The run's folder in the storage: the same for every attempt at the same job with the same recipe and data."""
    from training.bundle import ADAPTER
    from training.files import digest_json, sha256_file

    start = sha256_file(Path(spec.lora.init_adapter) / ADAPTER) if spec.lora.init_adapter else ""
    data = [spec.base.id, spec.dataset.version, spec.dataset.digest, start]
    identity = digest_json([spec.job, spec.recipe_digest, *data])
    return f"{spec.job.rsplit('/', 1)[-1]}-{identity.removeprefix('sha256:')[:12]}"


if __name__ == "__main__":
    main()
