"""kill -9 of the whole of `whet dev` in the middle of work: started again, it ends with the same result."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.client import Api, Json
from examples.demo import expert, firms
from services.federation.aggregation import Adapter, write_adapter
from services.participant.adapters.coordinator import GrpcCoordinator
from tests.e2e.conftest import FRUGAL, LICENCE, TINY, World, ended, running, until, whet

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
FIRMS = ("castellan", "northgate", "tidewater")


# In the middle of ingestion.


def parsed(api: Api) -> list[Json]:
    """Every document once none is pending."""

    def look() -> list[Json]:
        found = list(api.all(f"{api.parent}/documents", "documents"))
        return [] if any(document["state"] == "PENDING" for document in found) else found

    return until(look, 300)


def contents(api: Api) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """By file name: the state, and the digests of text and chunks of every revision."""
    found = {}
    for document in parsed(api):
        revisions = api.all(f"{document['name']}/revisions", "revisions")
        digests = sorted((r["text"]["sha256"], r["chunks"]["sha256"]) for r in revisions if r.get("chunks"))
        found[document["filename"]] = (document["state"], digests)
    return found


def test_ingestion_goes_on_after_a_kill(tmp_path: Path, corpus: Path) -> None:
    files = sorted(corpus.iterdir())[::2]
    parts, environ = "ingestion,gateway", FRUGAL | {"WHETSTONE_PARSE_SLOTS": "1"}
    with running(tmp_path / "undisturbed", TINY, parts, environ) as world:
        for path in files:
            world.api.upload(path, LICENCE)
        expected = contents(world.api)
    with running(tmp_path / "killed", TINY, parts, environ) as world:
        half = len(files) // 2
        answered = [world.api.upload(path, LICENCE)["name"] for path in files[:half]]
        world.system.kill()
        pending = in_state(world.system.folder / "db" / "ingestion.sqlite", "documents", "PENDING")
        assert 0 < pending <= half, "the kill came too late to be in the middle"
        world.system.start()
        assert {document["name"] for document in parsed(world.api)} == set(answered)
        for path in files[half:]:
            world.api.upload(path, LICENCE)
        assert contents(world.api) == expected
        names = [d["filename"] for d in world.api.all(f"{world.api.parent}/documents", "documents")]
        assert sorted(names) == [path.name for path in files]


def in_state(database: Path, table: str, state: str) -> int:
    """Rows of a table in a state, read from the file that the killed processes left behind."""
    connection = sqlite3.connect(database)
    try:
        query = f"SELECT count(*) FROM {table} WHERE state = ?"
        return int(connection.execute(query, (state,)).fetchone()[0])
    finally:
        connection.close()


# In the middle of training.

LEARNING = "model-server,serving,ingestion,curation,synthesis,training,pipelines,gateway"
STEPS = 150
SPEC: Json = {
    "optimisation": {"maxSteps": STEPS, "learningRate": 0.01, "epochs": 1000, "batchTokens": 512},
    "lora": {"rank": 8},
    "precision": "fp32",
    "seed": 7,
    "checkpointEvery": 10,
    "evaluation": {"maxQuestions": 2, "maxNewTokens": 4, "systems": ["specialist"]},
}


@pytest.fixture
def curated(tmp_path: Path) -> Iterator[World]:
    """A firm's dataset version, and a training service that can train on it."""
    environ = FRUGAL | {"WHETSTONE_TRAINING_RECIPE": "tiny", "WHETSTONE_TRAINING_WORKERS": "0"}
    with running(tmp_path, TINY, LEARNING, environ) as world:
        folder = firms.FIRMS / "northgate"
        world.run = whet(world, "run", "start", str(folder), "--recipe", "curate", "--licence", LICENCE)
        if world.run["state"] == "WAITING":
            expert.settle_all(world.api)
        world.run = ended(world.api, world.run["name"])
        assert world.run["state"] == "SUCCEEDED", world.run
        yield world


def train(world: World, model: str) -> str:
    job = {
        "datasetVersion": world.version["name"],
        "model": f"{world.api.parent}/models/{model}",
        "recipe": "tiny",
        "spec": SPEC,
    }
    return str(world.api.post(f"{world.api.parent}/trainingJobs", job)["name"])


def adapter(world: World, job: Json) -> str:
    assert job["state"] == "SUCCEEDED", job
    return str(world.api.get(job["modelVersion"])["adapterDigest"])


def steps(world: World, attempt: int, model_job: str) -> list[int]:
    """The steps that an attempt said it took."""
    pattern = f"training/*/*/*{model_job.rsplit('/', 1)[-1]}*/attempt-{attempt}/progress.jsonl"
    text = "".join(path.read_text() for path in world.system.folder.glob(pattern))
    lines = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
    return [int(line["step"]) for line in lines if line.get("step")]


def test_training_goes_on_from_its_checkpoint_after_a_kill(curated: World) -> None:
    expected = adapter(curated, ended(curated.api, train(curated, "undisturbed")))
    name = train(curated, "killed")
    until(lambda: max(steps(curated, 1, name), default=0) >= STEPS // 4, 120, 0.01)
    curated.system.kill()
    reached = max(steps(curated, 1, name))
    assert reached < STEPS, "the kill came too late to be in the middle"
    curated.system.start()
    job = ended(curated.api, name)
    assert adapter(curated, job) == expected
    assert job["attempt"] == 2
    again = steps(curated, 2, name)
    assert 1 < min(again) <= reached + 1
    assert max(again) == STEPS


# In the middle of an aggregation.


def update(seed: int) -> bytes:
    """An update that is large enough for its aggregation to take a while."""
    random = np.random.default_rng(seed)
    names = [f"layer{n}" for n in range(24)]
    a = {name: random.normal(size=(48, 768)).astype(np.float32) for name in names}
    b = {name: random.normal(size=(768, 48)).astype(np.float32) for name in names}
    return write_adapter(Adapter(a, b, 2.0))


def federation(world: World, name: str, keys: dict[str, Ed25519PrivateKey]) -> str:
    roster = [
        {"participant": firm, "publicKey": base64.b64encode(key.public_key().public_bytes_raw()).decode()}
        for firm, key in keys.items()
    ]
    body = {"roster": roster, "base": TINY, "rounds": 1, "rank": 48, "serverRate": 1.0, "trainingJson": "{}"}
    return str(world.api.post(f"{world.api.parent}/federations", body, federationId=name)["name"])


def submit_all(world: World, name: str, keys: dict[str, Ed25519PrivateKey], updates: dict[str, bytes]) -> None:
    """Joins and submits for every firm; returns with the answer to the last update."""
    address = world.system.running.addresses["federation"]
    members = {firm: GrpcCoordinator(address, "local", name, firm, key, 5, 0.2) for firm, key in keys.items()}
    for member in members.values():
        member.join()
    for n, (firm, member) in enumerate(members.items(), start=1):
        _, open_round = member.await_round(0)
        assert open_round is not None
        member.submit(open_round.name, hashlib.sha256(updates[firm]).hexdigest(), 10 * n, updates[firm])


def test_an_aggregation_is_done_again_after_a_kill(tmp_path: Path) -> None:
    keys = {firm: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(firm.encode()).digest()) for firm in FIRMS}
    updates = {firm: update(n) for n, firm in enumerate(FIRMS)}
    with running(tmp_path, TINY, "federation,gateway", FRUGAL) as world:
        undisturbed = federation(world, "undisturbed", keys)
        submit_all(world, undisturbed, keys, updates)
        expected = ended(world.api, undisturbed)
        name = federation(world, "killed", keys)
        submit_all(world, name, keys, updates)
        world.system.kill()
        database = tmp_path / "db" / "federation.sqlite"
        open_rounds = sum(in_state(database, "rounds", state) for state in ("OPEN", "AGGREGATING"))
        assert open_rounds == 1, "the kill came too late to be in the middle"
        world.system.start()
        found = ended(world.api, name)
        assert found["state"] == expected["state"] == "SUCCEEDED"
        assert found["globalAdapterDigest"] == expected["globalAdapterDigest"] != ""
        rounds = list(world.api.all(f"{name}/rounds", "rounds"))
        assert [(r["state"], len(r["updates"])) for r in rounds] == [("COMPLETED", len(FIRMS))]
