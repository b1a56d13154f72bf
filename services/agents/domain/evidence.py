"""What a report rests on: quotes, requirements and measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Comparator(StrEnum):
    EQUAL = "EQUAL"
    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    BETWEEN = "BETWEEN"
    ABOUT = "ABOUT"


@dataclass(frozen=True)
class Quote:
    """Text with the place it was read from; `page` is 1-based, 0 where the format has none."""

    text: str
    document: str = ""
    revision: str = ""
    chunk: str = ""
    title: str = ""
    page: int = 0
    clause: str = ""


@dataclass(frozen=True)
class Amount:
    """A value in SI base units; `dimension` tells what can be compared, `text` is as written."""

    si: float
    dimension: str
    text: str


@dataclass(frozen=True)
class Limit:
    """What a requirement allows. `low` is the only value, or the lower end of a range; all in SI base units."""

    comparator: Comparator
    low: float
    dimension: str
    text: str
    high: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Claim:
    """A statement of a document in force. `modality` is shall, must, is, was …

    `attribute` is the property stated, such as `yield strength`; `limit` is unset where the value is no quantity.
    """

    name: str
    subject: str
    attribute: str
    modality: str
    quote: Quote
    limit: Limit | None = None
    value_text: str = ""
    conditions: tuple[str, ...] = ()
    negated: bool = False

    @property
    def is_requirement(self) -> bool:
        return self.modality in ("shall", "must")

    @property
    def is_measured(self) -> bool:
        return self.modality == "was" and self.limit is not None

    @property
    def value(self) -> str:
        return self.limit.text if self.limit else self.value_text


@dataclass(frozen=True)
class Source:
    """Where a measurement comes from; exactly one of quote and tool call, and a completion where a model read it."""

    quote: Quote | None = None
    tool_call: str = ""
    completion: str = ""


@dataclass(frozen=True)
class Measurement:
    """A measured amount of some part. `context` is all text around it that says what it belongs to."""

    subject: str
    attribute: str
    amount: Amount
    context: str
    source: Source
    label: str = ""


@dataclass(frozen=True)
class Item:
    """An entry of a tool's result, with every text in it; evidence for requirements that name a thing, not a number."""

    subject: str
    texts: tuple[str, ...]
    source: Source
    label: str = ""


def texts_of(value: Any) -> list[str]:
    """Every string of a JSON value, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in texts_of(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts_of(item)]
    return []
