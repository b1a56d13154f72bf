"""The adapter bundle: a plain peft adapter with `manifest.json`, the chat template and `influence/` beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.base import LocalBase
from training.errors import AdapterBaseMismatch, BundleInvalid
from training.files import sha256_file, write_atomic, write_json
from training.spec import JobSpec

MANIFEST, ADAPTER, CONFIG, TEMPLATE = (
    "manifest.json",
    "adapter_model.safetensors",
    "adapter_config.json",
    "chat_template.jinja",
)


@dataclass(frozen=True)
class Manifest:
    """What an adapter is and what it came from; digests are `sha256:<hex>`."""

    base_id: str
    base_digest: str
    rank: int
    alpha: float
    targets: list[str]
    first_layer: int
    chat_template_digest: str
    end_token_ids: list[int]
    dataset_version: str
    dataset_digest: str
    train_file_digest: str
    recipe_digest: str
    seed: int
    code_digest: str
    adapter_digest: str
    steps: int
    schema: int = 1


def end_token_ids(tokenizer: Any, model: Any) -> list[int]:
    """Ids that end an answer: the tokenizer's, and those of the base's generation config."""
    ends = model.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    return sorted({int(i) for i in (*ends, tokenizer.eos_token_id) if i is not None})


def write_bundle(folder: Path, model: Any, tokenizer: Any, base: LocalBase, spec: JobSpec, steps: int) -> Manifest:
    """Writes the adapter of a peft model and its manifest, the manifest last."""
    model.save_pretrained(folder, save_embedding_layers=False)  # else peft looks for the base on a hub
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / CONFIG).read_text())
    # The folder of one machine says nothing elsewhere; the manifest's digest decides.
    write_json(folder / CONFIG, {**config, "base_model_name_or_path": base.id})
    write_atomic(folder / TEMPLATE, tokenizer.chat_template.encode())
    names = adapted_layers(folder)
    manifest = Manifest(
        base_id=base.id,
        base_digest=base.digest,
        rank=int(config["r"]),
        alpha=float(config["lora_alpha"]),
        targets=sorted({name.rsplit(".", 1)[-1] for name in names}),
        first_layer=min(layer_of(name) for name in names),
        chat_template_digest=f"sha256:{sha256_file(folder / TEMPLATE)}",
        end_token_ids=end_token_ids(tokenizer, model),
        dataset_version=spec.dataset.version,
        dataset_digest=spec.dataset.digest,
        train_file_digest=f"sha256:{sha256_file(Path(spec.dataset.train))}",
        recipe_digest=spec.recipe_digest,
        seed=spec.seed,
        code_digest=code_digest(),
        adapter_digest=f"sha256:{sha256_file(folder / ADAPTER)}",
        steps=steps,
    )
    write_json(folder / MANIFEST, asdict(manifest))
    return manifest


def adapted_layers(folder: Path) -> list[str]:
    """Full names of the linear layers that an adapter file holds matrices for."""
    from safetensors import safe_open

    with safe_open(folder / ADAPTER, framework="numpy") as f:
        keys = [key.removeprefix("base_model.model.") for key in f.keys()]  # noqa: SIM118 - it is no dict
    return sorted({key.partition(".lora_")[0] for key in keys})


def layer_of(name: str) -> int:
    """`model.layers.7.mlp.up_proj` → 7; a module outside the stack counts as its end."""
    return next((int(part) for part in name.split(".") if part.isdigit()), 1 << 30)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle. Raises BundleInvalid."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as e:
        raise BundleInvalid(f"{folder.name}/{MANIFEST}: {e}") from e


def check_bundle(folder: Path, base: LocalBase) -> Manifest:
    """Refuses a bundle before anything of it is loaded.

    Raises AdapterBaseMismatch for another base, BundleInvalid for a missing or changed file.
    """
    manifest = read_manifest(folder)
    if manifest.base_digest != base.digest:
        raise AdapterBaseMismatch(
            f"the adapter was trained on {manifest.base_id} ({manifest.base_digest}), not on {base.id} ({base.digest})"
        )
    for name, digest in ((ADAPTER, manifest.adapter_digest), (TEMPLATE, manifest.chat_template_digest)):
        if not (folder / name).is_file() or f"sha256:{sha256_file(folder / name)}" != digest:
            raise BundleInvalid(f"{folder.name}/{name} isn't the file that the manifest records")
    if not (folder / CONFIG).is_file():
        raise BundleInvalid(f"{folder.name}/{CONFIG} is missing")
    return manifest


def code_digest() -> str:
    """Digest of this package's sources: which code trained an adapter, installed or not."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(f"{path.name} {sha256_file(path)}\n".encode())
    return f"sha256:{digest.hexdigest()}"
