"""The log's Ed25519 key, in a file that only its owner reads."""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.provenance.domain.note import ED25519
from services.provenance.errors import SigningKeyExposed, SigningKeyInvalid

_SIZE = 32
_OWNER_ONLY = 0o600


class FileSigner:
    algorithm = ED25519

    def __init__(self, path: Path) -> None:
        """Reads the key, or makes one. Raises SigningKeyExposed where others may read the file, SigningKeyInvalid."""
        self._key = Ed25519PrivateKey.from_private_bytes(_read(path) if path.exists() else _make(path))
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & ~_OWNER_ONLY:
        raise SigningKeyExposed(f"{path} is open to others; its mode must be 0600", path=str(path))
    raw = path.read_bytes()
    if len(raw) != _SIZE:
        raise SigningKeyInvalid(f"{path} does not hold {_SIZE} bytes", path=str(path))
    return raw


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    # Whole or not at all: a crash must not leave half a key that the next start would refuse.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
        return raw
    except FileExistsError:
        return _read(path)  # another process was first
    finally:
        temporary.unlink()
