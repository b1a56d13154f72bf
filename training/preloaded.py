"""`python -m training.preloaded`: jobs one after the other, each in a fork of a process that has imported everything.

Importing torch, transformers and peft takes longer than a small job. A line of standard input is a JSON object with
`spec` and `out`, as `training.run` takes them; a line of standard output is the job's exit code. Its input ends it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

# What a job imports; none of it starts a thread when imported, so forking after it is safe.
HEAVY = ("training.job", "training.evaluate", "training.loop", "training.bundle", "peft", "transformers.models.llama")


def main() -> None:
    for name in HEAVY:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        print(run_forked(Path(asked["spec"]), Path(asked["out"])), flush=True)


def run_forked(spec: Path, out: Path) -> int:
    """Runs one job in a child and returns its exit code, as `training.run` gives it; a signal's is negative."""
    child = os.fork()
    if child == 0:
        _become(spec, out)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(spec: Path, out: Path) -> None:
    """The child's whole life; its output goes to `log` in the job's folder, for standard output carries exit codes."""
    code = 1
    try:
        out.mkdir(parents=True, exist_ok=True)
        log = (out / "log").open("ab", buffering=0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        from training.run import run

        code = run(spec, out.resolve())
    except Exception:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
