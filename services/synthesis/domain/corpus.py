"""What curation hands over: claims in force, the chunks they stand in, the firm's terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Comparator(StrEnum):
    NONE = "NONE"
    EQUAL = "EQUAL"
    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    BETWEEN = "BETWEEN"
    ABOUT = "ABOUT"


@dataclass(frozen=True)
class Quantity:
    """A value or range in `unit`; `text` is the number and unit as the document writes them."""

    comparator: Comparator
    low: float
    unit: str = ""
    text: str = ""
    high: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Claim:
    """A statement read out of a chunk: what shall hold of what, under which conditions."""

    name: str
    subject: str
    property: str
    chunk: str
    document: str
    quote: str
    modality: str = ""
    quantity: Quantity | None = None
    value_text: str = ""
    conditions: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Chunk:
    """A passage that may be learnt from."""

    id: str
    text: str
    document: str
    title: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Term:
    """A word of the firm and its other names."""

    preferred: str
    variants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corpus:
    claims: Sequence[Claim]
    chunks: Mapping[str, Chunk]
    terms: Sequence[Term] = field(default=())
