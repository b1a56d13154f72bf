"""Sentences and list items of a passage, with their offsets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.curation.understanding.wording import word_set

_ABBREVIATIONS = word_set(
    "e.g i.e no nos fig figs eq ref refs dr mr mrs ms prof st min max approx ca cf vs etc incl excl dia "
    "in ft sec vol art cl para ed rev inc ltd co corp dept est al resp p pp"
)
_END = re.compile(
    r"[.!?][\"”’)]*(?=\s+[\"“(]?[A-Z0-9])|\n\s*\n|\n(?=\s*(?:[-*•▪–]\s|\(?[a-z0-9]{1,3}[).]\s|\d+(?:\.\d+)+\s"
    r"|[A-Z][\w .-]{1,40}:\s))"
)
_PREFIX = re.compile(
    r"^\s*(?:[-*•▪–]\s+|\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s+|(?:[A-Z]\.)?\d+(?:[.-]\d+)*[.)]?\s+(?=[A-Z\"“])|#+\s+)+"
)


@dataclass(frozen=True)
class Sentence:
    """`text` stands at `start:end` of the passage; white space inside is collapsed to single spaces."""

    text: str
    start: int
    end: int


def split(passage: str) -> Iterator[Sentence]:
    """Sentences without their bullets and clause numbers."""
    at = 0
    for match in [*_END.finditer(passage), None]:
        if match and match.group()[0] == "." and _is_abbreviation(passage, match.start()):
            continue
        end = match.end() if match else len(passage)
        yield from _trimmed(passage, at, end)
        at = end


def _is_abbreviation(passage: str, dot: int) -> bool:
    word = re.search(r"([A-Za-z.]+)$", passage[max(0, dot - 12) : dot])
    if word is None:
        return False
    low = word.group(1).lower()
    # An inch mark `in.` ends a sentence as often as not; a capital after it decides for the end.
    return (low in _ABBREVIATIONS and low not in ("in", "ft", "min", "max")) or bool(
        re.fullmatch(r"[A-Z]", word.group(1))
    )


def _trimmed(passage: str, start: int, end: int) -> Iterator[Sentence]:
    raw = passage[start:end]
    prefix = _PREFIX.match(raw)
    start += prefix.end() if prefix else 0
    raw = passage[start:end]
    start += len(raw) - len(raw.lstrip())
    text = raw.strip()
    if text:
        yield Sentence(re.sub(r"\s+", " ", text), start, start + len(text))
