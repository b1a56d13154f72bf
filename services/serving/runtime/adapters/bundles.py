"""Adapter bundles: tar archives in the blob store become folders that are whole and checked, or absent."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from services.chassis.blobs import BlobNotFound, Blobs
from services.chassis.errors import Unavailable
from services.serving.domain import AdapterSpec, plain_digest
from services.serving.runtime.errors import AdapterInvalid, InfluenceIndexMissing

WEIGHTS, CONFIG, INFLUENCE, META = "adapter_model.safetensors", "adapter_config.json", "influence", "meta.json"


class BundleFolders:
    """Unpacks bundles into `<root>/adapters/<digest>`, and an adapter's influence index beside its weights."""

    def __init__(self, blobs: Blobs, root: Path) -> None:
        self._blobs, self._root = blobs, root
        self._lock = threading.Lock()

    def fetch(self, spec: AdapterSpec) -> Path:
        wanted = plain_digest(spec.adapter_digest)
        final = self._root / "adapters" / wanted
        with self._lock:
            if not final.is_dir():
                self._unpack(spec.tenant, spec.bundle, final, lambda folder: _check(folder, wanted))
        return final

    def fetch_influence(self, spec: AdapterSpec) -> Path:
        folder = self.fetch(spec)
        final = folder / INFLUENCE
        with self._lock:
            if not final.is_dir() and not spec.influence:
                raise InfluenceIndexMissing(f"{spec.model_version} has no influence index")
            if not final.is_dir():
                self._unpack(spec.tenant, spec.influence, final, _check_influence)
        return folder

    def _unpack(self, tenant: str, blob: str, final: Path, check: Callable[[Path], None]) -> None:
        """All of it or nothing: what does not pass the check never has the final name."""
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=self._root, prefix=".unpack-"))
        try:
            _extract(self._read(tenant, blob), temporary)
            check(temporary)
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


def _check_influence(folder: Path) -> None:
    if not (folder / META).is_file():
        raise InfluenceIndexMissing(f"the archive of the influence index holds no {META}")
