"""Learn together: three firms, each with a system, documents and a participant of its own; one coordinator between them."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cli.client import Api, Json
from cli.commands import runs
from cli.context import Context
from cli.errors import CommandError
from examples.demo import expert, stages
from examples.demo.system import System
from services.chassis import telemetry

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
    stages.documents.send(context, api, firm.files, "own documents")
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
    from services.participant.adapters.coordinator import read_key

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
