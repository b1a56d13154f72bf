"""Reads what a job writes: progress lines, log, failure, result. The other side is training/."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.training.domain.jobs import Failure, Measures, Progress
from services.training.errors import ResultInvalid
from services.training.evaluations import collect_evaluation
from services.training.ports import Finished

TAIL_LINES, TAIL_BYTES, KEPT_LOSSES = 20, 16_384, 2_000


class ProgressFile:
    """Follows `progress.jsonl`, reading each line once."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0
        self._progress: Progress | None = None
        self._losses: list[float] = []
        self._last: dict[str, Any] = {}

    def read(self) -> tuple[Progress | None, Measures]:
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._offset)
                # The last line may be half written: it is read once it is whole.
                whole, newline, _ = file.read().rpartition(b"\n")
                self._offset += len(whole) + len(newline)
            for line in whole.splitlines():
                self._take(json.loads(line))
        return self._progress, self._measures()

    def _take(self, line: Mapping[str, Any]) -> None:
        if "loss" in line:
            self._losses.append(float(line["loss"]))
            self._last = dict(line)
        done, total = line.get("step", 0), line.get("total", 0)
        if not total:
            done, total = round(100 * line.get("fraction", 0.0)), 100
        self._progress = Progress(line.get("phase", ""), done, total, line.get("eta"))

    def _measures(self) -> Measures:
        losses = tuple(self._losses[-KEPT_LOSSES:])
        return Measures(losses[-1] if losses else 0.0, losses, float(self._last.get("tokens_per_second", 0.0)))


def log_tail(path: Path) -> tuple[str, ...]:
    """The last lines of a log."""
    if not path.exists():
        return ()
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - TAIL_BYTES, 0))
        lines = file.read().decode(errors="replace").splitlines()
    return tuple(line for line in lines[-TAIL_LINES:] if line.strip())


def read_failure(folder: Path) -> Failure | None:
    """Why the job stopped, where it says so."""
    path = folder / "error.json"
    if not path.exists():
        return None
    try:
        error = json.loads(path.read_text())
        return Failure(str(error["reason"]), str(error["message"]))
    except (ValueError, KeyError, TypeError) as fault:
        return Failure(ResultInvalid.reason, f"error.json can't be read: {fault}")


def read_finished(folder: Path, attempt: int) -> Finished | None:
    """The result of a job that ended well; None where there is none or it is another attempt's.

    Raises ResultInvalid where it can't be read.
    """
    path = folder / "result.json"
    if not path.exists():
        return None
    try:
        result = json.loads(path.read_text())
        if int(result["attempt"]) != attempt:
            return None
        bundle, influence = folder / "bundle", folder / "bundle" / "influence"
        return Finished(
            attempt,
            bundle if bundle.is_dir() else None,
            influence if influence.is_dir() else None,
            collect_evaluation(folder, result),
            _final_measures(result),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultInvalid(f"the job's result can't be read: {type(error).__name__}: {error}") from error


def _final_measures(result: Mapping[str, Any]) -> Measures:
    training = result.get("training") or {}
    losses = tuple(float(loss) for loss in training.get("losses", ()))
    return Measures(
        losses[-1] if losses else 0.0,
        losses[-KEPT_LOSSES:],
        float(training.get("tokens_per_second") or 0.0),
        float(training.get("flops") or 0.0),
        float(result.get("cpu_seconds") or 0.0),
    )
