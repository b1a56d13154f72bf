"""Tables drawn with lines: the grid from the rules, the words into its cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingestion.adapters.parsers.grids import has_header, rectangle
from services.ingestion.adapters.parsers.pdf.glyphs import PageContent, Rule, Word
from services.ingestion.adapters.parsers.pdf.lines import Line, joined, lines_of, segment_of
from services.ingestion.domain.blocks import Box

# Lines nearer than this are one, and ends nearer than this touch, in points.
NEAR = 3.0


@dataclass(frozen=True)
class Table:
    """A table on a page: its rows with the header first where `has_header`."""

    rows: tuple[tuple[str, ...], ...]
    has_header: bool
    box: Box


def ruled_tables(page: PageContent) -> tuple[list[Table], frozenset[int]]:
    """The tables of a page, and the indexes of the words that they hold."""
    tables = []
    taken: set[int] = set()
    for horizontal, vertical in _connected(page.horizontal, page.vertical):
        grid = _Grid(horizontal, vertical)
        held = (n for n, word in enumerate(page.words) if n not in taken and grid.holds(word))
        inside = [n for n in held if not grid.is_open(page.words[n])]
        table = grid.table([page.words[n] for n in inside])
        if table is not None:
            tables.append(table)
            taken.update(inside)
    return tables, frozenset(taken)


def _connected(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that cross or touch."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for i, across in enumerate(horizontal):
        for j, upright in enumerate(vertical, start=len(horizontal)):
            if _touch(across, upright):
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for n, rule in enumerate([*horizontal, *vertical]):
        groups.setdefault(root(n), ([], []))[n >= len(horizontal)].append(rule)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _touch(across: Rule, upright: Rule) -> bool:
    return (
        across.start - NEAR <= upright.at <= across.end + NEAR
        and upright.start - NEAR <= across.at <= upright.end + NEAR
    )


def _positions(values: Sequence[float]) -> list[float]:
    """The values without those that are near another."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > NEAR:
            found.append(value)
    return found


class _Grid:
    def __init__(self, horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> None:
        self._horizontal, self._vertical = horizontal, vertical
        # An open side is where the lines across it end.
        sides = [min(r.start for r in horizontal), max(r.end for r in horizontal)]
        ends = [min(r.start for r in vertical), max(r.end for r in vertical)]
        self.xs = _positions([r.at for r in vertical] + sides)
        self.ys = _positions([r.at for r in horizontal] + ends)
        self.box = Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def holds(self, word: Word) -> bool:
        across = (word.box.left + word.box.right) / 2
        return self.box.left <= across <= self.box.right and self.box.top <= word.middle <= self.box.bottom

    def table(self, words: Sequence[Word]) -> Table | None:
        """None for a frame, a chart, or anything else that has no two cells with text."""
        columns, rows = len(self.xs) - 1, len(self.ys) - 1
        if columns < 2 or rows < 1 or not words:
            return None
        cells: dict[tuple[int, int], list[Word]] = {}
        for word in words:
            cells.setdefault(self._owner(self._row(word), self._column(word)), []).append(word)
        if len(cells) < 2:
            return None
        lines = [line for row in range(rows) for line in self._row_lines(row, columns, cells)]
        filled = rectangle(lines)
        if len(filled) < 1 or len(filled[0]) < 2:
            return None
        return Table(filled, self._header(filled, cells, rows), self.box)

    def is_open(self, word: Word) -> bool:
        """Whether a word stands in a row that is high and has no upright: text within a frame, not a table's cells."""
        top, bottom = self.ys[(row := self._row(word)) : row + 2]
        undivided = not any(self._is_drawn(self._vertical, x, top, bottom) for x in self.xs[1:-1])
        return undivided and bottom - top > 3 * word.size

    def _row_lines(self, row: int, columns: int, cells: dict[tuple[int, int], list[Word]]) -> list[list[str]]:
        own = [cells.get((row, column), []) for column in range(columns)]
        split = _split_row(own)
        if split is not None:
            return split
        line = []
        for column in range(columns):
            top, left = self._owner(row, column)
            # A cell over several rows speaks for each; one over several columns stands in the first.
            line.append(cell_text(cells.get((top, left), [])) if left == column else "")
        return [line]

    def _header(self, rows: Sequence[Sequence[str]], cells: dict[tuple[int, int], list[Word]], count: int) -> bool:
        by_row = [[w for (row, _), words in cells.items() if row == at for w in words] for at in range(count)]
        marked = [all(word.bold for word in words) for words in by_row if words]
        if marked and marked[0] and len(marked) > 1 and not all(marked):
            return True
        return has_header(rows)

    def _row(self, word: Word) -> int:
        return _slot(self.ys, word.middle)

    def _column(self, word: Word) -> int:
        return _slot(self.xs, (word.box.left + word.box.right) / 2)

    def _owner(self, row: int, column: int) -> tuple[int, int]:
        """The cell at the top left of the merged cell that a slot belongs to."""
        while column > 0 and not self._is_drawn(self._vertical, self.xs[column], *self.ys[row : row + 2]):
            column -= 1
        while row > 0 and not self._is_drawn(self._horizontal, self.ys[row], *self.xs[column : column + 2]):
            row -= 1
        return row, column

    def _is_drawn(self, rules: Sequence[Rule], at: float, start: float, end: float) -> bool:
        middle = (start + end) / 2
        return any(abs(rule.at - at) <= NEAR and rule.start <= middle <= rule.end for rule in rules)


def _line_cells(line: Line, cells: Sequence[Sequence[Word]]) -> list[str]:
    return [
        " ".join(w.text for w in sorted(cell, key=lambda w: w.box.left) if line.box.top <= w.middle <= line.box.bottom)
        for cell in cells
    ]


def _slot(edges: Sequence[float], value: float) -> int:
    return max(0, min(sum(edge <= value for edge in edges) - 1, len(edges) - 2))


def cell_text(words: Sequence[Word]) -> str:
    return joined(line.text for line in lines_of(segment_of([word]) for word in words))


def _split_row(cells: Sequence[Sequence[Word]]) -> list[list[str]] | None:
    """A ruled row that holds several rows of text, told by most of its lines having text in most of its columns."""
    columns = [cell for cell in cells if cell]
    if len(columns) < 2:
        return None
    lines = lines_of(segment_of([word]) for cell in columns for word in cell)
    if len(lines) < 3:
        return None

    def filled(line_box: Box) -> int:
        return sum(any(line_box.top <= word.middle <= line_box.bottom for word in cell) for cell in columns)

    full = sum(filled(line.box) * 2 > len(columns) for line in lines)
    if full < 0.7 * len(lines) or full < 3:
        return None
    return [_line_cells(line, cells) for line in lines]
