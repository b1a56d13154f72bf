"""Content-addressed blobs over one object-store library: a local folder, S3, GCS or Azure.

A blob's key is tenant and SHA-256, so that a blob never changes and no tenant can name another's.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obstore.exceptions import AlreadyExistsError, NotFoundError
from obstore.store import LocalStore, from_url

from services.chassis.errors import DataLoss, NotFound


class BlobNotFound(NotFound):
    reason = "BLOB_NOT_FOUND"


class BlobCorrupt(DataLoss):
    reason = "BLOB_CORRUPT"


@dataclass(frozen=True)
class Blob:
    """A reference: lower-case hexadecimal SHA-256, size in bytes, media type."""

    sha256: str
    size_bytes: int
    media_type: str = "application/octet-stream"


class Blobs:
    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, tenant: str, data: bytes, media_type: str = "application/octet-stream") -> Blob:
        """Stores the bytes; the same bytes twice are one blob."""
        digest = hashlib.sha256(data).hexdigest()
        with suppress(AlreadyExistsError):  # content-addressed: what is there is the same
            self._store.put(_key(tenant, digest), data, mode="create")
        return Blob(digest, len(data), media_type)

    def get(self, tenant: str, blob: Blob | str) -> bytes:
        """The bytes, checked against their hash. Raises BlobNotFound or BlobCorrupt."""
        digest = blob if isinstance(blob, str) else blob.sha256
        try:
            data = bytes(self._store.get(_key(tenant, digest)).bytes())
        except (NotFoundError, FileNotFoundError) as error:
            raise BlobNotFound(f"no blob {digest}", sha256=digest) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise BlobCorrupt(f"blob {digest} does not have its hash", sha256=digest)
        return data

    def download(self, tenant: str, blob: Blob | str, target: Path) -> Path:
        """Writes the checked bytes to a file and returns its path."""
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.part")
        temporary.write_bytes(self.get(tenant, blob))
        return temporary.replace(target)


def _key(tenant: str, digest: str) -> str:
    return f"{tenant}/{digest[:2]}/{digest}"


def open_blobs(url: str, state_dir: Path) -> Blobs:
    """The blob store at `url`; an empty one means a folder under `state_dir`."""
    if url:
        return Blobs(from_url(url))
    folder = state_dir / "blobs"
    folder.mkdir(parents=True, exist_ok=True)
    return Blobs(LocalStore(folder))
