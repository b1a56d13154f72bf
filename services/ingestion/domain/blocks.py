"""What a parser finds in a file: headings, paragraphs, list items and grids, in reading order."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Box:
    """A rectangle on a page in points, origin at the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def union(self, other: "Box") -> "Box":
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True)
class Place:
    """Where a block stands; unset where the format has no pages. `page` is 1-based."""

    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True)
class Heading:
    text: str
    level: int
    """1 is the outermost."""
    place: Place = field(default=Place())


@dataclass(frozen=True)
class Paragraph:
    text: str
    place: Place = field(default=Place())


@dataclass(frozen=True)
class Item:
    """A list item with the mark that the document shows, such as `b)` or `-`."""

    text: str
    marker: str = "-"
    depth: int = 0
    place: Place = field(default=Place())


@dataclass(frozen=True)
class SheetRange:
    """Where a grid stands in a sheet: 1-based row numbers, the header's first, and the 0-based first column."""

    sheet: str
    column: int
    header_row: int | None
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Grid:
    """A table. `header` is empty where the document has none; every row is as wide as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    place: Place = field(default=Place())
    cells: SheetRange | None = None


Block: TypeAlias = Heading | Paragraph | Item | Grid


@dataclass(frozen=True)
class Reading:
    """A file as its parser read it."""

    media_type: str
    parser: str
    blocks: tuple[Block, ...]
    title: str = ""
    page_count: int = 0
    warnings: tuple[str, ...] = ()
