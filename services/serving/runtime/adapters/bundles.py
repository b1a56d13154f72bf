"""Adapter bundles: tar archives in the blob store become folders that are whole and checked, or absent."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import threading
from io import BytesIO
from pathlib import Path

from services.chassis.blobs import BlobNotFound, Blobs
from services.chassis.errors import Unavailable
from services.serving.domain import AdapterSpec, plain_digest
from services.serving.runtime.errors import AdapterInvalid, InfluenceIndexMissing

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


class BundleFolders:
    """Unpacks bundles into `<root>/adapters/<digest>` and influence indexes into `<root>/influence/<digest>`."""

    def __init__(self, blobs: Blobs, root: Path) -> None:
        self._blobs, self._root = blobs, root
        self._lock = threading.Lock()

    def fetch(self, spec: AdapterSpec) -> Path:
        wanted = plain_digest(spec.adapter_digest)
        final = self._root / "adapters" / wanted
        with self._lock:
            if not final.is_dir():
                self._unpack(spec.tenant, spec.bundle, final, wanted)
        return final

    def fetch_influence(self, spec: AdapterSpec) -> Path:
        if not spec.influence:
            raise InfluenceIndexMissing(f"{spec.model_version} has no influence index")
        final = self._root / "influence" / spec.influence
        with self._lock:
            if not final.is_dir():
                self._unpack(spec.tenant, spec.influence, final, "")
        return final

    def _unpack(self, tenant: str, blob: str, final: Path, weights: str) -> None:
        """`weights` is the digest that the adapter's weights must have; empty where the archive is no adapter."""
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=final.parent, prefix=".unpack-"))
        try:
            _extract(self._read(tenant, blob), temporary)
            if weights:
                _check(temporary, weights)
            os.rename(temporary, final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _read(self, tenant: str, blob: str) -> bytes:
        try:
            return self._blobs.get(tenant, blob)
        except BlobNotFound as error:
            # Blobs are written before the event that names them; one that is missing is on its way or lost.
            raise Unavailable(f"bundle {blob} is not in the blob store") from error


def _extract(archive: bytes, folder: Path) -> None:
    try:
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")  # refuses links out of the folder, devices and absolute names
    except (tarfile.TarError, EOFError, OSError) as error:
        raise AdapterInvalid(f"the bundle is no tar archive that can be unpacked: {error}") from error


def _check(folder: Path, wanted: str) -> None:
    for name in (WEIGHTS, CONFIG):
        if not (folder / name).is_file():
            raise AdapterInvalid(f"the bundle holds no {name}", file=name)
    with (folder / WEIGHTS).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wanted:
        raise AdapterInvalid(f"{WEIGHTS} has the digest {found}, not {wanted}", file=WEIGHTS)
