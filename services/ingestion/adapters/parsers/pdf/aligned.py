"""Tables without rules: lines in a row whose segments stand in the same columns."""

from collections.abc import Sequence

from services.ingestion.adapters.parsers.grids import has_header, is_number, rectangle
from services.ingestion.adapters.parsers.pdf.glyphs import Word
from services.ingestion.adapters.parsers.pdf.lines import Line, Segment, around, joined, line_of, segment_of
from services.ingestion.adapters.parsers.pdf.ruled import Table

MIN_ROWS = 3
# Wider than this in font sizes, a gap between lines ends a table.
MAX_LINE_GAP = 1.6
_MAX_CELL_WORDS = 14
# Cells that begin within this many points of each other stand in one column.
_SAME_EDGE = 1.5


def aligned_tables(lines: Sequence[Line]) -> list[Table | Line]:
    """The lines of a column with the tables among them, in their order."""
    found: list[Table | Line] = []
    at = 0
    while at < len(lines):
        end = _run_end(lines, at)
        table = _table(lines[at:end])
        if table is None:
            found.append(lines[at])
            at += 1
        else:
            found.append(table)
            at = end
    return found


def _run_end(lines: Sequence[Line], start: int) -> int:
    """Where the lines that may be a table end: each has several segments, or goes on a cell of the line above."""
    end = start
    edges: list[float] = []
    while end < len(lines):
        line = lines[end]
        if end > start and line.box.top - lines[end - 1].box.bottom > MAX_LINE_GAP * line.size:
            break
        if len(line.segments) < 2 and not _goes_on(edges, line):
            break
        edges += [segment.box.left for segment in line.segments[1:]]
        end += 1
    return end


def _goes_on(edges: Sequence[float], line: Line) -> bool:
    """Whether a lone segment is the rest of a cell above: it begins where cells do, other than the first of a row."""
    return any(abs(edge - line.box.left) < 3 for edge in edges)


def _table(lines: Sequence[Line]) -> Table | None:
    full = [line for line in lines if len(line.segments) > 1]
    if len(full) < MIN_ROWS:
        return None
    lines = _split_at_edges(lines, full)
    full = [line for line in lines if len(line.segments) > 1]
    columns = _columns([segment for line in full for segment in line.segments])
    if len(columns) < 2 or not _is_regular(full, columns):
        return None
    rows: list[list[str]] = []
    for line in lines:
        cells = _cells(line, columns)
        if len(line.segments) == 1 and rows:
            rows[-1] = [joined(filter(None, pair)) for pair in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    filled = rectangle(_one_header(rows))
    bold_first = lines[0].bold and not any(line.bold for line in full[1:])
    return Table(filled, bold_first or has_header(filled), around(line.box for line in lines))


def _split_at_edges(lines: Sequence[Line], full: Sequence[Line]) -> list[Line]:
    """Lines whose segments are parted where many cells of the table begin: a full cell leaves no gap to the next."""
    starts = sorted(segment.box.left for line in full for segment in line.segments)
    edges = [
        x for x in starts if sum(abs(x - other) < _SAME_EDGE for other in starts) >= max(MIN_ROWS, len(full) * 0.4)
    ]
    return [line_of([part for segment in line.segments for part in _split(segment, edges)]) for line in lines]


def _split(segment: Segment, edges: Sequence[float]) -> list[Segment]:
    parts: list[list[Word]] = []
    for word in segment.words:
        if not parts or any(abs(word.box.left - edge) < _SAME_EDGE for edge in edges):
            parts.append([])
        parts[-1].append(word)
    return [segment_of(words) for words in parts]


def _one_header(rows: list[list[str]]) -> list[list[str]]:
    """A header of two lines as one row: words over words, and figures below both."""
    if len(rows) < 4 or any(is_number(cell) for row in rows[:2] for cell in row):
        return rows
    below = [cell for row in rows[2:] for cell in row if cell]
    if sum(map(is_number, below)) * 2 < len(below):
        return rows
    return [[joined(filter(None, pair)) for pair in zip(rows[0], rows[1], strict=True)], *rows[2:]]


def _columns(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """The stretches of the page's width that segments cover."""
    spans: list[tuple[float, float]] = []
    for segment in sorted(segments, key=lambda s: s.box.left):
        left, right = segment.box.left, segment.box.right
        if spans and left <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, right))
    return spans


def _is_regular(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> bool:
    """Cells rather than prose: short texts, most columns filled in most lines, or figures below each other."""
    cells = [segment for line in lines for segment in line.segments]
    long = sum(len(segment.words) > _MAX_CELL_WORDS for segment in cells)
    filled = len(cells) / (len(lines) * len(columns))
    figures = sum(is_number(segment.text) for segment in cells)
    return long * 4 < len(cells) and (filled >= 0.6 or (filled >= 0.4 and figures * 3 >= len(cells)))


def _cells(line: Line, columns: Sequence[tuple[float, float]]) -> list[str]:
    cells = [""] * len(columns)
    for segment in line.segments:
        at = max(range(len(columns)), key=lambda n: _overlap(segment, columns[n]))
        cells[at] = f"{cells[at]} {segment.text}".strip()
    return cells


def _overlap(segment: Segment, column: tuple[float, float]) -> float:
    return min(segment.box.right, column[1]) - max(segment.box.left, column[0])
