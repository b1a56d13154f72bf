"""Systems for the end-to-end tests: real `whet dev` processes, each in a folder of its own, reached by the gateway."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cli.client import Api, Json
from cli.context import Context
from examples.demo import act, expert, stages
from examples.demo.system import System
from examples.quantumforge.generate import generate

T = TypeVar("T")
TINY, SMALL = "embedded:tiny-phi3", "embedded:smollm2-135m-instruct"
PROJECT = "e2e"
LICENCE = "written for the tests"
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
# One thread a process: the tests' machine has few cores, and the trainer's result must not depend on their number.
FRUGAL = {"OMP_NUM_THREADS": "1", "WHETSTONE_RUNTIME_THREADS": "1", "WHETSTONE_TRAINING_THREADS": "1"}
TINY_ENVIRON = FRUGAL | {
    "WHETSTONE_RUNTIME_PRECISION": "fp32",
    "WHETSTONE_TRAINING_RECIPE": "tiny",
    "WHETSTONE_TRAINING_WORKERS": "0",
    # A model of two layers neither calls tools nor declines. What the gate says of gain, forgetting and parity is
    # by its default thresholds.
    "WHETSTONE_GATE_MIN_TOOLS": "0",
    "WHETSTONE_GATE_MIN_NO_CALL": "0",
    "WHETSTONE_GATE_MIN_DECLINE": "0",
}
TINY_SPEC: Json = {"workers": 0, "optimisation": {"maxSteps": 40}, "evaluation": {"maxNewTokens": 16}}


@dataclass
class World:
    """A running system and what a run made on it."""

    system: System
    project: str = PROJECT
    run: Json = field(default_factory=dict)
    documents: list[Json] = field(default_factory=list)
    findings: list[Json] = field(default_factory=list)

    @property
    def api(self) -> Api:
        return self.system.api(self.project)

    @property
    def context(self) -> Context:
        return Context("", "", self.project, self.system.folder, True)

    @property
    def files(self) -> dict[str, str]:
        """File names by the documents' resource names."""
        return {document["name"]: document["filename"] for document in self.documents}

    def output(self, stage: str, key: str) -> str:
        return str(stages.outputs(self.run, stage)[key])

    @property
    def version(self) -> Json:
        return self.api.get(self.output("dataset", "version"))

    @property
    def model(self) -> Json:
        return self.api.get(self.output("train", "model_version"))


def until(found: Callable[[], T], seconds: float = 120.0, pause: float = 0.1) -> T:
    """The first true value of `found()`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(pause)
    raise AssertionError(f"{found} said nothing for {seconds} s")


def ended(api: Api, name: str, seconds: float = 800.0) -> Json:
    """The run or job once it has ended, well or not."""

    def look() -> Json:
        found = api.get(name)
        return found if found["state"] in ENDED else {}

    return until(look, seconds, 0.3)


def whet(world: World, *words: str) -> Any:
    """What the command says, run as a person does: in a process of its own, with JSON on standard output."""
    command = [sys.executable, "-m", "cli.main", "--json", "--state-dir", str(world.system.folder)]
    command += ["--project", world.project, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def build(world: World, folder: Path, parameters: Mapping[str, str]) -> None:
    """From a folder to the end of a run of recipe `build`: one command, then the expert's decisions."""
    given = [word for key, value in parameters.items() for word in ("--parameter", f"{key}={value}")]
    world.run = whet(world, "run", "start", str(folder), "--licence", LICENCE, *given)
    if world.run["state"] == "WAITING":
        expert.settle_all(world.api)
    world.run = ended(world.api, world.run["name"])
    world.documents = list(world.api.all(f"{world.api.parent}/documents", "documents"))
    world.findings = list(world.api.all(f"{world.api.parent}/findings", "findings"))


@contextmanager
def running(folder: Path, base: str, components: str = "", environ: Mapping[str, str] | None = None) -> Iterator[World]:
    system = System(folder, base, components, environ or {})
    system.start()
    try:
        yield World(system)
    finally:
        system.stop()


@pytest.fixture(scope="session")
def truth() -> Json:
    path = Path(generate.__code__.co_filename).with_name("truth.json")
    loaded: Json = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "documents"
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Iterator[World]:
    """The whole corpus through a whole run on the small model, which the gate refuses."""
    with running(tmp_path_factory.mktemp("tiny"), TINY, environ=TINY_ENVIRON) as world:
        parameters = {
            "synthesise.wordings": "3",
            "synthesise.tools_json": act.taught_functions(),
            "train.recipe": "tiny",
            "train.model": stages.MODEL,
            "train.spec": json.dumps(TINY_SPEC),
        }
        build(world, corpus, parameters)
        yield world
