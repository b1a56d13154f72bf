"""What the training service needs of the outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.chassis.store import Resources
from services.training.domain.evaluation import ParityPrompt, Probe
from services.training.domain.jobs import BlobRef, DatasetVersion, Failure, Measures, Progress, Spec, TrainingJob
from services.training.domain.versions import Model, ModelVersion


@dataclass(frozen=True)
class Tables:
    """Where the service keeps what it owns."""

    jobs: Resources[TrainingJob]
    versions: Resources[ModelVersion]
    models: Resources[Model]


@dataclass(frozen=True)
class Order:
    """One attempt at a job. `spec` is complete but for the folders, which the runner adds."""

    tenant: str
    job: str
    attempt: int
    spec: Spec


@dataclass(frozen=True)
class Finished:
    """What an attempt left behind: the folders and files that it names are under `folder`."""

    attempt: int
    bundle: Path | None
    influence: Path | None
    # The evaluation's document; see evaluations.py.
    evaluation: bytes | None
    measures: Measures


@dataclass(frozen=True)
class Look:
    """An attempt as it stands. `is_known` is False where this process did not start it."""

    is_known: bool
    is_alive: bool = False
    progress: Progress | None = None
    measures: Measures | None = None
    log_tail: tuple[str, ...] = ()
    finished: Finished | None = None
    failure: Failure | None = None
    exit_code: int | None = None


class JobRunner(Protocol):
    """Where training runs."""

    def start(self, order: Order) -> None:
        """Starts an attempt; whatever is left of an earlier one is ended first."""
        ...

    def look(self, tenant: str, job: str, attempt: int) -> Look: ...

    def stop(self, tenant: str, job: str) -> None:
        """Asks the attempt to stop after a checkpoint; one that takes too long is killed."""
        ...

    def fetch(self, tenant: str, job: str, dataset: DatasetVersion) -> Mapping[str, str]:
        """Puts the dataset's files where the job can read them; returns their paths by field of `DatasetFiles`."""
        ...

    def unpack(self, tenant: str, job: str, bundle: BlobRef) -> str:
        """Puts an adapter bundle where the job can read it; returns its path. Raises BundleInvalid."""
        ...

    def close(self) -> None:
        """Stops everything that runs; each goes on from its checkpoint at the next start."""
        ...


class Datasets(Protocol):
    def get(self, name: str) -> DatasetVersion:
        """Raises NotFound, Unavailable."""
        ...


class Recipes(Protocol):
    def read(self, name: str) -> Spec:
        """The recipe's part of a specification; an empty name is none. Raises RecipeUnknown."""
        ...


class ModelServer(Protocol):
    """The server that answers people."""

    def probe(self, version: str, prompts: Sequence[ParityPrompt]) -> Probe:
        """What the server makes of the prompts with this version. Raises Unavailable, or what it refuses with."""
        ...
