"""Starts and stops `whet dev` for the demo, as a user would in another terminal."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli import client, state
from cli.errors import CommandError
from services.chassis import telemetry

READY_SECONDS = 180.0
STOP_SECONDS = 20.0


class System:
    """A running `whet dev` in a folder of its own."""

    def __init__(self, folder: Path, base: str, components: str = "", environ: Mapping[str, str] | None = None) -> None:
        self.folder, self._base, self._components = folder.resolve(), base, components
        self._environ = dict(environ or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.ready_seconds = 0.0

    def start(self) -> None:
        """Starts it and waits until it is ready. Raises CommandError where it is not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        begin = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "cli.main",
            "--state-dir",
            str(self.folder),
            "dev",
            "--port",
            "0",
            "--base",
            self._base,
        ]
        command += ["--only", self._components] if self._components else []
        log = (self.folder / "dev.log").open("ab")
        environ = os.environ | self._environ
        self.process = subprocess.Popen(  # noqa: S603 our own program
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environ,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        for line in iter(self.process.stdout.readline, b""):  # type: ignore[union-attr]
            log.write(line)
            if line.startswith(b"ready"):
                self.ready_seconds = time.monotonic() - begin
                return
        raise CommandError(
            "DEV_NOT_READY", f"`whet dev` ended; see {self.folder / 'dev.log'} and {self.folder / 'logs'}"
        )

    def api(self, project: str) -> client.Api:
        return client.connect("", "", project, self.folder, telemetry.traceparent())

    @property
    def running(self) -> state.DevState:
        found = state.load(self.folder)
        if found is None:
            raise CommandError("SERVER_UNKNOWN", f"no `whet dev` has run in {self.folder}")
        return found

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL to the supervisor and, with it, to everything below."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@contextmanager
def running(system: System) -> Iterator[System]:
    system.start()
    try:
        yield system
    finally:
        system.stop()
