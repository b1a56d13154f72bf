"""Runs jobs on this machine: `python -m training.run` in a process group of its own, which starts Ray where asked.

Each attempt has a folder of its own, so that a late process of an earlier attempt can't write into a later one's
result. Checkpoints are shared by the attempts of a job. A trainer dies with the service (see launch.py), and what is
left of it is ended before the next attempt.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.chassis.blobs import Blobs
from services.training.adapters import launch, processes
from services.training.bundles import unpack
from services.training.domain.jobs import BlobRef, DatasetVersion
from services.training.errors import NameInvalid
from services.training.ports import Look, Order
from services.training.results import ProgressFile, log_tail, read_failure, read_finished
from services.training.settings import child_environment

PARTS = ("train", "heldout_wordings", "heldout_unseen", "chunks")


@dataclass
class Running:
    """One attempt that this process started."""

    attempt: int
    folder: Path
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    progress: ProgressFile
    kill_after: float = 0.0


class LocalRay:
    def __init__(
        self,
        blobs: Blobs,
        state_dir: Path,
        grace_seconds: float,
        command: Callable[[Path, Path], list[str]] | None = None,
    ) -> None:
        self._blobs, self._grace = blobs, grace_seconds
        self._root, self._traces = state_dir.resolve() / "training", state_dir.resolve() / "traces"
        self._command = command or _training_command
        self._running: dict[str, Running] = {}
        # A child is killed when the very thread that started it ends: this one lives until `close`.
        self._launcher = ThreadPoolExecutor(1, thread_name_prefix="launch")

    def start(self, order: Order) -> None:
        key = _key(order.tenant, order.job)
        processes.end_marked(key)
        folder = self._root / key / f"attempt-{order.attempt}"
        folder.mkdir(parents=True, exist_ok=True)
        paths = {"storage_path": str(self._root / key / "checkpoints"), "output_dir": str(folder)}
        (folder / "spec.json").write_text(json.dumps(dict(order.spec) | paths, indent=2))
        log = (folder / "log.txt").open("ab")
        process = self._launcher.submit(self._spawn, folder, log, self._environment(key, order.attempt)).result()
        progress = ProgressFile(folder / "progress.jsonl")
        self._running[key] = Running(order.attempt, folder, process, log, progress)

    def _spawn(self, folder: Path, log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the command is our own
            [sys.executable, launch.__file__, str(os.getpid()), *self._command(folder / "spec.json", folder)],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )

    def _environment(self, key: str, attempt: int) -> dict[str, str]:
        name = f"training-job-{key.replace('/', '-')}-{attempt}.jsonl"
        own = {
            processes.MARK: f"{key}/{attempt}",
            "WHETSTONE_TRACE_FILE": str(self._traces / name),
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        return child_environment() | own

    def look(self, tenant: str, job: str, attempt: int) -> Look:
        running = self._running.get(_key(tenant, job))
        if running is None or running.attempt != attempt:
            return Look(is_known=False)
        code = running.process.poll()
        progress, measures = running.progress.read()
        tail = log_tail(running.folder / "log.txt")
        if code is None:
            self._kill_late(running)
            return Look(True, True, progress, measures, tail)
        running.log.close()
        finished = read_finished(running.folder, attempt) if code == 0 else None
        failure = None if finished else read_failure(running.folder)
        return Look(True, False, progress, measures, tail, finished, failure, code)

    def stop(self, tenant: str, job: str) -> None:
        running = self._running.get(_key(tenant, job))
        if running is not None and not running.kill_after:
            running.kill_after = time.monotonic() + self._grace
            _signal(running, signal.SIGTERM)

    def fetch(self, tenant: str, job: str, dataset: DatasetVersion) -> Mapping[str, str]:
        folder = self._root / _key(tenant, job) / "data"
        paths = {"version": dataset.name, "digest": dataset.digest}
        for part in PARTS:
            blob: BlobRef = getattr(dataset, part)
            if blob.sha256:
                target = folder / f"{part}-{blob.sha256[:16]}.jsonl"
                paths[part] = str(target if target.exists() else self._blobs.download(tenant, blob.sha256, target))
        return paths

    def unpack(self, tenant: str, job: str, bundle: BlobRef) -> str:
        folder = self._root / _key(tenant, job) / f"bundle-{bundle.sha256[:16]}"
        unpack(self._blobs.get(tenant, bundle.sha256), folder)
        return str(folder)

    def close(self) -> None:
        alive = [running for running in self._running.values() if running.process.poll() is None]
        for running in alive:
            _signal(running, signal.SIGTERM)
        until = time.monotonic() + self._grace
        for running in alive:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(max(until - time.monotonic(), 0.0))
            _signal(running, signal.SIGKILL)
            running.process.wait()
            running.log.close()
        for key in self._running:
            processes.end_marked(key)
        self._launcher.shutdown()

    def _kill_late(self, running: Running) -> None:
        if running.kill_after and time.monotonic() > running.kill_after:
            _signal(running, signal.SIGKILL)


def _signal(running: Running, number: int) -> None:
    """Signals the trainer's whole group, its workers too."""
    with suppress(ProcessLookupError):
        os.killpg(running.process.pid, number)


def _key(tenant: str, job: str) -> str:
    """A job's folder below the root. Raises NameInvalid for a name that could lead out of it."""
    project, _, id_ = job.removeprefix("projects/").partition("/trainingJobs/")
    parts = (tenant, project, id_)
    if not all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}", part) for part in parts):
        raise NameInvalid(f"{job} can't be a job of {tenant}", name=job)
    return "/".join(parts)


def _training_command(spec: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "training.run", "--spec", str(spec), "--out", str(folder)]
