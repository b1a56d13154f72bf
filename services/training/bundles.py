"""Adapter bundles as tar archives: packed to the same bytes every time, unpacked only where they are harmless."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from services.training.domain.versions import Bundle
from services.training.errors import BundleInvalid

ADAPTER, CONFIG, MANIFEST, INFLUENCE = (
    "adapter_model.safetensors",
    "adapter_config.json",
    "manifest.json",
    "influence",
)
# A bundle is an adapter, not a model: far above any LoRA, far below what would fill a disk.
MAX_BYTES = 4 * 1024**3
MAX_FILES = 1000


def pack(folder: Path, leave_out: str = "") -> bytes:
    """The folder as an uncompressed tar: sorted names, no times, no owners. Raises BundleInvalid for a link."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if (path.is_dir() and not path.is_symlink()) or (leave_out and name.split("/")[0] == leave_out):
                continue
            if path.is_symlink() or not path.is_file():
                raise BundleInvalid(f"{name} is no plain file", file=name)
            info = tarfile.TarInfo(name)
            info.size, info.mode = path.stat().st_size, 0o644
            with path.open("rb") as content:
                archive.addfile(info, content)
    return stream.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Unpacks an archive into an empty folder. Raises BundleInvalid."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            members = archive.getmembers()
            if len(members) > MAX_FILES or sum(member.size for member in members) > MAX_BYTES:
                raise BundleInvalid("the bundle is larger than an adapter can be")
            if unusable := [m.name for m in members if not (m.isfile() or m.isdir())]:
                raise BundleInvalid(f"{unusable[0]} is no plain file", file=unusable[0])
            archive.extractall(folder, members, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BundleInvalid(f"the bundle is no tar archive that can be unpacked: {error}") from error


def read_bundle(folder: Path) -> Bundle:
    """What a bundle is, its weights checked against its manifest. Raises BundleInvalid."""
    for name in (ADAPTER, CONFIG, MANIFEST):
        if not (folder / name).is_file():
            raise BundleInvalid(f"the bundle holds no {name}", file=name)
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        base, base_digest, recorded = (str(manifest[k]) for k in ("base_id", "base_digest", "adapter_digest"))
    except (ValueError, KeyError, TypeError) as error:
        raise BundleInvalid(f"{MANIFEST} can't be read: {error}", file=MANIFEST) from error
    with (folder / ADAPTER).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if plain(recorded) != found:
        raise BundleInvalid(f"{ADAPTER} is not the file that the manifest records", file=ADAPTER)
    return Bundle(base, plain(base_digest), found)


def plain(digest: str) -> str:
    """A digest without the name of its algorithm."""
    return digest.removeprefix("sha256:")
