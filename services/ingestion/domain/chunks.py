"""From blocks to one normalised text and its chunks. Each chunk is a slice of the text, and they cover all of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.ingestion.domain.blocks import Block, Box, Grid, Heading, Item, Paragraph, Place, Reading, SheetRange
from services.ingestion.domain.clauses import Outline, lettered
from services.ingestion.domain.normal import clean, one_line

MAX_PROSE = 1200
MAX_TABLE = 2400
CELL_BREAK = " | "
_LABEL = re.compile(
    r"^(table|tab\.|figure|fig\.|equation|tabel|figuur|tabelle|abbildung|tableau)\s*[A-Z]?\d", re.IGNORECASE
)
_CAPTION = re.compile(r"^(table|tab\.|tabel|tabelle|tableau)\s+[\w.-]+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?;:])[\"')\]]*\s+(?=\S)")


class Kind(StrEnum):
    PROSE = "PROSE"
    TABLE = "TABLE"
    LIST = "LIST"
    HEADING = "HEADING"


@dataclass(frozen=True)
class Row:
    """A table's row and its place in the text, in code points, end exclusive."""

    cells: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """A chunk without its text: `text[start:end]` is that."""

    start: int
    end: int
    kind: Kind
    headings: tuple[str, ...] = ()
    clause: str = ""
    place: Place = field(default=Place())
    cells: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Chunk:
    name: str
    ordinal: int
    text: str
    piece: Piece


@dataclass(frozen=True)
class Parsed:
    """A file's normalised text with its pieces in reading order."""

    media_type: str
    parser: str
    title: str
    text: str
    pieces: tuple[Piece, ...]
    page_count: int
    warnings: tuple[str, ...]


def compose(reading: Reading, title: str) -> Parsed:
    """Lays out a file's blocks. Prose comes in chunks of MAX_PROSE at most; no list item or row is cut."""
    composer = _Composer()
    for block in reading.blocks:
        composer.add(block)
    text, pieces = composer.finish()
    return Parsed(
        reading.media_type,
        reading.parser,
        title,
        text,
        pieces,
        reading.page_count,
        tuple(map(one_line, reading.warnings)),
    )


class _Composer:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._pieces: list[Piece] = []
        self._outline = Outline()
        self._run: list[Paragraph | Item] = []
        # The clause that the run belongs to.
        self._clause = ""

    def add(self, block: Block) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(replace(block, text=clean(block.text)))
            case Item():
                self._item(replace(block, text=clean(block.text)))
            case Grid():
                self._grid(block)

    def finish(self) -> tuple[str, tuple[Piece, ...]]:
        self._flush()
        return "".join(self._parts), tuple(self._pieces)

    def _heading(self, block: Heading) -> None:
        text = one_line(block.text)
        if _LABEL.match(text):  # set like a heading, but it names one table or figure, not what follows
            self._paragraph(Paragraph(text, block.place))
            return
        self._flush()
        if not text:
            return
        self._outline.enter(text, block.level)
        above = self._outline.headings()[:-1]
        start, end = self._write(text)
        self._pieces.append(Piece(start, end, Kind.HEADING, above, self._outline.clause, block.place))

    def _paragraph(self, block: Paragraph) -> None:
        if mark := lettered(block.text):
            self._item(Item(block.text[len(mark) :].strip(), mark, 0, block.place))
            return
        if not block.text:
            return
        ends_list = bool(self._run) and isinstance(self._run[-1], Item)
        ends_clause = self._outline.paragraph(block.text)
        if ends_clause or ends_list or not self._joins(block):
            self._flush()
        self._begin(block)

    def _item(self, block: Item) -> None:
        if not block.text:
            return
        numbered = self._outline.item(block.marker, block.depth)
        within = self._led_in() or (bool(self._run) and isinstance(self._run[-1], Item) and not numbered)
        if not within or not self._joins(block):
            self._flush()
        self._begin(block)

    def _led_in(self) -> bool:
        """Whether the list under way belongs to a sentence that ends in a colon: `The coating is one of:`."""
        return bool(self._run) and isinstance(self._run[0], Paragraph) and self._run_paragraphs()[-1].text.endswith(":")

    def _run_paragraphs(self) -> list[Paragraph]:
        return [block for block in self._run if isinstance(block, Paragraph)]

    def _joins(self, block: Paragraph | Item) -> bool:
        size = sum(len(_line(other)) + 1 for other in self._run) + len(_line(block))
        return bool(self._run) and size <= MAX_PROSE and self._run[-1].place.page == block.place.page

    def _begin(self, block: Paragraph | Item) -> None:
        if not self._run:
            self._clause = self._outline.clause
        self._run.append(block)

    def _flush(self) -> None:
        run, self._run = self._run, []
        if not run:
            return
        outermost = min((block.depth for block in run if isinstance(block, Item)), default=0)
        text = "\n".join(_line(block, outermost) for block in run)
        kind = Kind.LIST if any(isinstance(block, Item) for block in run) else Kind.PROSE
        start, end = self._write(text.strip())
        spans = [(start, end)] if kind is Kind.LIST else list(_sentences(text, start))
        place = _around([block.place for block in run])
        for piece_start, piece_end in spans:
            self._pieces.append(Piece(piece_start, piece_end, kind, self._outline.headings(), self._clause, place))

    def _caption(self) -> str:
        """Takes the run's last paragraph where it is the caption of the table that follows."""
        last = self._run[-1] if self._run else None
        if not isinstance(last, Paragraph) or len(last.text) > 200 or not _CAPTION.match(last.text):
            return ""
        self._run.pop()
        return one_line(last.text)

    def _grid(self, block: Grid) -> None:
        caption = self._caption()
        self._flush()
        header = tuple(one_line(cell) for cell in block.header)
        rows = [tuple(one_line(cell) for cell in row) for row in block.rows]
        filled = [n for n, row in enumerate(rows) if any(row)]
        if not any(header) and not filled:
            return
        if block.cells:
            block = replace(block, cells=replace(block.cells, rows=tuple(block.cells.rows[n] for n in filled)))
        rows = [rows[n] for n in filled]
        for first, last in _row_groups(header, rows):
            self._table_part(caption, header, rows[first:last], block, range(first, last))

    def _table_part(
        self, caption: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]], block: Grid, which: range
    ) -> None:
        # The header stands in front of each part, so that a part can be read alone.
        lead = [line for line in (caption, CELL_BREAK.join(header) if any(header) else "") if line]
        lines = [CELL_BREAK.join(row) for row in rows]
        start, end = self._write("\n".join([*lead, *lines]))
        at = start + sum(len(line) + 1 for line in lead)
        placed = []
        for row, line in zip(rows, lines, strict=True):
            placed.append(Row(row, at, at + len(line)))
            at += len(line) + 1
        cells = _cell_range(block.cells, which, max([len(header), *map(len, rows)])) if block.cells else ""
        piece = Piece(start, end, Kind.TABLE, self._outline.headings(), self._outline.base, block.place, cells)
        self._pieces.append(replace(piece, header=header, rows=tuple(placed)))

    def _write(self, text: str) -> tuple[int, int]:
        separator = "\n\n" if self._length else ""
        self._parts.append(separator + text)
        start = self._length + len(separator)
        self._length = start + len(text)
        return start, self._length


def _line(block: Paragraph | Item, outermost: int = 0) -> str:
    if isinstance(block, Paragraph):
        return block.text
    return f"{'  ' * (block.depth - outermost)}{block.marker} {block.text}"


def _around(places: Sequence[Place]) -> Place:
    boxes = [place.box for place in places if place.box is not None and place.page == places[0].page]
    box: Box | None = boxes[0] if boxes else None
    for other in boxes[1:]:
        box = box.union(other) if box else other
    return Place(places[0].page, box)


def _sentences(text: str, offset: int) -> Iterator[tuple[int, int]]:
    """Spans of at most MAX_PROSE characters that end at a sentence, or else at a word, without blank ends."""
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= MAX_PROSE else _break_before(text, start, start + MAX_PROSE)
        piece = text[start:end]
        yield offset + start, offset + start + len(piece.rstrip())
        start = end


def _break_before(text: str, start: int, limit: int) -> int:
    """Where the next span begins."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text, start, limit + 1)]
    # A break in the first quarter would leave crumbs; a word's end is better then.
    if ends and ends[-1] - start > MAX_PROSE // 4:
        return ends[-1]
    blank = max(text.rfind(" ", start, limit + 1), text.rfind("\n", start, limit + 1))
    return blank + 1 if blank > start else limit


def _row_groups(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Ranges of rows that fit into one chunk together with the header; at least one row each."""
    base = sum(map(len, header)) + len(CELL_BREAK) * len(header)
    first, size = 0, base
    for n, row in enumerate(rows):
        length = sum(map(len, row)) + len(CELL_BREAK) * len(row)
        if n > first and size + length > MAX_TABLE:
            yield first, n
            first, size = n, base
        size += length
    yield first, len(rows)


def _cell_range(cells: SheetRange, which: range, width: int) -> str:
    """`Sheet1!A1:D9` of the header and the rows; a later part names its rows only."""
    numbers = [cells.rows[n] for n in which]
    if cells.header_row is not None and which.start == 0:
        numbers = [cells.header_row, *numbers]
    left, right = column_name(cells.column), column_name(cells.column + width - 1)
    prefix = f"{cells.sheet}!" if cells.sheet else ""
    return f"{prefix}{left}{numbers[0]}:{right}{numbers[-1]}"


def column_name(index: int) -> str:
    """`A` of 0, `AA` of 26."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
