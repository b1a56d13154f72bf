"""What provenance needs of keys, other services and indexes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from services.provenance.domain.trace import Found, Run


class Signer(Protocol):
    """Signs checkpoints and packs. `algorithm` is the type byte of the signed-note format."""

    algorithm: int
    public_key: bytes

    def sign(self, data: bytes) -> bytes: ...


class Canonical(Protocol):
    def __call__(self, value: Any) -> bytes:
        """Canonical JSON (RFC 8785) of a JSON value."""
        ...


@dataclass(frozen=True)
class Completion:
    """An answer as serving keeps it."""

    name: str
    model_version: str
    dataset_version: str
    question: str
    text: str


@dataclass(frozen=True)
class Features:
    """An answer's influence features, row-major [checkpoints, dimensions] float32, and its losses in nats per token."""

    values: Sequence[float]
    checkpoints: int
    dimensions: int
    base_loss: float
    tuned_loss: float
    model_version: str


class Completions(Protocol):
    def get(self, name: str) -> Completion:
        """Raises NotFound, Unavailable."""
        ...

    def features(self, name: str) -> Features:
        """Computes them on the model server. Raises Unavailable."""
        ...


class Influences(Protocol):
    def score(self, index_dir: Path, features: Features) -> Sequence[tuple[str, float]]:
        """Training example ids with their influence on the answer. Raises IndexUnreadable."""
        ...


class Texts(Protocol):
    """The text indexes of one dataset version."""

    def runs(self, text: str, limit: int) -> Sequence[Run]:
        """The longest token runs of `text` that stand in training examples or chunks, longest first."""
        ...

    def evidence(self, query: str, limit: int) -> Sequence[Found]:
        """Chunks by BM25, best first."""
        ...

    def example(self, id_: str) -> Mapping[str, Any] | None:
        """A training example's line."""
        ...

    def chunk(self, name: str) -> Mapping[str, Any] | None:
        """A chunk's line, with its `location` where ingestion told one."""
        ...


class TextIndexes(Protocol):
    def open(self, tenant: str, train: str, chunks: str, places: Sequence[str]) -> Texts:
        """Opens the indexes over two blobs, building them where they are not on disk. Raises DatasetUnreadable.

        `places` are blobs of ingestion's chunks, which tell the exact location of each.
        """
        ...
