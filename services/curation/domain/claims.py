"""Claims: what shall hold of what, read out of a passage."""

import builtins
from dataclasses import dataclass
from enum import StrEnum

from services.curation.domain.passages import Quote


class Comparator(StrEnum):
    EQUAL = "EQUAL"
    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    BETWEEN = "BETWEEN"
    ABOUT = "ABOUT"


@dataclass(frozen=True)
class Quantity:
    """A value with its unit as written; `si_*` are in SI base units of the dimension."""

    comparator: Comparator
    low: float
    unit: str
    text: str
    si_low: float
    si_unit: str
    dimension: str
    high: float | None = None
    si_high: float | None = None
    tolerance: float | None = None
    si_tolerance: float | None = None
    resolution: float = 0.0
    """Half of the last digit written, in SI base units."""


@dataclass(frozen=True)
class Claim:
    name: str
    subject: str
    property: str
    modality: str
    """shall, should, may, is (stated), was (measured), means (definition)."""
    quote: Quote
    extractor: str
    confidence: float
    quantity: Quantity | None = None
    value_text: str = ""
    conditions: tuple[str, ...] = ()
    negated: bool = False
    action: str = ""
    """The verb that ties the subject to the value, such as `designed for`."""
    headings: tuple[str, ...] = ()
    in_force: bool = True
    retired_because: str = ""
    topics: tuple[str, ...] = ()

    @builtins.property
    def document(self) -> str:
        return self.quote.place.document

    @builtins.property
    def chunk(self) -> str:
        return self.quote.place.chunk

    @builtins.property
    def is_requirement(self) -> bool:
        return self.modality in ("shall", "must", "should", "may")
