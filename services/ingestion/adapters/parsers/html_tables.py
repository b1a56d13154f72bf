"""Tables of HTML: spans unfolded, header rows found, layout tables told from real ones."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.ingestion.adapters.parsers.grids import has_header, rectangle
from services.ingestion.domain.blocks import Block, Grid, Item, Paragraph

# A page may claim any span; no honest table is wider or longer than this.
MAX_COLSPAN, MAX_ROWSPAN = 60, 500
_BULLETS = frozenset("•·▪■●○◦–—-*o")
_OPENING, _CLOSING = frozenset(["$", "€", "£", "(", "$("]), frozenset([")", "%", ")%"])
_LINES = frozenset(["br", "p", "div", "li", "tr", "dd", "dt"])
Unseen = Callable[[Any], bool]


@dataclass(frozen=True)
class _Cell:
    text: str
    is_header: bool
    colspan: int
    rowspan: int


def table_blocks(table: Any, is_unseen: Unseen) -> Sequence[Block] | None:
    """A table's caption and grid, or None where it only lays out the page."""
    if table.xpath(".//table"):
        return None
    rows = [_cells(row, is_unseen) for row in table.iter("tr") if not is_unseen(row)]
    unfolded = _unfold([row for row in rows if row])
    filled = rectangle([[cell.text for cell in row] for row in unfolded])
    if not filled:
        return ()
    if len(filled[0]) == 1:
        return None
    if all(row[0] in _BULLETS for row in filled):
        return [Item(" ".join(filter(None, row[1:])), row[0]) for row in filled]
    captions = [Paragraph(_text(caption)) for caption in table.iter("caption")]
    cells = _merge_signs(filled)
    header_rows = _header_rows([row for row in unfolded if any(cell.text for cell in row)])
    if not header_rows and has_header(cells):
        header_rows = 1
    return [*captions, Grid(_one_header(cells[:header_rows]), cells[header_rows:])]


def _cells(row: Any, is_unseen: Unseen) -> list[_Cell]:
    in_head = any(element.tag == "thead" for element in row.iterancestors())
    return [
        _Cell(
            _text(cell),
            cell.tag == "th" or in_head,
            _span(cell.get("colspan"), MAX_COLSPAN),
            _span(cell.get("rowspan"), MAX_ROWSPAN),
        )
        for cell in row.iterchildren("td", "th")
        if not is_unseen(cell)
    ]


def _span(text: str | None, most: int) -> int:
    return max(1, min(int(text), most)) if text and re.fullmatch(r"\d{1,6}", text) else 1


def _text(cell: Any) -> str:
    for unseen in cell.xpath(".//script|.//style|.//template|.//*[@hidden]"):
        unseen.drop_tree()
    return " ".join("".join(_spoken(cell)).split())


def _spoken(element: Any) -> Iterator[str]:
    """The texts inside an element, with a blank where a browser would begin a line."""
    if not isinstance(element.tag, str):
        return
    yield " " if element.tag in _LINES else ""
    yield element.text or ""
    for child in element:
        yield from _spoken(child)
        yield child.tail or ""
    yield " " if element.tag in _LINES else ""


def _unfold(rows: Sequence[Sequence[_Cell]]) -> list[list[_Cell]]:
    """Each row with a cell for every column: a cell over several rows is repeated, one over several columns followed
    by blanks, or repeated where it is a header."""
    below: dict[int, _Cell] = {}
    unfolded = []
    for row in rows:
        line: list[_Cell] = []
        pending = list(row)
        while pending or len(line) in below:
            at = len(line)
            if at in below:
                cell = below.pop(at)
            else:
                cell = pending.pop(0)
                for n in range(1, cell.colspan):
                    filler = replace(cell, text=cell.text if cell.is_header else "", colspan=1)
                    pending.insert(n - 1, filler)
            if cell.rowspan > 1:
                below[at] = replace(cell, rowspan=cell.rowspan - 1, colspan=1)
            line.append(cell)
        unfolded.append(line)
    return unfolded


def _header_rows(rows: Sequence[Sequence[_Cell]]) -> int:
    """How many rows at the top are header cells throughout."""
    count = 0
    for row in rows:
        if not all(cell.is_header or not cell.text for cell in row) or not any(cell.text for cell in row):
            break
        count += 1
    return count if count < len(rows) else 0


def _one_header(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Header rows as one: `Limits / Lower` where `Limits` stands over `Lower`."""
    if not rows:
        return ()
    return tuple(" / ".join(dict.fromkeys(filter(None, column))) for column in zip(*rows, strict=True))


def _merge_signs(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Joins columns that hold only a currency sign or a bracket with the figures that they belong to."""
    lines = [list(row) for row in rows]
    for at in range(len(lines[0]) if lines else 0):
        column = {line[at] for line in lines if line[at]}
        for line in lines:
            if column and column <= _OPENING and at + 1 < len(line):
                line[at + 1], line[at] = line[at] + line[at + 1], ""
            elif column and column <= _CLOSING and at:
                line[at - 1], line[at] = line[at - 1] + line[at], ""
    return rectangle(lines)
