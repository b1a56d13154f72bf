"""Lines of a column as paragraphs, list items and headings."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.ingestion.adapters.parsers.pdf.lines import Line, around, joined
from services.ingestion.domain.blocks import Block, Heading, Item, Paragraph, Place
from services.ingestion.domain.clauses import depth, heading_number, inline_number

MAX_HEADING = 150
_ITEM = re.compile(r"^([•·▪■●○◦‣▸✓*–—-]|\(?[a-z][.)]|\(?[ivxl]{1,5}[.)]|\(?\d{1,2}\))\s+(?=\S)")
_NUMBERED = re.compile(r"^\d{1,3}(\.\d{1,3})*\.?\s+[^\W\d_]")
_LARGER = 1.08


@dataclass(frozen=True)
class Style:
    """How a document looks: the size of its body, and its headings' looks from the outermost in."""

    body: float
    headings: tuple[tuple[float, bool], ...]
    bold_body: bool


def style_of(lines: Sequence[Line]) -> Style:
    sizes: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        sizes[_look(line)] += len(line.text)
    if not sizes:
        return Style(10.0, (), False)
    (body, bold_body), _ = sizes.most_common(1)[0]
    looks = {_look(line) for line in lines if _may_be_heading(line.text) and _stands_out(line, body, bold_body)}
    return Style(body, tuple(sorted(looks, key=lambda look: (-look[0], not look[1]))), bold_body)


def _look(line: Line) -> tuple[float, bool]:
    return round(line.size * 2) / 2, line.bold


def _stands_out(line: Line, body: float, bold_body: bool) -> bool:
    return line.size > body * _LARGER or (line.bold and not bold_body and line.size > body * 0.9)


def _may_be_heading(text: str) -> bool:
    return len(text) <= MAX_HEADING and any(c.isalpha() for c in text) and not text.endswith((",", ";", ":"))


def blocks_of(lines: Sequence[Line], page: int, style: Style, hyphenated: frozenset[str]) -> Iterable[Block]:
    """Blocks of one column."""
    column = _column(lines)
    group: list[Line] = []
    for line in lines:
        if group and _begins(group, line, column, style):
            yield _block(group, page, style, hyphenated)
            group = []
        group.append(line)
    if group:
        yield _block(group, page, style, hyphenated)


@dataclass(frozen=True)
class _Column:
    left: float
    right: float


def _column(lines: Sequence[Line]) -> _Column:
    return _Column(
        min((line.box.left for line in lines), default=0.0), max((line.box.right for line in lines), default=0.0)
    )


def _begins(group: Sequence[Line], line: Line, column: _Column, style: Style) -> bool:
    """Whether a line begins a block rather than going on with the one above."""
    last = group[-1]
    gap = line.box.top - last.box.bottom
    if gap > 0.75 * line.size or gap < -line.size or abs(line.size - last.size) > 0.08 * max(line.size, last.size):
        return True
    if re.search(r"\w-$", last.text):
        return False  # a word goes on
    if _is_heading(group[0], style) != _is_heading(line, style) or _ITEM.match(line.text):
        return True
    if _is_heading(line, style):
        return bool(heading_number(line.text))
    if _NUMBERED.match(line.text) and _ends_sentence(last.text):
        return True
    if _ITEM.match(group[0].text) and line.box.left < group[0].box.left + 2 and _fits(last, line, column):
        return True
    if line.box.left > last.box.left + 1.0 * line.size and _ends_sentence(last.text) and not _ITEM.match(group[0].text):
        return True
    short = last.box.right - column.left < 0.75 * (column.right - column.left)
    return _fits(last, line, column) and (_ends_sentence(last.text) or (short and not line.text[0].islower()))


def _fits(last: Line, line: Line, column: _Column) -> bool:
    """Whether the line's first word would have fitted on the line above: the break was meant, then."""
    first = line.words[0].box
    return last.box.right + 0.3 * line.size + (first.right - first.left) < column.right


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"')]”’").endswith((".", "!", "?", ":", ";"))


def _is_heading(line: Line, style: Style) -> bool:
    text = line.text
    if not _stands_out(line, style.body, style.bold_body) or not _may_be_heading(text) or _ITEM.match(text):
        return False
    # A sentence in bold is no heading; nor is its rest, which begins in small letters.
    return bool(heading_number(text)) or not (text.endswith(".") or text[0].islower())


def _block(group: Sequence[Line], page: int, style: Style, hyphenated: frozenset[str]) -> Block:
    text = joined((line.text for line in group), hyphenated)
    place = Place(page, around(line.box for line in group))
    if _is_heading(group[0], style) and len(text) <= MAX_HEADING:
        return Heading(text, _level(text, group[0], style), place)
    found = _ITEM.match(text)
    if found is not None and not inline_number(text, ""):
        return Item(text[found.end() :], found[1], 0, place)
    return Paragraph(text, place)


def _level(text: str, line: Line, style: Style) -> int:
    """By the look; numbered headings of one look by their numbers."""
    look = _look(line)
    rank = style.headings.index(look) + 1 if look in style.headings else len(style.headings) + 1
    number = heading_number(text)
    return rank + depth(number) - 1 if number else rank
