"""One controller in this process, one real model server in another, and adapters on the tiny base.

Torch and KServe are imported once, in a forkserver, so that a model server starts in a fraction of a second.
"""

import io
import json
import multiprocessing
import os
import socket
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import openai
import pytest

from services.chassis import auth, rpc
from services.chassis.blobs import Blobs, open_blobs
from services.chassis.lifecycle import Service
from services.chassis.testing import CALLER, KEY, settings, tell
from services.serving.bootstrap import bootstrap
from services.serving.domain import ServedVersion
from services.serving.settings import Settings
from tests.integration.serving import processes
from whetstone.training.v1 import events_pb2 as training
from whetstone.training.v1 import training_pb2
from whetstone.type.v1 import location_pb2

MODEL = "projects/p/models/m"
DATASET = "projects/p/datasets/d/versions/1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(until: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@dataclass
class Stack:
    """The controller, the model server's process, and what a test does to them."""

    context: multiprocessing.context.ForkServerContext
    folder: Path
    controller: Service
    url: str
    environment: dict[str, str]
    bundles: Path
    blobs: Blobs
    process: BaseProcess | None = None
    told: int = field(default=0)

    def start_server(self) -> float:
        """Starts the model server and returns the seconds until it was ready."""
        began = time.monotonic()
        self.launch()
        wait(lambda: self.status("/v2/health/ready") == 200, 60)
        return time.monotonic() - began

    def launch(self) -> None:
        self.process = self.context.Process(target=processes.run_model_server, args=(self.environment,), daemon=True)
        self.process.start()

    def status(self, path: str) -> int:
        """What a GET answers; 0 while nothing answers."""
        try:
            return httpx.get(f"{self.url}{path}", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def headers(self, caller: auth.Caller = CALLER) -> dict[str, str]:
        return {auth.METADATA_KEY: auth.sign(caller, KEY)}

    def client(self, caller: auth.Caller = CALLER, prefix: str = "/v1") -> openai.OpenAI:
        url = f"{self.url}{prefix}"
        return openai.OpenAI(base_url=url, api_key="x", default_headers=self.headers(caller), max_retries=0)

    def http(self, caller: auth.Caller = CALLER) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.headers(caller), timeout=30)

    def version(self, seed: int, model: str = MODEL, **changes: object) -> training_pb2.ModelVersion:
        """A registered version `v<seed>` whose adapter is made from the seed."""
        archive = (self.bundles / f"{seed}.tar").read_bytes()
        kept = self.blobs.put(CALLER.tenant, archive, "application/x-tar")
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        values: dict[str, object] = {
            "name": f"{model}/versions/v{seed}",
            "state": training_pb2.ModelVersion.CANDIDATE,
            "base": manifest["base_id"],
            "base_digest": manifest["base_digest"],
            "adapter_digest": manifest["adapter_digest"],
            "bundle": location_pb2.BlobRef(sha256=kept.sha256, size_bytes=kept.size_bytes),
            "dataset_version": DATASET,
        }
        return training_pb2.ModelVersion(**(values | changes))

    def influence(self, seed: int) -> location_pb2.BlobRef:
        """The influence index of the adapter that is made from the seed."""
        kept = self.blobs.put(CALLER.tenant, (self.bundles / f"{seed}-influence.tar").read_bytes())
        return location_pb2.BlobRef(sha256=kept.sha256, size_bytes=kept.size_bytes)

    def tell(self, subject: str, message: object) -> None:
        """As if the training service had said it. An event's id is made of its subject and type, hence the count."""
        self.told += 1
        tell(self.controller.platform.store, self.controller.consumer, CALLER.tenant, f"{subject}#{self.told}", message)

    def register(self, version: training_pb2.ModelVersion) -> None:
        self.tell(version.name, training.ModelVersionRegistered(version=version))

    def promote(self, version: training_pb2.ModelVersion, run: str = "") -> None:
        stage = location_pb2.StageRef(run=run, stage="serve", attempt=1) if run else None
        self.tell(version.name, training.ModelVersionPromoted(version=version, stage=stage))

    def answers_with(self, model: str) -> str:
        """The version that answers for a model now; empty where none does."""
        with self.http() as http:
            body = {"model": model, "messages": [{"role": "user", "content": "q"}], "max_tokens": 1}
            response = http.post("/v1/chat/completions", json=body)
        return response.headers.get("whetstone-model-version", "")


class Unindexed:
    """A registry whose versions have no influence index."""

    def get(self, version: str) -> ServedVersion:
        return ServedVersion(version, "", "", "", "")


@pytest.fixture(scope="session")
def forkserver() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context.set_forkserver_preload(["services.serving.runtime.bootstrap", "training.model"])
    return context


@pytest.fixture(scope="session")
def bundles(forkserver, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bundles")
    made = forkserver.Process(target=processes.make_bundles, args=(folder / "cache", folder, [1, 2, 3]))
    made.start()
    made.join(90)
    assert made.exitcode == 0
    return folder


@pytest.fixture(scope="module")
def stack(forkserver, bundles, tmp_path_factory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("serving")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    values = settings(
        Settings, folder, runtime_url=f"{url}/openai/v1", reconcile_seconds=0.05, events_poll_seconds=3600.0
    )
    controller = bootstrap(values, registry=Unindexed())
    address = controller.start()
    environment = {
        "WHETSTONE_STATE_DIR": str(folder),
        "WHETSTONE_INTERNAL_KEY": KEY,
        "WHETSTONE_LISTEN": f"127.0.0.1:{port}",
        "WHETSTONE_ADDRESSES": f"serving=127.0.0.1:{address}",
        "WHETSTONE_BASE_MODEL": "embedded:tiny-phi3",
        "WHETSTONE_CACHE_DIR": str(bundles / "cache"),
        "WHETSTONE_RUNTIME_PRECISION": "fp32",
        "WHETSTONE_RUNTIME_THREADS": "1",
        "WHETSTONE_GRACE_SECONDS": "1",
    }
    made = Stack(forkserver, folder, controller, url, environment, bundles, open_blobs("", folder))
    made.controller_address = f"127.0.0.1:{address}"  # type: ignore[attr-defined]
    try:
        made.start_server()
        yield made
    finally:
        if made.process is not None and made.process.is_alive():
            made.process.terminate()
            made.process.join(10)
        controller.stop()


@pytest.fixture
def channel(stack) -> Iterator[object]:
    """Calls to the controller as the test's caller."""
    with auth.acting_as(CALLER), rpc.channel(stack.controller_address, KEY) as made:
        yield made
