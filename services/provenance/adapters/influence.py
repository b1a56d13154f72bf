"""Influence by the index that the trainer wrote, unpacked once and mapped into memory."""

import hashlib
import io
import os
import shutil
import tarfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.chassis.blobs import Blobs
from services.provenance.errors import IndexUnreadable
from services.provenance.ports.outside import Features
from training import influence_index

_META = influence_index.META


class InfluenceFolder:
    """Influence indexes as folders named by tenant and by the SHA-256 of their archive."""

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self._folder, self._blobs = folder, blobs
        self._lock = threading.Lock()

    def score(self, tenant: str, index: str, features: Features) -> Sequence[tuple[str, float]]:
        phi = np.asarray(features.values, dtype=np.float32)
        if phi.size != features.checkpoints * features.dimensions:
            raise IndexUnreadable(f"{phi.size} features are not {features.checkpoints} × {features.dimensions}")
        folder = self._unpacked(tenant, index)
        try:
            return influence_index.score(folder, phi.reshape(features.checkpoints, features.dimensions))
        except influence_index.InfluenceIndexInvalid as error:  # type: ignore[attr-defined]
            raise IndexUnreadable(f"influence index {index}: {error}", sha256=index) from error

    def _unpacked(self, tenant: str, index: str) -> Path:
        target = self._folder / hashlib.sha256(tenant.encode()).hexdigest()[:16] / index
        with self._lock:
            if not target.exists():
                self._unpack(self._blobs.get(tenant, index), target)
        found = sorted(target.rglob(_META))
        if len(found) != 1:
            raise IndexUnreadable(f"influence index {index} holds {len(found)} × {_META}", sha256=index)
        return found[0].parent

    def _unpack(self, data: bytes, target: Path) -> None:
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                # The `data` filter refuses links, devices and paths that lead outside.
                archive.extractall(temporary, filter="data")
        except tarfile.TarError as error:
            shutil.rmtree(temporary)
            raise IndexUnreadable(f"the influence index is no harmless tar archive: {error}") from error
        temporary.replace(target)
