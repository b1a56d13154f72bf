"""Rows of cells as blocks: what is a title, what a header, where one table ends and the next begins."""

import re
from collections.abc import Iterator, Sequence

from services.ingestion.domain.blocks import Block, Grid, Paragraph, SheetRange

Cells = Sequence[str]
_NUMBER = re.compile(r"^[<>≤≥±~≈+\-−]?\s*[$€£]?\s*\d[\d.,'  ]*\s*(%|[^\W\d_]{1,4})?$")


def blocks_of_sheet(sheet: str, rows: Sequence[Cells]) -> Iterator[Block]:
    """The tables of a sheet, parted by blank rows; a row of one cell alone is a paragraph. Row numbers count from 1."""
    group: list[tuple[int, Cells]] = []
    for number, row in enumerate(rows, start=1):
        if any(cell.strip() for cell in row):
            group.append((number, row))
            continue
        yield from _group(sheet, group)
        group = []
    yield from _group(sheet, group)


def _group(sheet: str, group: list[tuple[int, Cells]]) -> Iterator[Block]:
    columns = [n for n in range(_width(group)) if any(n < len(row) and row[n].strip() for _, row in group)]
    if not columns:
        return
    left, right = columns[0], columns[-1] + 1
    numbered = [(number, _fit(row, left, right)) for number, row in group]
    if len(numbered) == 1 and right - left == 1:
        yield Paragraph(numbered[0][1][0])
        return
    while numbered and right - left > 1 and _lone(numbered[0][1]) and len(numbered) > 1:
        yield Paragraph(_lone(numbered.pop(0)[1]))
    # Remarks below the table.
    tail = []
    while len(numbered) > 2 and right - left > 2 and _lone(numbered[-1][1]) and numbered[-1][1][0]:
        tail.append(Paragraph(_lone(numbered.pop()[1])))
    numbers, cells = [number for number, _ in numbered], [row for _, row in numbered]
    header = cells[0] if has_header(cells) else ()
    body = cells[1:] if header else cells
    origin = SheetRange(sheet, left, numbers[0] if header else None, tuple(numbers[len(cells) - len(body) :]))
    yield Grid(header, tuple(body), cells=origin)
    yield from reversed(tail)


def _width(group: Sequence[tuple[int, Cells]]) -> int:
    return max((len(row) for _, row in group), default=0)


def _fit(row: Cells, left: int, right: int) -> tuple[str, ...]:
    """The row's cells of some columns, as many as there are columns."""
    return tuple(row[n].strip() if n < len(row) else "" for n in range(left, right))


def _lone(row: Cells) -> str:
    """The only filled cell of a row, or ``."""
    filled = [cell for cell in row if cell]
    return filled[0] if len(filled) == 1 else ""


def has_header(rows: Sequence[Cells]) -> bool:
    """Whether the first row names the columns, judged by the words alone; a parser that sees marks goes by them."""
    if len(rows) < 2:
        return False
    first = rows[0]
    filled = sum(bool(cell) for cell in first)
    if filled * 2 < len(first) or any(len(cell) > 150 for cell in first):
        return False
    if any(is_number(cell) and not _year(cell) for cell in first):
        return False
    # Two columns are as often names with their values as a table; figures below a name tell.
    return len(first) > 2 or (len(first) == 2 and not first[0].endswith(":") and _figures_below(rows))


def _figures_below(rows: Sequence[Cells]) -> bool:
    columns = [[cell for cell in column if cell] for column in zip(*rows[1:], strict=True)]
    return any(column and sum(map(is_number, column)) >= 0.6 * len(column) for column in columns)


def is_number(cell: str) -> bool:
    """Whether a cell is a measure: `380`, `≥ 51.5`, `12 mm`, `$ 1,200`."""
    return bool(_NUMBER.match(cell.strip()))


def _year(cell: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d", cell.strip()))


def rectangle(rows: Sequence[Cells]) -> tuple[tuple[str, ...], ...]:
    """The rows, all as wide as the widest, without the columns and rows that are blank throughout."""
    width = max((len(row) for row in rows), default=0)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    columns = [n for n in range(width) if any(n < len(row) and row[n].strip() for row in filled)]
    return tuple(tuple(row[n].strip() if n < len(row) else "" for n in columns) for row in filled)
