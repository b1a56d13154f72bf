"""What `whet dev` leaves on disk for the other commands: where the gateway is and the token for it."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "dev.json"


@dataclass(frozen=True)
class DevState:
    """A running (or last) embedded system. The file is readable by its owner only."""

    gateway: str
    token: str
    internal_key: str
    addresses: dict[str, str] = field(default_factory=dict)
    pid: int = 0


def load(state_dir: Path) -> DevState | None:
    path = state_dir / FILE
    if not path.exists():
        return None
    return DevState(**json.loads(path.read_text(encoding="utf-8")))


def save(state_dir: Path, state: DevState) -> None:
    state_dir.mkdir(parents=True, exist_ok=True)
    temporary = state_dir / f".{FILE}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=2)
    temporary.replace(state_dir / FILE)


def new_secret() -> str:
    return secrets.token_urlsafe(32)
