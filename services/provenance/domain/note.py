"""Checkpoints as C2SP signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note)."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

ED25519 = 1
"""Signature type byte of the signed-note format."""


@dataclass(frozen=True)
class Checkpoint:
    """A tree's size and root, signed. `note` is empty between commitment and signature."""

    project: str
    size: int
    root: bytes
    time: datetime
    note: str = ""
    origin: str = ""
    verifier_key: str = ""


def origin(log_name: str, tenant: str, project: str) -> str:
    """The name of a project's log and of its key; parts are quoted, for a key's name holds no space and no plus."""
    return "/".join(quote(part, safe="") for part in (log_name, tenant, project))


def body(origin_: str, size: int, root: bytes) -> str:
    """The text that is signed."""
    return f"{origin_}\n{size}\n{base64.b64encode(root).decode()}\n"


def key_id(name: str, algorithm: int, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()[:4]


def verifier_key(name: str, algorithm: int, public_key: bytes) -> str:
    """A key in the form that verifiers take: `name+hash+base64(algorithm || key)`."""
    encoded = base64.b64encode(bytes([algorithm]) + public_key).decode()
    return f"{name}+{key_id(name, algorithm, public_key).hex()}+{encoded}"


def signed(text: str, name: str, algorithm: int, public_key: bytes, signature: bytes) -> str:
    """The whole note: text, empty line, signature line."""
    stamp = base64.b64encode(key_id(name, algorithm, public_key) + signature).decode()
    return f"{text}\n\N{EM DASH} {name} {stamp}\n"
