"""What a job says while it runs: `progress.jsonl`, one JSON object a line, appended and flushed at once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

# Share of the whole job that each phase takes, measured on the demo; only the progress bar depends on it.
PHASES = {"base": 0.03, "data": 0.01, "train": 0.6, "evaluate": 0.22, "influence": 0.12, "bundle": 0.02}


class Progress:
    """Appends lines with time, phase, the fraction of the phase and of the whole, and seconds left of the phase."""

    def __init__(self, path: Path, attempt: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._attempt = path, attempt

    def say(self, phase: str, fraction: float, eta: float = 0.0, **more: Any) -> None:
        """One line; `more` holds the phase's own figures, such as step, total, loss and tokens_per_second."""
        before = sum(share for name, share in PHASES.items() if list(PHASES).index(name) < list(PHASES).index(phase))
        line = {
            "time": round(time.time(), 3),
            "attempt": self._attempt,
            "phase": phase,
            "fraction": round(fraction, 4),
            "overall": round(before + PHASES[phase] * fraction, 4),
            "eta": round(eta, 1),
            **more,
        }
        with self._path.open("a") as f:
            f.write(json.dumps(line) + "\n")
