"""A page as pdfium sees it: words in content order, and ruled lines. Points from the page's top left corner."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c

from services.ingestion.domain.blocks import Box
from services.ingestion.domain.normal import clean

BOLD_WEIGHT = 600
# A gap of this many font sizes parts two segments of a line: columns, cells, a mark and its text.
SEGMENT_GAP = 1.1
# A filled shape thinner than this is a drawn line, in points.
THIN = 3.0
# Drawings have more lines than any table.
MAX_RULES = 4000
# Degrees.
MAX_SLANT = 20
_SOFT_BREAK = (0x02, 0xFFFE)  # what pdfium says for a hyphen at the end of a line


@dataclass(frozen=True)
class Word:
    text: str
    box: Box
    size: float
    bold: bool
    upright: bool = True

    @property
    def middle(self) -> float:
        return (self.box.top + self.box.bottom) / 2


@dataclass(frozen=True)
class Rule:
    """A horizontal or vertical line: `at` across, from `start` to `end` along."""

    at: float
    start: float
    end: float


@dataclass(frozen=True)
class PageContent:
    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    # Indexes of words that begin a segment.
    breaks: frozenset[int]
    horizontal: tuple[Rule, ...]
    vertical: tuple[Rule, ...]
    too_many_rules: bool = False
    sideways: str = ""
    """Text set across the page's direction, such as a tab at its edge; not among the words."""


def read_page(page: Any, number: int) -> PageContent:
    """Reads one page. Raises pdfium.PdfiumError."""
    frame = _Frame(page)
    textpage = page.get_textpage()
    try:
        words = list(_Words(textpage, frame).read())
        horizontal, vertical = _rules(page, frame)
    finally:
        textpage.close()
    sideways = " ".join(word.text for word in words if not word.upright)
    upright = [word for word in words if word.upright]
    # A page whose text is set sideways as a whole is read as it is.
    words, sideways = (upright, sideways) if 2 * len(upright) > len(words) else (words, "")
    breaks = frozenset(n for n in range(len(words)) if n == 0 or _parts(words[n - 1], words[n]))
    crowded = len(horizontal) + len(vertical) > MAX_RULES
    ruled = ((), ()) if crowded else (tuple(horizontal), tuple(vertical))
    return PageContent(number, frame.width, frame.height, tuple(words), breaks, *ruled, crowded, sideways)


def _parts(before: Word, word: Word) -> bool:
    """Whether a word does not go on the line of the one before."""
    height = min(before.box.bottom - before.box.top, word.box.bottom - word.box.top)
    overlap = min(before.box.bottom, word.box.bottom) - max(before.box.top, word.box.top)
    gap = word.box.left - before.box.right
    return overlap < 0.4 * height or not -0.5 * word.size < gap < SEGMENT_GAP * min(before.size, word.size)


class _Frame:
    """Turns pdfium's coordinates (origin bottom left, before the page's rotation) into ours."""

    def __init__(self, page: Any) -> None:
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.rotation = page.get_rotation()
        across, up = self.right - self.left, self.top - self.bottom
        self.width, self.height = (up, across) if self.rotation in (90, 270) else (across, up)

    def point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        if self.rotation == 90:
            return y, x
        if self.rotation == 180:
            return self.width - x, y
        if self.rotation == 270:
            return self.width - y, self.height - x
        return x, self.height - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


class _Words:
    """Gathers characters to words; pdfium itself adds the blanks that the file only implies."""

    def __init__(self, textpage: Any, frame: _Frame) -> None:
        self._raw, self._frame = textpage.raw, frame
        self._rect = c.FS_RECTF()
        self._letters: list[str] = []
        self._box: Box | None = None
        self._first = 0

    def read(self) -> Iterator[Word]:
        for n in range(c.FPDFText_CountChars(self._raw)):
            code = c.FPDFText_GetUnicode(self._raw, n)
            letter = "-" if code in _SOFT_BREAK else chr(code)
            if letter.isspace() or code == 0:
                yield from self._end()
                continue
            box = self._char_box(n)
            if box is None:
                continue
            if self._box is not None and not _touches(self._box, box):
                yield from self._end()
            self._first = n if self._box is None else self._first
            self._box = box if self._box is None else self._box.union(box)
            self._letters.append(letter)
        yield from self._end()

    def _char_box(self, n: int) -> Box | None:
        if not c.FPDFText_GetLooseCharBox(self._raw, n, ctypes.byref(self._rect)):
            return None
        rect = self._rect
        return self._frame.box(rect.left, rect.bottom, rect.right, rect.top)

    def _end(self) -> Iterator[Word]:
        text, box = clean("".join(self._letters)), self._box
        self._letters, self._box = [], None
        if text and box is not None:
            # The height of the box is the size as seen; the font's own size may be scaled.
            bold = c.FPDFText_GetFontWeight(self._raw, self._first) >= BOLD_WEIGHT or self._is_bold_font()
            yield Word(text, box, max(box.bottom - box.top, 1.0), bold, self._is_upright())

    def _is_upright(self) -> bool:
        """Whether the word is set along the page's direction, give or take a slant."""
        angle = math.degrees(c.FPDFText_GetCharAngle(self._raw, self._first)) - self._frame.rotation
        return bool(abs((angle + 180) % 360 - 180) < MAX_SLANT)

    def _is_bold_font(self) -> bool:
        buffer = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        c.FPDFText_GetFontInfo(self._raw, self._first, buffer, 128, ctypes.byref(flags))
        name = buffer.value.decode("utf-8", "replace").lower()
        return "bold" in name or "black" in name or "heavy" in name


def _touches(word: Box, letter: Box) -> bool:
    height = min(word.bottom - word.top, letter.bottom - letter.top)
    overlap = min(word.bottom, letter.bottom) - max(word.top, letter.top)
    gap = letter.left - word.right
    return overlap >= 0.4 * height and -height < gap < 0.6 * height


def _rules(page: Any, frame: _Frame) -> tuple[list[Rule], list[Rule]]:
    horizontal: list[Rule] = []
    vertical: list[Rule] = []
    for shape in page.get_objects(filter=[c.FPDF_PAGEOBJ_PATH], max_depth=4):
        for x0, y0, x1, y1 in _edges(shape, frame):
            if abs(y1 - y0) <= THIN / 2 < abs(x1 - x0):
                horizontal.append(Rule((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) <= THIN / 2 < abs(y1 - y0):
                vertical.append(Rule((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        if len(horizontal) + len(vertical) > MAX_RULES:
            break
    return horizontal, vertical


def _edges(shape: Any, frame: _Frame) -> Iterator[tuple[float, float, float, float]]:
    """The straight edges that a path draws: the outline where it is stroked, the middle where it is a thin fill."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    c.FPDFPath_GetDrawMode(shape.raw, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    box = frame.box(*shape.get_bounds())
    if box.bottom - box.top <= THIN:
        middle = (box.top + box.bottom) / 2
        yield box.left, middle, box.right, middle
    elif box.right - box.left <= THIN:
        middle = (box.left + box.right) / 2
        yield middle, box.top, middle, box.bottom
    elif stroke.value:
        yield from _outline(shape, frame)


def _outline(shape: Any, frame: _Frame) -> Iterator[tuple[float, float, float, float]]:
    matrix = shape.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for n in range(min(c.FPDFPath_CountSegments(shape.raw), MAX_RULES)):
        segment = c.FPDFPath_GetPathSegment(shape.raw, n)
        c.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        here = frame.point(*matrix.on_point(x.value, y.value))
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_MOVETO:
            start = here
        elif kind == c.FPDF_SEGMENT_LINETO:
            yield (*last, *here)
        last = here
        if c.FPDFPathSegment_GetClose(segment):
            yield (*last, *start)
            last = start


PdfiumError = pdfium.PdfiumError
