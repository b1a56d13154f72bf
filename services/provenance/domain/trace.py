"""A traced answer: three columns that are never blended, for they answer different questions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a quote stands. A field is empty or None where the format has no such notion."""

    document: str = ""
    revision: str = ""
    chunk: str = ""
    page: int | None = None
    clause: str = ""
    cells: str = ""
    char_start: int = 0
    char_end: int = 0


@dataclass(frozen=True)
class Quote:
    text: str
    place: Place
    title: str = ""


@dataclass(frozen=True)
class Run:
    """A run of tokens that an answer shares with training examples (ids) or chunks (names)."""

    text: str
    tokens: int
    examples: tuple[str, ...]
    chunks: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    chunk: str
    score: float


@dataclass(frozen=True)
class Influence:
    example: str
    score: float
    prompt: str
    completion: str
    sources: tuple[Quote, ...]


@dataclass(frozen=True)
class Verbatim:
    """`example` is empty where the run stands in a chunk only."""

    text: str
    tokens: int
    example: str
    sources: tuple[Quote, ...]


@dataclass(frozen=True)
class Evidence:
    score: float
    source: Quote


@dataclass(frozen=True)
class Trace:
    """`learnt` in nats per token: base loss less tuned loss. `fidelity` says what the influence scores are worth."""

    completion: str
    model_version: str
    dataset_version: str
    influences: tuple[Influence, ...]
    verbatim: tuple[Verbatim, ...]
    evidence: tuple[Evidence, ...]
    learnt: float
    fidelity: str
    seconds: float
