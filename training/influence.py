"""Which training examples moved the model: an index of Fisher-whitened gradient sketches, and queries against it.

For C checkpoints of the run (TracIn, Pruthi et al. 2020) every example's gradient over the adapter, of its mean
completion NLL, scaled as AdamW scales it, is sketched (`sketch.py`), projected on the span of the training
gradients, and whitened with the true Fisher information F + λI, λ = tr(F)/k (TRAK, Park et al. 2023; labels are
sampled from the model). What a query needs lies beside the index, so that any process with the base can ask.
"""

from __future__ import annotations

import functools
import itertools
import json
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file

from training.bundle import read_manifest
from training.data import Example, Rendered, pack, render
from training.errors import InfluenceIndexInvalid
from training.influence_index import write_index
from training.model import context_length
from training.shards import in_parallel, threads
from training.sketch import SKETCH, LoraState, SketchModel

FOLDER, PROJECTION, CHECKPOINT = "influence", "projection-{}.npy", "checkpoint-{}.safetensors"
BETA2, MOST_DIMENSIONS, BATCH_TOKENS = 0.999, 1024, 1024
# Every n-th batch gives labels drawn from the model: a covariance needs fewer samples than an index has rows.
FISHER_EVERY = 2
SCALE_RANGE = 1e3


def build_index(
    model: Any,
    rendered: Sequence[Rendered],
    snapshots: Sequence[Path],
    bundle_dir: Path,
    seed: int,
    checkpoints: int = 2,
    dimensions: int = 0,
    tell: Callable[[float], None] = lambda fraction: None,
) -> Path:
    """Writes `bundle_dir/influence/` over all examples and returns it; the same bytes for the same arguments.

    `snapshots` are files of `checkpoint.write_snapshot`, the newest last; the last `checkpoints` of them are
    used. The bundle's manifest must have been written.
    """
    folder = bundle_dir / FOLDER
    folder.mkdir(exist_ok=True)
    used = list(snapshots)[-checkpoints:]
    batches = _batches(rendered)
    k = min(dimensions or MOST_DIMENSIONS, MOST_DIMENSIONS, len(rendered), SKETCH)
    phi_CNK = np.zeros((len(used), len(rendered), k), dtype=np.float32)
    for c, snapshot in enumerate(used):
        _write_checkpoint(folder / CHECKPOINT.format(c), snapshot, model.dtype)
        copies = functools.partial(_sketchers, model, bundle_dir, c, seed)
        share = functools.partial(_tell_share, tell, c, len(used))
        gradients_NM, fisher_FM = _gradients(copies, rendered, batches, seed, share)
        projection_KM = whitening(gradients_NM, fisher_FM, k)
        # Features are made with the projection as it is kept, so that a query meets the same rounding.
        np.save(folder / PROJECTION.format(c), projection_KM.astype(np.float16))
        phi_CNK[c] = (gradients_NM @ torch.from_numpy(projection_KM.astype(np.float16)).float().T).numpy()
    write_index(folder, [r.id for r in rendered], phi_CNK, {"seed": seed, "sketch": SKETCH})
    return folder


def query_features(
    model: Any,
    tokenizer: Any,
    bundle_dir: Path,
    messages: list[dict[str, Any]],
    completion: str,
    tools: list[dict[str, Any]] | None = None,
) -> npt.NDArray[np.float32]:
    """Features [C, k] of an answer, for `influence_index.score`.

    `model` is the base, plain or under peft with any adapters: it isn't changed, and may be generating in
    other threads. The first query of a bundle sets its checkpoints up; each further one is a forward and a
    backward pass a checkpoint. Raises InfluenceIndexInvalid, SequenceTooLong, EmptyCompletion.
    """
    turn = {"role": "assistant", "content": completion}
    example = Example("query", "fact", [*messages, turn], tools or [], [], False, "", "", [], "", "")
    return features_of(model, bundle_dir, render(tokenizer, example, context_length(model)))


def features_of(model: Any, bundle_dir: Path, query: Rendered) -> npt.NDArray[np.float32]:
    """As `query_features`, of a conversation that was rendered already."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    manifest = read_manifest(bundle_dir)
    tracer = _tracer(_Identity(base), bundle_dir, manifest.adapter_digest)
    return tracer.features(query)


class Tracer:
    """A bundle's checkpoints, ready for queries. One query at a time; the base's own users aren't held up."""

    def __init__(self, model: Any, bundle_dir: Path) -> None:
        folder = bundle_dir / FOLDER
        try:
            meta = json.loads((folder / "meta.json").read_text())
            self._projections = [
                np.load(folder / PROJECTION.format(c), mmap_mode="r") for c in range(meta["checkpoints"])
            ]
        except (OSError, ValueError, KeyError) as e:
            raise InfluenceIndexInvalid(f"{folder}: {e}") from e
        self._sketchers = [_sketcher(model, bundle_dir, c, meta["seed"]) for c in range(meta["checkpoints"])]
        self._lock = threading.Lock()

    def features(self, query: Rendered) -> npt.NDArray[np.float32]:
        """Features [C, k] of one rendered conversation."""
        batch = pack([query])

        def row(checkpoint: int) -> npt.NDArray[np.float32]:
            with torch.enable_grad():
                sketch = self._sketchers[checkpoint].sketch(batch)[0][0].numpy()
            found: npt.NDArray[np.float32] = self._projections[checkpoint].astype(np.float32) @ sketch
            return found

        with self._lock:
            return np.stack(in_parallel(row, range(len(self._sketchers)), threads(torch.get_num_threads(), "cpu")))


class _Identity:
    """Hashable handle of a model, equal to those of the same object."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __hash__(self) -> int:
        return id(self.model)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.model is self.model


@functools.lru_cache(maxsize=4)
def _tracer(handle: _Identity, bundle_dir: Path, adapter_digest: str) -> Tracer:
    """`adapter_digest` is part of the key: a folder that was written anew is another bundle."""
    return Tracer(handle.model, bundle_dir)


def whitening(gradients_NM: torch.Tensor, fisher_FM: torch.Tensor, k: int) -> npt.NDArray[np.float32]:
    """[k, m]: chol(F + λI)⁻¹ Vᵀ, with V the top k directions of the training gradients and λ = tr(F)/k.

    Directions that the training gradients hardly reach are noise amplified, so those under 1e-6 of the
    strongest become zero rows.
    """
    values, vectors = torch.linalg.eigh((gradients_NM @ gradients_NM.T).double())
    values, vectors = values.flip(0)[:k], vectors.flip(1)[:, :k]
    inverse = torch.where(values > 1e-6 * values[0], values.clamp(min=1e-30).rsqrt(), 0.0)
    v_KM = (vectors * inverse).T.float() @ gradients_NM
    z_FK = (fisher_FM @ v_KM.T).double()
    fisher_KK = z_FK.T @ z_FK / len(z_FK)
    damping = float(torch.trace(fisher_KK)) / k
    lower = torch.linalg.cholesky(fisher_KK + max(damping, 1e-12) * torch.eye(k, dtype=torch.float64))
    projection: npt.NDArray[np.float32] = (
        torch.linalg.solve_triangular(lower, v_KM.double(), upper=False).float().numpy()
    )
    return projection


def _tell_share(tell: Callable[[float], None], done: int, of: int, fraction: float) -> None:
    tell((done + fraction) / of)


def _batches(rendered: Sequence[Rendered]) -> list[list[int]]:
    """Examples of like length together, so that the grid of per-example sums has little padding."""
    order = sorted(range(len(rendered)), key=lambda i: len(rendered[i]))
    batches: list[list[int]] = [[]]
    for i in order:
        if batches[-1] and (len(batches[-1]) + 1) * len(rendered[i]) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(i)
    return batches


def _gradients(
    sketchers: Callable[[int], list[SketchModel]],
    rendered: Sequence[Rendered],
    batches: list[list[int]],
    seed: int,
    tell: Callable[[float], None],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sketched gradients of all examples [n, m], and of those with sampled labels [f, m]."""
    count = threads(torch.get_num_threads(), "cpu")
    copies: queue.SimpleQueue[SketchModel] = queue.SimpleQueue()
    for sketcher in (made := sketchers(count)):
        copies.put(sketcher)
    size = made[0].size
    done = itertools.count(1)

    def sketch(number: int) -> list[torch.Tensor]:
        mine = copies.get()
        draws = torch.Generator().manual_seed(seed * 1_000_003 + number) if number % FISHER_EVERY == 0 else None
        with torch.enable_grad():
            sketches = mine.sketch(pack([rendered[i] for i in batches[number]]), draws)
        copies.put(mine)
        tell(next(done) / len(batches))
        return sketches

    gradients_NM = torch.zeros(len(rendered), size)
    sampled = []
    for chosen, sketches in zip(batches, in_parallel(sketch, range(len(batches)), count), strict=True):
        gradients_NM[chosen] = sketches[0]
        sampled += sketches[1:]
    return gradients_NM, torch.cat(sampled)


def _write_checkpoint(path: Path, snapshot: Path, dtype: torch.dtype) -> None:
    """A snapshot as queries need it: A and B in the base's precision, and AdamW's scaling of each gradient entry.

    g ⊘ (√v̂ + ε)^½ on both sides of an inner product is one step of AdamW on one side; only the relation
    between entries matters, so the scale's geometric mean is 1, and half precision holds it.
    """
    state = load_file(snapshot)
    step = int(snapshot.stem.removeprefix("step-"))
    tensors = {}
    logs = {}
    for name in (n.removeprefix("adapter/") for n in state if n.startswith("adapter/")):
        tensors[f"adapter/{_short(name)}"] = state[f"adapter/{name}"].to(dtype)
        # An adapter that came without its optimiser's moments is taken as it is.
        moment = state.get(f"exp_avg_sq/{name}", torch.ones_like(state[f"adapter/{name}"])) / (1 - BETA2**step)
        logs[_short(name)] = -0.5 * torch.log(moment.sqrt() + 1e-8)
    middle = float(torch.cat([log.flatten() for log in logs.values()]).mean())
    for name, log in logs.items():
        tensors[f"scale/{name}"] = (log - middle).exp().clamp(1 / SCALE_RANGE, SCALE_RANGE).half()
    save_file(tensors, path)


def _short(name: str) -> str:
    """`base_model.model.model.layers.0.mlp.up_proj.lora_A.default.weight` → `model.layers.0.mlp.up_proj.lora_A`."""
    return name.removeprefix("base_model.model.").removesuffix(".weight").removesuffix(".default")


def _sketcher(model: Any, bundle_dir: Path, checkpoint: int, seed: int) -> SketchModel:
    """The base with one kept checkpoint's adapter."""
    try:
        tensors = load_file(bundle_dir / FOLDER / CHECKPOINT.format(checkpoint))
    except OSError as e:
        raise InfluenceIndexInvalid(f"{bundle_dir.name}: {e}") from e
    config = json.loads((bundle_dir / "adapter_config.json").read_text())
    rank = int(config["r"])
    scaling = config["lora_alpha"] / (rank**0.5 if config.get("use_rslora") else rank)
    names = {n.removeprefix("adapter/").rpartition(".")[0] for n in tensors if n.startswith("adapter/")}
    states = {name: _state(tensors, name) for name in names}
    return SketchModel(model, states, scaling, seed + checkpoint)


def _sketchers(model: Any, bundle_dir: Path, checkpoint: int, seed: int, count: int) -> list[SketchModel]:
    """Equal ones, for as many threads; they share the base's weights."""
    return [_sketcher(model, bundle_dir, checkpoint, seed) for _ in range(count)]


def _state(tensors: dict[str, torch.Tensor], name: str) -> LoraState:
    a, b = f"{name}.lora_A", f"{name}.lora_B"
    return LoraState(
        tensors[f"adapter/{a}"], tensors[f"adapter/{b}"], tensors[f"scale/{a}"], tensors[f"scale/{b}"].T.contiguous()
    )
