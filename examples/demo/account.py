"""Trace, account, withdraw: where an answer came from, the audit pack and its check, and what a document reached."""

import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cli.client import Api, Json
from cli.commands import audit, documents

VERIFY = Path(__file__).parents[2] / "cli" / "verify.py"


def trace(api: Api, completion: str) -> Json:
    return api.get(f"{api.parent}/completions/{completion}/influences", limit=5)


def audit_pack(api: Api, version: str, out: Path) -> Json:
    pack = audit.build(api, version)
    api.download(f"{pack['name']}:download", out)
    return pack


@dataclass
class Verdict:
    holds: bool
    said: str


def verify(pack: Path) -> Verdict:
    """Checks a pack offline, in a process that has nothing but the one file of the verifier."""
    command = [sys.executable, str(VERIFY), str(pack), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own program
    return Verdict(done.returncode == 0, done.stdout.strip())


def tamper(pack: Path, out: Path, member: str = "") -> str:
    """Copies a pack with one byte of one member changed; returns the member's name."""
    with zipfile.ZipFile(pack) as source:
        contents = {item.filename: source.read(item) for item in source.infolist()}
    member = member or max(contents, key=lambda name: (name.endswith("annex-iv.json"), len(contents[name])))
    data = bytearray(contents[member])
    data[len(data) // 2] ^= 1
    contents[member] = bytes(data)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            target.writestr(name, content)
    return member


def withdraw(api: Api, filename: str) -> list[Json]:
    """Withdraws a document and returns what was built from it."""
    name = documents.find(api, filename)
    api.post(f"{name}:withdraw", {"reason": "The author has taken the specification back."})
    return documents.downstream(api, name)


def kinds(nodes: list[Json]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for node in nodes:
        counts[node["kind"]] = counts.get(node["kind"], 0) + 1
    return counts


def wait_for_taint(api: Api, version: str, timeout: float = 20.0) -> bool:
    """Whether the model version is marked; the mark follows the withdrawal by way of the dataset's event."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if api.get(version).get("taints"):
            return True
        time.sleep(0.2)
    return False
