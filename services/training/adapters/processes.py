"""Ending what a job left behind: every process that carries the job's mark in its environment."""

import os
import signal
from contextlib import suppress
from pathlib import Path

MARK = "WHETSTONE_TRAINING_ATTEMPT"


def marked(job: str) -> list[int]:
    """Processes of any attempt at a job, this one left out. Those of other users can't be read and are not ours."""
    wanted = f"{MARK}={job}/".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if any(part.startswith(wanted) for part in (entry / "environ").read_bytes().split(b"\0")):
                    found.append(int(entry.name))
    return found


def end_marked(job: str) -> int:
    """Kills them at once; returns how many there were."""
    found = marked(job)
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(found)
