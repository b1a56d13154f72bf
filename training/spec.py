"""The job spec: `whetstone.training.v1.JobSpec` as proto JSON, read into dataclasses. 0 and "" mean the default."""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from training.errors import SpecInvalid
from training.files import digest_json

SYSTEMS = ("specialist", "base", "retrieval")


@dataclass(frozen=True)
class Base:
    """Which base model. An empty digest accepts what is found."""

    id: str = "embedded:smollm2-135m-instruct"
    digest: str = ""


@dataclass(frozen=True)
class DatasetFiles:
    """Local JSON Lines files of one dataset version; empty names are parts it doesn't have."""

    version: str = ""
    digest: str = ""
    train: str = ""
    heldout_wordings: str = ""
    heldout_unseen: str = ""
    chunks: str = ""


@dataclass(frozen=True)
class Lora:
    """The adapter. No targets means every linear layer but the head; alpha 0 means twice the rank."""

    rank: int = 16
    alpha: float = 0.0
    dropout: float = 0.0
    targets: tuple[str, ...] = ()
    rslora: bool = False
    init_adapter: str = ""
    """Folder of a peft adapter to start from; its shape goes before the fields above."""
    first_layer: int = 0
    """Layers below carry no adapter, so that nothing is propagated back through them."""


@dataclass(frozen=True)
class Optimisation:
    """AdamW with a one-cycle rate. `batch_tokens` is per worker; `stop_loss` 0 never stops early."""

    learning_rate: float = 2e-3
    epochs: float = 10.0
    max_steps: int = 0
    batch_tokens: int = 2048
    warmup_fraction: float = 0.1
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    stop_loss: float = 0.0
    replay: int = 0
    """How many everyday texts the adapter is held to the base's distribution on, against forgetting."""


@dataclass(frozen=True)
class Evaluation:
    """How the held-out questions are asked, and of whom; max_questions 0 asks all, no systems all three."""

    enabled: bool = False
    max_questions: int = 0
    max_new_tokens: int = 48
    retrieved_chunks: int = 2
    parity_prompts: int = 8
    systems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Influence:
    """How the index for tracing is built; dimensions 0 means one per example, 1,024 at most."""

    enabled: bool = False
    checkpoints: int = 2
    dimensions: int = 0


@dataclass(frozen=True)
class JobSpec:
    """Everything a job needs to know; see protos/whetstone/training/v1/job.proto for each field."""

    job: str = "training"
    attempt: int = 1
    base: Base = field(default_factory=Base)
    dataset: DatasetFiles = field(default_factory=DatasetFiles)
    lora: Lora = field(default_factory=Lora)
    optimisation: Optimisation = field(default_factory=Optimisation)
    seed: int = 0
    precision: str = "bf16"
    checkpoint_every: int = 20
    storage_path: str = ""
    workers: int = 0
    ray_address: str = ""
    evaluation: Evaluation = field(default_factory=Evaluation)
    influence: Influence = field(default_factory=Influence)
    traceparent: str = ""
    output_dir: str = ""
    cache_dir: str = ""
    threads: int = 0
    evaluate_only: bool = False
    bundle: str = ""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Reads proto JSON, in camelCase or snake_case. Raises SpecInvalid naming the path of a wrong field."""
        spec: Self = _read(cls, value, "spec")
        _check(spec)
        return spec

    @property
    def recipe_digest(self) -> str:
        """Digest of what decides the adapter besides base, data and where it starts from."""
        parts = {name: dataclasses.asdict(getattr(self, name)) for name in ("lora", "optimisation")}
        parts["lora"].pop("init_adapter")  # a path of one machine
        return digest_json({**parts, "seed": self.seed, "precision": self.precision, "workers": self.workers})


def load_spec(path: Path) -> JobSpec:
    """Reads a spec file. Raises SpecInvalid."""
    try:
        return JobSpec.from_json(json.loads(path.read_text()))
    except (OSError, ValueError) as e:
        raise SpecInvalid(f"{path}: {e}") from e


def _read(kind: type[Any], value: Any, path: str) -> Any:
    """A dataclass, tuple or scalar of `kind`; an absent or zero field keeps its default, as proto3 does."""
    if dataclasses.is_dataclass(kind):
        return _read_message(kind, value, path)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise SpecInvalid(f"{path} must be a list of strings, not {value!r}")
        return tuple(value)
    return _read_scalar(kind, value, path)


def _read_message(kind: type[Any], value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise SpecInvalid(f"{path} must be an object, not {value!r}")
    hints = typing.get_type_hints(kind)
    given = {re.sub("(?<!^)(?=[A-Z])", "_", key).lower(): (key, item) for key, item in value.items()}
    if unknown := sorted(given.keys() - hints.keys()):
        raise SpecInvalid(f"{path}.{given[unknown[0]][0]} is no field; known: {', '.join(sorted(hints))}")
    read = {name: _read(hints[name], item, f"{path}.{key}") for name, (key, item) in given.items() if item is not None}
    return kind(**{name: item for name, item in read.items() if item not in (0, "", ())})


def _read_scalar(kind: type[Any], value: Any, path: str) -> Any:
    if kind is int and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)  # proto JSON writes 64-bit integers as strings
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise SpecInvalid(f"{path} must be of type {kind.__name__}, not {value!r}")
    return value


def _check(spec: JobSpec) -> None:
    """Ranges that the types can't say."""
    o, e = spec.optimisation, spec.evaluation
    rules = {
        "attempt must be at least 1": spec.attempt >= 1,
        "precision must be bf16 or fp32": spec.precision in ("bf16", "fp32"),
        "checkpointEvery must be positive": spec.checkpoint_every > 0,
        "workers and threads can't be negative": spec.workers >= 0 and spec.threads >= 0,
        "lora.rank must be between 1 and 512": 1 <= spec.lora.rank <= 512,
        "lora.alpha and lora.firstLayer can't be negative": spec.lora.alpha >= 0 and spec.lora.first_layer >= 0,
        "lora.dropout must be in [0, 1)": 0 <= spec.lora.dropout < 1,
        "optimisation.learningRate must be in (0, 1]": 0 < o.learning_rate <= 1,
        "optimisation.epochs must be positive": 0 < o.epochs < float("inf"),
        "optimisation.maxSteps and batchTokens can't be negative": o.max_steps >= 0 and o.batch_tokens > 0,
        "optimisation.warmupFraction must be in [0, 1]": 0 <= o.warmup_fraction <= 1,
        "optimisation.clipNorm must be positive": o.clip_norm > 0,
        "optimisation.weightDecay, stopLoss and replay can't be negative": min(o.weight_decay, o.stop_loss, o.replay)
        >= 0,
        "evaluation's numbers can't be negative": min(e.max_questions, e.max_new_tokens, e.parity_prompts) >= 0,
        "evaluation.systems may be specialist, base and retrieval": {*e.systems} <= {*SYSTEMS},
        "evaluateOnly needs a bundle": bool(spec.bundle) or not spec.evaluate_only,
        "influence.checkpoints must be between 1 and 16": 1 <= spec.influence.checkpoints <= 16,
        "influence.dimensions must be between 0 and 1024": 0 <= spec.influence.dimensions <= 1024,
    }
    for message, holds in rules.items():
        if not holds:
            raise SpecInvalid(message)


RECIPE_FIELDS = types.MappingProxyType(
    {
        "lora": Lora,
        "optimisation": Optimisation,
        "evaluation": Evaluation,
        "influence": Influence,
        "seed": int,
        "precision": str,
        "checkpoint_every": int,
        "threads": int,
    }
)


def load_recipe(path: Path) -> dict[str, Any]:
    """A recipe's fields, to be laid under a spec's own. Raises SpecInvalid as `file:line: what is wrong`."""
    import yaml

    try:
        node = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise SpecInvalid(f"{path}:{line}: {e.problem}") from e
    if not isinstance(node, yaml.MappingNode):
        raise SpecInvalid(f"{path}:1: a recipe is a mapping")
    recipe: dict[str, Any] = yaml.safe_load(path.read_text())
    for key, value in node.value:
        _check_recipe_field(path, key, value, recipe)
    try:
        JobSpec.from_json(recipe)
    except SpecInvalid as e:
        raise SpecInvalid(f"{path}:1: {e}") from e
    return recipe


def _check_recipe_field(path: Path, key: Any, value: Any, recipe: dict[str, Any]) -> None:
    """Reads one top-level field, or one field of a section, so that a failure has its line."""
    kind = RECIPE_FIELDS.get(key.value)
    if kind is None:
        raise SpecInvalid(
            f"{path}:{key.start_mark.line + 1}: {key.value} is no field; known: {', '.join(RECIPE_FIELDS)}"
        )
    pairs = [(key, recipe[key.value])]
    if isinstance(recipe[key.value], dict):
        pairs = [(k, {k.value: recipe[key.value][k.value]}) for k, _ in value.value]
    for at, item in pairs:
        try:
            _read(kind, item, key.value)
        except SpecInvalid as e:
            raise SpecInvalid(f"{path}:{at.start_mark.line + 1}: {e}") from e
