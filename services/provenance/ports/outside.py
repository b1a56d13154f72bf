"""What provenance needs of keys, other services and indexes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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


class Archive(Protocol):
    def __call__(self, files: Mapping[str, bytes]) -> bytes:
        """A zip archive; the same files give the same bytes."""
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
    def score(self, tenant: str, index: str, features: Features) -> Sequence[tuple[str, float]]:
        """Ids of training examples with their influence on the answer, greatest first. `index` is a blob, a tar
        archive that the trainer wrote. Raises IndexUnreadable."""
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
    def open(self, tenant: str, train: str, chunks: str, places: Callable[[], Iterable[str]]) -> Texts:
        """Opens the indexes over two blobs, building them where they are not on disk. Raises DatasetUnreadable.

        `places` gives blobs of ingestion's chunks, which tell the exact location of each; a build alone asks for them.
        """
        ...
