"""Checkpoints: adapter, optimiser, position, random state and losses in one folder that is whole or absent."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from training.errors import CheckpointCorrupt
from training.files import publish_folder, sha256_file, write_json

KEPT = 2
TENSORS, STATE, SNAPSHOTS = "state.safetensors", "state.json", "snapshots"


@dataclass
class Position:
    """Where a run stands; with the tensors it is everything that the rest of the run depends on."""

    step: int = 0
    losses: list[float] = field(default_factory=list)
    tokens: int = 0
    plan_digest: str = ""
    seconds: float = 0.0


class CheckpointStore(Protocol):
    """Where checkpoints go: a folder, or Ray's storage."""

    def latest(self) -> Path | None:
        """Folder of the newest whole checkpoint."""

    def save(self, folder: Path, step: int) -> None:
        """Takes over a written folder."""


class FolderStore:
    """Checkpoints as `step-<n>` folders beside each other; the newest two are kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def latest(self) -> Path | None:
        steps = sorted(self.root.glob("step-*"))
        return steps[-1] if steps else None

    def save(self, folder: Path, step: int) -> None:
        final = self.root / f"step-{step:08d}"
        if final.exists():
            shutil.rmtree(folder)
            return
        temporary = Path(tempfile.mkdtemp(dir=self.root, prefix=".step-"))
        shutil.copytree(folder, temporary, dirs_exist_ok=True)
        publish_folder(temporary, final)
        shutil.rmtree(folder)
        for old in sorted(self.root.glob("step-*"))[:-KEPT]:
            shutil.rmtree(old)


def write_checkpoint(
    folder: Path,
    position: Position,
    parameters: dict[str, nn.Parameter],
    optimiser: torch.optim.Optimizer,
    snapshots: list[Path],
) -> None:
    """Writes everything a resume needs into `folder`, with the digest of the tensors."""
    tensors = {"rng": torch.get_rng_state()}
    for name, p in parameters.items():
        tensors[f"adapter/{name}"] = p.detach()
        tensors |= {f"{key}/{name}": optimiser.state[p][key] for key in ("exp_avg", "exp_avg_sq")}
    save_file(tensors, folder / TENSORS)
    (folder / SNAPSHOTS).mkdir()
    for path in snapshots:
        shutil.copy(path, folder / SNAPSHOTS / path.name)
    write_json(folder / STATE, {**asdict(position), "sha256": sha256_file(folder / TENSORS)})


def read_checkpoint(
    folder: Path, parameters: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer, snapshot_dir: Path
) -> Position:
    """Puts a checkpoint's state back. Raises CheckpointCorrupt when the content isn't what was written."""
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_text())
    except (OSError, ValueError) as e:
        raise CheckpointCorrupt(f"{folder.name}: {e}") from e
    if sha256_file(folder / TENSORS) != state.pop("sha256"):
        raise CheckpointCorrupt(f"{folder.name}/{TENSORS} isn't the file that was written")
    position, tensors = Position(**state), load_file(folder / TENSORS)
    if {n.removeprefix("adapter/") for n in tensors if n.startswith("adapter/")} != parameters.keys():
        raise CheckpointCorrupt(f"{folder.name} holds another adapter's parameters")
    torch.set_rng_state(tensors["rng"])
    with torch.no_grad():
        for name, p in parameters.items():
            p.copy_(tensors[f"adapter/{name}"])
            moments = {key: tensors[f"{key}/{name}"] for key in ("exp_avg", "exp_avg_sq")}
            optimiser.state[p] = {"step": torch.tensor(float(position.step)), **moments}
    shutil.copytree(folder / SNAPSHOTS, snapshot_dir, dirs_exist_ok=True)
    return position


def write_snapshot(
    folder: Path, step: int, parameters: dict[str, nn.Parameter], optimiser: torch.optim.Optimizer | None
) -> Path:
    """Adapter and second moments at one step, for influence; `folder/step-<n>.safetensors`."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"adapter/{name}": p.detach() for name, p in parameters.items()}
    if optimiser:
        tensors |= {f"exp_avg_sq/{name}": optimiser.state[p]["exp_avg_sq"] for name, p in parameters.items()}
    path = folder / f"step-{step:08d}.safetensors"
    save_file(tensors, path)
    return path
