"""What a participant needs of the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class FederationInfo:
    state: str
    base: str
    # Settings of the local training, such as {"lora": {...}, "optimisation": {...}}.
    training: Mapping[str, object]
    rounds: int = 1


@dataclass(frozen=True)
class OpenRound:
    name: str
    index: int


@dataclass(frozen=True)
class Dataset:
    """The firm's files, JSON lines; they never leave it."""

    version: str
    digest: str
    train: Path
    heldout_wordings: Path
    heldout_unseen: Path
    chunks: Path
    examples: int


@dataclass(frozen=True)
class Score:
    correct: int
    questions: int


class Coordinator(Protocol):
    def join(self) -> FederationInfo: ...

    def await_round(self, after: int) -> tuple[FederationInfo, OpenRound | None]:
        """The next open round, or none yet."""
        ...

    def adapter(self, round_name: str) -> bytes:
        """The adapter that a round starts from, or its result once complete; empty where there is none."""
        ...

    def submit(self, round_name: str, digest: str, examples: int, data: bytes) -> None: ...

    def is_complete(self, round_name: str, index: int) -> bool: ...

    def report(self, round_name: str, local: Score, shared: Score) -> None: ...


class LocalData(Protocol):
    def load(self) -> Dataset:
        """The firm's dataset version as files. Raises DatasetUnusable."""
        ...


class Trainer(Protocol):
    def train(self, job: str, attempt: int, start: bytes, info: FederationInfo, data: Dataset) -> bytes:
        """Trains on the firm's data from a start adapter (empty: a new one); the update in the federation's form."""
        ...

    def evaluate(self, job: str, adapter: bytes, info: FederationInfo, data: Dataset) -> Score:
        """How an adapter does on the firm's own held-out questions."""
        ...
