"""Tables of DOCX as grids: merged cells unfolded, the header told by Word's own mark or by its words."""

from typing import Any

from docx.oxml.ns import qn

from services.ingestion.adapters.parsers.grids import has_header, rectangle
from services.ingestion.adapters.parsers.word_text import is_bold, paragraph_text
from services.ingestion.domain.blocks import Grid

MAX_SPAN = 60


def word_grid(table: Any) -> Grid:
    """A table's cells; one merged over rows is repeated, one merged over columns is followed by blanks."""
    rows: list[list[str]] = []
    for row in table.iterchildren(qn("w:tr")):
        rows.append(_row(row, rows[-1] if rows else []))
    cells = rectangle(rows)
    if not cells:
        return Grid((), ())
    first = next(table.iterchildren(qn("w:tr")))
    marked = first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    if len(cells) > 1 and (marked or _bold_row(first, table) or has_header(cells)):
        return Grid(cells[0], cells[1:])
    return Grid((), cells)


def _row(row: Any, above: list[str]) -> list[str]:
    line: list[str] = []
    for cell in row.iter(qn("w:tc")):
        if next(cell.iterancestors(qn("w:tr"))) is not row:
            continue  # of a table within a cell, whose text the outer cell has
        marks = cell.find(qn("w:tcPr"))
        merge = marks.find(qn("w:vMerge")) if marks is not None else None
        goes_on = merge is not None and merge.get(qn("w:val")) in (None, "continue")
        text = above[len(line)] if goes_on and len(line) < len(above) else _cell_text(cell)
        line += [text, *[""] * (_span(marks) - 1)]
    return line


def _span(marks: Any) -> int:
    span = marks.find(qn("w:gridSpan")) if marks is not None else None
    return max(1, min(int(span.get(qn("w:val"))), MAX_SPAN)) if span is not None else 1


def _cell_text(cell: Any) -> str:
    return " ".join(" ".join(paragraph_text(p).split()) for p in cell.iter(qn("w:p"))).strip()


def _bold_row(row: Any, table: Any) -> bool:
    """Whether the first row is bold and the others are not."""
    others = [r for r in table.iterchildren(qn("w:tr")) if r is not row]
    return _is_bold_row(row) and not any(_is_bold_row(other) for other in others)


def _is_bold_row(row: Any) -> bool:
    paragraphs = [p for p in row.iter(qn("w:p")) if paragraph_text(p).strip()]
    return bool(paragraphs) and all(is_bold(p) for p in paragraphs)
