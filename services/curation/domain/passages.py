"""What ingestion read: documents as chunks, each with its place in the original."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    """Where a piece of text stands. Offsets are code points into the revision's text, end exclusive."""

    document: str = ""
    revision: str = ""
    chunk: str = ""
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in points."""
    cells: str = ""
    clause: str = ""
    char_start: int = 0
    char_end: int = 0


@dataclass(frozen=True)
class Quote:
    text: str
    place: Place
    document_title: str = ""


@dataclass(frozen=True)
class Row:
    cells: tuple[str, ...]
    char_start: int = 0
    char_end: int = 0

    @property
    def text(self) -> str:
        """The cells in one line; a dash stands for an empty cell."""
        return " ".join(cell for cell in self.cells if cell.strip(" -–—"))


@dataclass(frozen=True)
class Chunk:
    name: str
    text: str
    place: Place
    kind: str = "PROSE"
    headings: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    ordinal: int = 0

    def span(self, start: int, end: int) -> Place:
        """The place of `text[start:end]`."""
        first = self.place.char_start
        return replace(self.place, char_start=first + start, char_end=first + end)


@dataclass(frozen=True)
class Source:
    """A parsed document with its newest revision's chunks in reading order."""

    document: str
    revision: str
    filename: str
    title: str
    chunks: tuple[Chunk, ...] = ()

    def quote(self, chunk: Chunk, start: int, end: int) -> Quote:
        """`chunk.text[start:end]`, its white space collapsed for reading; the place keeps the exact offsets."""
        text = chunk.text[start:end]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        return Quote(" ".join(text.split()), chunk.span(start, start + len(text)), self.title)

    def quote_row(self, chunk: Chunk, row: Row) -> Quote:
        place = replace(chunk.place, char_start=row.char_start, char_end=row.char_end)
        return Quote(row.text, place, self.title)


@dataclass(frozen=True)
class Document:
    """What curation remembers of a document that ingestion spoke of."""

    name: str
    revision: str
    filename: str
    title: str
    chunks_sha256: str
    chunk_count: int
    licence: str = ""
    withdrawn_because: str = ""
    withdrawn: bool = False
