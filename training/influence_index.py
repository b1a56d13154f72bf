"""Reads an influence index with numpy alone: which training examples moved the model towards an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.errors import InfluenceIndexInvalid

META, FEATURES, SCALES, SCHEMA = "meta.json", "features.npy", "scales.npy", 1


@dataclass(frozen=True)
class Index:
    """C checkpoints, n examples, k dimensions: `features_CNK` in int8, `scales_CN` to undo their rounding."""

    example_ids: list[str]
    features_CNK: npt.NDArray[np.int8]
    scales_CN: npt.NDArray[np.float32]
    meta: dict[str, Any]


def read_index(index_dir: Path) -> Index:
    """Maps an index into memory. Raises InfluenceIndexInvalid."""
    try:
        meta = json.loads((index_dir / META).read_text())
        features = np.load(index_dir / FEATURES, mmap_mode="r")
        scales = np.load(index_dir / SCALES)
    except (OSError, ValueError) as e:
        raise InfluenceIndexInvalid(f"{index_dir.name}: {e}") from e
    expected = (meta["checkpoints"], len(meta["example_ids"]), meta["dimensions"])
    if meta["schema"] != SCHEMA or features.shape != expected or scales.shape != expected[:2]:
        raise InfluenceIndexInvalid(f"{index_dir.name}: arrays of {features.shape} don't fit the meta data {expected}")
    return Index(meta["example_ids"], features, scales, meta)


def score(index_dir: Path, phi: npt.NDArray[np.float32]) -> list[tuple[str, float]]:
    """Influence of every example on a query with features `phi` [C, k], greatest first.

    τ(q, i) = Σ_c ⟨φ_c(q), φ_c(i)⟩ (TracIn, Pruthi et al. 2020, in the Fisher metric). Positive means that
    training on the example made the answer likelier. Raises InfluenceIndexInvalid.
    """
    return rank(read_index(index_dir), phi)


def rank(index: Index, phi: npt.NDArray[np.float32]) -> list[tuple[str, float]]:
    """As `score`, on an index that was read already."""
    checkpoints, examples, dimensions = index.features_CNK.shape
    if phi.shape != (checkpoints, dimensions):
        raise InfluenceIndexInvalid(f"a query of shape {phi.shape} doesn't fit [{checkpoints}, {dimensions}]")
    totals_N = np.zeros(examples, dtype=np.float32)
    for c in range(checkpoints):
        totals_N += index.scales_CN[c] * (index.features_CNK[c].astype(np.float32) @ phi[c].astype(np.float32))
    # Ties in the order of the data set, so that equal queries list equally.
    order = np.argsort(-totals_N, kind="stable")
    return [(index.example_ids[i], float(totals_N[i])) for i in order]


def write_index(
    index_dir: Path, example_ids: list[str], phi_CNK: npt.NDArray[np.float32], meta: dict[str, Any]
) -> None:
    """Writes features in int8, each row scaled by its greatest value, with the meta data last."""
    greatest = np.abs(phi_CNK).max(axis=2)
    scales_CN = np.where(greatest > 0, greatest / 127, 1).astype(np.float32)
    np.save(index_dir / FEATURES, np.round(phi_CNK / scales_CN[:, :, None]).astype(np.int8))
    np.save(index_dir / SCALES, scales_CN)
    shape = {"checkpoints": phi_CNK.shape[0], "dimensions": phi_CNK.shape[2], "example_ids": example_ids}
    (index_dir / META).write_text(json.dumps({"schema": SCHEMA, **shape, **meta}))
