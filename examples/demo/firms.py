"""Learn together: three firms, each with its own system, documents and participant; one coordinator between them."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console

from cli.client import Api, Json
from cli.commands import documents, runs
from cli.context import Context
from cli.errors import CommandError
from cli.progress import bar
from examples.demo import expert, stages
from examples.demo.system import System
from services.chassis import telemetry
from services.participant.adapters.coordinator import read_key
from services.participant.adapters.local_trainer import ProcessTrainer
from services.participant.ports import Dataset, FederationInfo

FIRMS = Path(__file__).parents[1] / "quantumforge" / "firms"
PARTS = "ingestion,curation,synthesis,pipelines,gateway"
FEDERATION = "alloys"


@dataclass
class Firm:
    """A firm: its folder, documents, system and, once curated, its dataset version."""

    id: str
    files: list[Path]
    system: System
    version: str = ""

    @property
    def key_file(self) -> Path:
        return self.system.folder / "key.pem"


@dataclass
class Settings:
    """How the federation trains; `training` is a job specification's fields."""

    rounds: int
    rank: int
    server_rate: float
    training: Json


def firms(folder: Path, base: str) -> list[Firm]:
    listed = json.loads((FIRMS / "firms.json").read_text(encoding="utf-8"))["firms"]
    return [Firm(f["id"], [FIRMS / path for path in f["files"]], System(folder / f["id"], base, PARTS)) for f in listed]


def curate(context: Context, firm: Firm) -> None:
    """Makes the firm's dataset version from its documents, on the firm's own system."""
    api = firm.system.api("own")
    documents.send(context, api, firm.files, "own documents")
    created = api.post(f"{api.parent}/runs", {"recipe": "curate"}, requestId="federation")
    found = runs.follow(context, api, created["name"])
    if found["state"] == "WAITING":
        expert.settle_all(api)
        found = runs.follow(context, api, created["name"], until=runs.ENDED)
    firm.version = stages.outputs(found, "dataset")["version"]


def public_key(firm: Firm) -> str:
    """The firm's public key, base64; the private one is made once and stays in the firm's folder."""
    if not firm.key_file.exists():
        key = Ed25519PrivateKey.generate()
        firm.key_file.touch(mode=0o600)
        firm.key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return base64.b64encode(read_key(firm.key_file).public_key().public_bytes_raw()).decode()


def create(api: Api, members: Sequence[Firm], base: str, settings: Settings) -> Json:
    roster = [{"participant": firm.id, "publicKey": public_key(firm)} for firm in members]
    body = {
        "roster": roster,
        "base": base,
        "rounds": settings.rounds,
        "rank": settings.rank,
        "serverRate": settings.server_rate,
        "trainingJson": json.dumps(settings.training),
    }
    return api.post(f"{api.parent}/federations", body, federationId=FEDERATION, requestId="demo")


@contextmanager
def participants(
    members: Sequence[Firm], coordinator: str, federation: str, cache: Path
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A participant process per firm, each in its own folder; ended with the block."""
    with ExitStack() as stack:
        started = []
        for firm in members:
            log = stack.enter_context((firm.system.folder / "participant.log").open("ab"))
            process = subprocess.Popen(
                [sys.executable, "-m", "services.participant"], env=environment(firm, coordinator, federation, cache),
                stdout=log, stderr=log,
            )  # fmt: skip
            stack.callback(end, process)
            started.append(process)
        yield started


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait(30)


def environment(firm: Firm, coordinator: str, federation: str, cache: Path) -> dict[str, str]:
    running = firm.system.running
    return os.environ | {
        "WHETSTONE_STATE_DIR": str(firm.system.folder),
        "WHETSTONE_INTERNAL_KEY": running.internal_key,
        "WHETSTONE_ADDRESSES": f"curation={running.addresses['curation']}",
        "WHETSTONE_COORDINATOR": coordinator,
        "WHETSTONE_FEDERATION": federation,
        "WHETSTONE_FEDERATION_TENANT": "local",
        "WHETSTONE_PARTICIPANT": firm.id,
        "WHETSTONE_KEY_FILE": str(firm.key_file),
        "WHETSTONE_DATASET_VERSION": firm.version,
        "WHETSTONE_CACHE_DIR": str(cache),
        "WHETSTONE_TRACEPARENT": telemetry.traceparent(),
        "OMP_WAIT_POLICY": "PASSIVE",
        "WHETSTONE_THREADS": "1",
    }


def check(started: Sequence[subprocess.Popen[bytes]], members: Sequence[Firm]) -> None:
    """Raises CommandError where a participant ended badly."""
    for process, firm in zip(started, members, strict=True):
        if process.poll():
            log = firm.system.folder / "participant.log"
            raise CommandError("PARTICIPANT_FAILED", f"{firm.id}'s participant exited {process.returncode}; see {log}")


def updates_folder(firm: Firm) -> Path:
    return firm.system.folder / "participant" / FEDERATION


def dataset_folder(firm: Firm) -> Path:
    return firm.system.folder / "participant" / "dataset"


def follow(
    console: Console, api: Api, name: str, started: Sequence[subprocess.Popen[bytes]], members: Sequence[Firm]
) -> Json:
    """Shows the rounds until the federation has ended and every participant has reported."""
    with bar(console) as progress:
        task = progress.add_task("federation", total=None)
        while True:
            found = api.get(name)
            progress.update(task, completed=found["completedRounds"], total=found["rounds"])
            check(started, members)
            if all(process.poll() == 0 for process in started):
                return found
            time.sleep(0.3)


def measure(folder: Path, members: Sequence[Firm], base: str, settings: Settings, cache: Path) -> Json:
    """Asks the last round's adapters the union of the firms' held-out questions.

    Only the demo can: it holds all three firms' folders. A firm reports counts on its own questions.
    """
    union = folder / "union"
    union.mkdir(parents=True, exist_ok=True)
    for name in ("train", "heldout_wordings", "chunks"):
        texts = [(dataset_folder(firm) / f"{name}.jsonl").read_text(encoding="utf-8") for firm in members]
        (union / f"{name}.jsonl").write_text("".join(texts), encoding="utf-8")
    paths = {name: union / f"{name}.jsonl" for name in ("train", "heldout_wordings", "chunks")}
    data = Dataset("union", "", heldout_unseen=union / "none", examples=0, **paths)
    trainer = ProcessTrainer(union, cache, 0)
    info = FederationInfo("SUCCEEDED", base, {"precision": settings.training.get("precision", "bf16")})
    last = f"{settings.rounds:04d}"
    shared = trainer.evaluate(
        "global", (updates_folder(members[0]) / f"global-{last}.safetensors").read_bytes(), info, data
    )
    local = {firm.id: alone(trainer, firm, info, settings, data) for firm in members}
    return {"questions": shared.questions, "shared": shared.correct, "local": local}


def alone(trainer: ProcessTrainer, firm: Firm, info: FederationInfo, settings: Settings, union: Dataset) -> int:
    """What the firm would know by itself: as many epochs as all rounds together, on its own documents."""
    optimisation = dict(settings.training["optimisation"])
    optimisation["epochs"] = optimisation["epochs"] * settings.rounds
    lonely = replace(info, training=settings.training | {"optimisation": optimisation})
    folder = dataset_folder(firm)
    own = replace(union, train=folder / "train.jsonl", heldout_wordings=folder / "heldout_wordings.jsonl")
    adapter = trainer.train(f"{firm.id}-alone", 1, b"", lonely, own)
    return trainer.evaluate(f"{firm.id}-alone-union", adapter, info, union).correct
