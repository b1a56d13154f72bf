"""Segments (words side by side), the lines that they make, and words put together to text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.ingestion.adapters.parsers.pdf.glyphs import Word
from services.ingestion.domain.blocks import Box

_MARK = re.compile(
    r"^([•·▪■●○◦‣▸✓*–—-]|\(?[a-zA-Z][.)]|\(?[ivxl]{1,5}[.)]|\(?\d{1,3}[.)]|(\d{1,3}|[A-Z])([.-]\d{1,3}){1,6}\.?)$"
)


@dataclass(frozen=True)
class Segment:
    """Words on one line with no wide gap between them."""

    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def size(self) -> float:
        return max(word.size for word in self.words)

    @property
    def bold(self) -> bool:
        return all(word.bold for word in self.words if any(map(str.isalnum, word.text)))


@dataclass(frozen=True)
class Line:
    """Segments from left to right at one height."""

    segments: tuple[Segment, ...]
    box: Box

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)

    @property
    def size(self) -> float:
        sizes = sorted(word.size for word in self.words for _ in word.text)
        return sizes[len(sizes) // 2]

    @property
    def bold(self) -> bool:
        return all(segment.bold for segment in self.segments)


def around(boxes: Iterable[Box]) -> Box:
    first, *others = boxes
    for other in others:
        first = first.union(other)
    return first


def segment_of(words: Sequence[Word]) -> Segment:
    return Segment(tuple(words), around(word.box for word in words))


def line_of(segments: Sequence[Segment]) -> Line:
    ordered = sorted(segments, key=lambda segment: segment.box.left)
    return Line(tuple(_with_marks(ordered)), around(segment.box for segment in ordered))


def _with_marks(segments: list[Segment]) -> list[Segment]:
    """Joins a bullet or a clause number with the text that it stands in front of."""
    if len(segments) == 2 and len(segments[0].words) == 1 and _MARK.match(segments[0].text):
        return [segment_of((*segments[0].words, *segments[1].words))]
    return segments


def lines_of(segments: Iterable[Segment]) -> list[Line]:
    """Lines from the top down: a segment belongs to a line whose height it shares by half."""
    groups: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: ((s.box.top + s.box.bottom) / 2, s.box.left)):
        if groups and _shares_height(groups[-1], segment):
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return [line_of(group) for group in groups]


def _shares_height(group: Sequence[Segment], segment: Segment) -> bool:
    top, bottom = max(s.box.top for s in group), min(s.box.bottom for s in group)
    overlap = min(bottom, segment.box.bottom) - max(top, segment.box.top)
    return overlap >= 0.5 * min(bottom - top, segment.box.bottom - segment.box.top)


def joined(texts: Iterable[str], hyphenated: frozenset[str] = frozenset()) -> str:
    """Lines as one text. A word divided at a line's end is put together, unless `hyphenated` has it with its hyphen."""
    whole = ""
    for text in texts:
        if _is_divided(whole, text):
            compound = f"{_last_word(whole)}{text.split()[0]}".strip(".,;:()").lower()
            whole = (whole if compound in hyphenated else whole[:-1]) + text
        elif re.search(r"\w[-/–]$", whole) and text[:1].isalnum():
            whole += text  # `QF-` and `203`, `and/` and `or`
        else:
            whole = f"{whole} {text}" if whole else text
    return whole


def _is_divided(whole: str, text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}-$", whole)) and text[:1].islower()


def _last_word(text: str) -> str:
    return text.rsplit(None, 1)[-1]


def compounds(lines: Iterable[Line]) -> frozenset[str]:
    """Words that the document writes with a hyphen in the middle of a line."""
    found = set()
    for line in lines:
        for word in line.words:
            if "-" in word.text.strip("-"):
                found.add(word.text.strip(".,;:()").lower())
    return frozenset(found)
