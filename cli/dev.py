"""`whet dev`: the whole system on one machine, a process per service, restarted when one dies.

Services are forked from this process, which has imported what they share and has no threads of its own. They die with
it (PR_SET_PDEATHSIG), so that a killed supervisor leaves nothing behind.
"""

import ctypes
import fcntl
import importlib
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from cli import state
from cli.errors import CommandError

# In the order of starting; the model server comes first because it takes longest.
COMPONENTS: Mapping[str, str] = {
    "model-server": "services.serving.runtime.__main__",
    "serving": "services.serving.__main__",
    "ingestion": "services.ingestion.__main__",
    "curation": "services.curation.__main__",
    "synthesis": "services.synthesis.__main__",
    "training": "services.training.__main__",
    "tools": "services.tools.__main__",
    "agents": "services.agents.__main__",
    "federation": "services.federation.__main__",
    "provenance": "services.provenance.__main__",
    "pipelines": "services.pipelines.__main__",
    "gateway": "gateway.__main__",
}
# Imported once here and shared by every child; none of them starts a thread when imported.
SHARED = (
    "alembic.command",
    "google.api.annotations_pb2",
    "grpc_health.v1.health",
    "grpc_reflection.v1alpha.reflection",
    "opentelemetry.sdk.trace",
    "pydantic",
    "services.chassis.lifecycle",
    "sqlalchemy.dialects.sqlite",
)
PR_SET_PDEATHSIG = 1
FIRST_BACKOFF, LAST_BACKOFF = 0.5, 10.0
STOP_SECONDS = 15.0


@dataclass
class Child:
    """A component's process and how often it died lately."""

    component: str
    pid: int = 0
    backoff: float = FIRST_BACKOFF
    due: float = 0.0
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    def __init__(self, state_dir: Path, port: int, components: tuple[str, ...], base: str) -> None:
        self.state_dir, self._base = state_dir.resolve(), base
        before = state.load(self.state_dir)
        addresses = {name: f"127.0.0.1:{_free_port()}" for name in components}
        addresses["gateway"] = f"127.0.0.1:{port or _free_port()}"
        self.state = state.DevState(
            gateway=f"http://{addresses['gateway']}",
            token=os.environ.get("WHETSTONE_DEV_TOKEN") or (before.token if before else state.new_secret()),
            internal_key=before.internal_key if before else state.new_secret(),
            addresses=addresses,
            pid=os.getpid(),
        )
        self._children = [Child(name) for name in components]
        self._stopping = False

    def start(self) -> None:
        for name in SHARED:
            importlib.import_module(name)
        (self.state_dir / "logs").mkdir(parents=True, exist_ok=True)
        state.save(self.state_dir, self.state)
        for child in self._children:
            self._spawn(child)

    def wait_ready(self, timeout: float) -> float:
        """Waits until the gateway reports every part ready; returns the seconds. Raises CommandError."""
        begin = time.monotonic()
        while time.monotonic() - begin < timeout:
            self.revive()
            if self._is_ready():
                return time.monotonic() - begin
            time.sleep(0.1)
        raise CommandError("DEV_NOT_READY", f"not ready after {timeout:.0f} s; see {self.state_dir / 'logs'}")

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.state.gateway}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def revive(self) -> None:
        """Starts again what died, after a pause that doubles while it keeps dying."""
        now = time.monotonic()
        for child in self._children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                child.pid, child.due = 0, now + child.backoff
                lived = now - child.started
                child.backoff = FIRST_BACKOFF if lived > LAST_BACKOFF else min(child.backoff * 2, LAST_BACKOFF)
            if not child.pid and now >= child.due and not self._stopping:
                self._spawn(child)

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to what is left after STOP_SECONDS."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while any(child.pid for child in self._children) and time.monotonic() < end:
            self.revive()
            time.sleep(0.05)
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, number)

    def _spawn(self, child: Child) -> None:
        child.started = time.monotonic()
        child.pid = os.fork()
        if child.pid == 0:
            self._become(child.component)

    def _become(self, component: str) -> None:
        """The child's whole life."""
        code = 1
        try:
            _die_with_parent()
            log = (self.state_dir / "logs" / f"{component}.log").open("ab", buffering=0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            os.environ.update(self._environment(component))
            importlib.import_module(COMPONENTS[component]).main()
            code = 0
        except BaseException:  # noqa: BLE001 a forked child must never return into the supervisor
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _environment(self, component: str) -> dict[str, str]:
        services = {k: v for k, v in self.state.addresses.items() if k not in ("gateway", "model-server")}
        addresses = ",".join(f"{name}={address}" for name, address in services.items())
        runtime = self.state.addresses.get("model-server", "")
        return {
            "WHETSTONE_MODE": "embedded",
            "WHETSTONE_STATE_DIR": str(self.state_dir),
            "WHETSTONE_LISTEN": self.state.addresses[component],
            "WHETSTONE_ADDRESSES": addresses,
            "WHETSTONE_INTERNAL_KEY": self.state.internal_key,
            "WHETSTONE_DEV_TOKEN": self.state.token,
            "WHETSTONE_BASE_MODEL": self._base,
            "WHETSTONE_TRAINING_BASE": self._base,
            "WHETSTONE_CACHE_DIR": str(cache_dir()),
            "WHETSTONE_TRAINING_CACHE_DIR": str(cache_dir()),
            "WHETSTONE_RUNTIME_URL": f"http://{runtime}" if runtime else "",
            "TOKENIZERS_PARALLELISM": "false",
            # Threads that wait by spinning take the cores from the other parts: a busy machine gets 20 times slower.
            "OMP_WAIT_POLICY": "PASSIVE",
        }


def cache_dir() -> Path:
    """Where converted base models are kept between projects."""
    return Path(os.environ.get("WHETSTONE_CACHE_DIR") or Path.home() / ".cache" / "whetstone")


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Ctrl-C goes to the whole terminal group; the supervisor alone answers it, and stops its children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setpgid(0, 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def locked(state_dir: Path) -> Iterator[None]:
    """Keeps a second supervisor off the same folder. Raises CommandError."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "dev.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError("DEV_ALREADY_RUNNING", f"`whet dev` already runs on {state_dir}") from error
        yield


def chosen(only: str) -> tuple[str, ...]:
    """The components named, in the order of starting; all where none is. Raises CommandError for an unknown one."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(COMPONENTS)
    if unknown := sorted(set(names) - set(COMPONENTS)):
        raise CommandError(
            "COMPONENT_UNKNOWN", f"no part is called {', '.join(unknown)}; parts: {', '.join(COMPONENTS)}"
        )
    return tuple(name for name in COMPONENTS if name in names)


def run(state_dir: Path, port: int, base: str, timeout: float, components: tuple[str, ...], console: Console) -> None:
    """Runs until Ctrl-C or SIGTERM."""
    ended = False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True

    with locked(state_dir):
        supervisor = Supervisor(state_dir, port, components, base)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        supervisor.start()
        try:
            seconds = supervisor.wait_ready(timeout)
            greet(console, supervisor.state, seconds)
            while not ended:
                supervisor.revive()
                time.sleep(0.2)
        finally:
            supervisor.stop()


def greet(console: Console, running: state.DevState, seconds: float) -> None:
    console.print(f"[bold green]ready[/] after {seconds:.1f} s")
    console.print(f"  console   {running.gateway}/")
    console.print(f"  REST      {running.gateway}/v1   (OpenAPI: {running.gateway}/docs)")
    console.print(f"  OpenAI    base_url={running.gateway}/v1")
    console.print(f"  token     {running.token}")
