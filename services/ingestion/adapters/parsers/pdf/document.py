"""PDF: the text layer of every page in reading order, with tables, without running headers and footers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c

from services.ingestion.adapters.parsers.pdf.aligned import aligned_tables
from services.ingestion.adapters.parsers.pdf.columns import in_columns
from services.ingestion.adapters.parsers.pdf.furniture import split_furniture
from services.ingestion.adapters.parsers.pdf.glyphs import PageContent, read_page
from services.ingestion.adapters.parsers.pdf.lines import Line, Segment, compounds, lines_of, segment_of
from services.ingestion.adapters.parsers.pdf.prose import Style, blocks_of, style_of
from services.ingestion.adapters.parsers.pdf.ruled import Table, ruled_tables
from services.ingestion.adapters.parsers.sniff import Format
from services.ingestion.domain.blocks import Block, Box, Grid, Paragraph, Place, Reading
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

_MAX_NAMED_PAGES = 20
_LEADER = re.compile(r"(\. ?){6,}\s*\S{0,8}$")


@dataclass(frozen=True)
class _Placed:
    """A table or a segment on a page."""

    content: Table | Segment

    @property
    def box(self) -> Box:
        return self.content.box

    @property
    def text(self) -> str:
        if isinstance(self.content, Segment):
            return self.content.text
        return " ".join(cell for row in self.content.rows for cell in row)


def read(content: bytes, limits: Limits) -> Reading:
    _check_end(content)
    document = _open(content)
    try:
        if len(document) > limits.pages:
            raise Rejected(Reason.TOO_LARGE, f"the file has {len(document)} pages; {limits.pages} are the limit")
        pages, warnings = _pages(document)
        if not any(page.words for page in pages):
            raise Rejected(Reason.NO_TEXT, "no page has a text layer; the file may be a scan")
        blocks, more = _blocks(pages)
        title = document.get_metadata_value("Title")
        count = len(document)
    finally:
        document.close()
    return Reading(Format.PDF.value, "pdf/1", tuple(blocks), title, count, (*warnings, *more))


def _check_end(content: bytes) -> None:
    """A reader may mend a file that was cut short, and nobody would know what is missing."""
    end = content.rfind(b"%%EOF")
    if end < 0 or b"endobj" in content[end:]:
        raise Rejected(Reason.CORRUPT, "the file is cut short: its end mark is missing")


def _open(content: bytes) -> Any:
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if error.err_code in (c.FPDF_ERR_PASSWORD, c.FPDF_ERR_SECURITY):
            raise Rejected(Reason.ENCRYPTED, "the file opens only with a password") from error
        raise Rejected(Reason.CORRUPT, f"the file can't be opened: {error}") from error


def _pages(document: Any) -> tuple[list[PageContent], list[str]]:
    """The pages that can be read, and what is wrong with the others."""
    pages: list[PageContent] = []
    broken: list[int] = []
    for index in range(len(document)):
        try:
            page = document[index]
            pages.append(read_page(page, index + 1))
            page.close()
        except pdfium.PdfiumError:
            broken.append(index + 1)
    blank = [page.number for page in pages if not page.words]
    crowded = [page.number for page in pages if page.too_many_rules]
    notes = (
        (broken, "can't be read"),
        (blank, "has no text layer"),
        (crowded, "is a drawing; its tables are not told"),
    )
    warnings = [f"{_named(numbers)} {what}" for numbers, what in notes if numbers]
    return pages, warnings + [f"page {p.number}: text set sideways left out: {p.sideways}" for p in pages if p.sideways]


def _named(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _MAX_NAMED_PAGES} more" if len(numbers) > _MAX_NAMED_PAGES else ""
    return f"page {', '.join(map(str, numbers[:_MAX_NAMED_PAGES]))}{more}"


def _blocks(pages: Sequence[PageContent]) -> tuple[list[Block], list[str]]:
    placed, contents = _without_contents([_placed(page) for page in pages])
    kept, furniture = split_furniture(placed, [page.height for page in pages])
    columns = [[_column(group) for group in in_columns(items)] for items in kept]
    lines = [item for page in columns for column in page for item in column if isinstance(item, Line)]
    style, hyphenated = style_of(lines), compounds(lines)
    # Running lines say what nothing else may say, such as the edition: they stand once, in front.
    blocks: list[Block] = [Paragraph(text, Place(pages[0].number)) for text in furniture if any(map(str.isalpha, text))]
    for page, groups in zip(pages, columns, strict=True):
        for group in groups:
            blocks += _group_blocks(group, page.number, style, hyphenated)
    warnings = [f"{contents} lines of a table of contents left out"] if contents else []
    return _continued(blocks), warnings


def _without_contents(pages: Sequence[list[_Placed]]) -> tuple[list[list[_Placed]], int]:
    """The pages without the lines of a table of contents, told by their dots, and how many these were."""
    lines = [{n for n, item in enumerate(page) if _LEADER.search(item.text)} for page in pages]
    kept = []
    for page, dotted in zip(pages, lines, strict=True):
        beside = [page[n].box for n in dotted]
        kept.append([item for n, item in enumerate(page) if n not in dotted and not _is_beside(item.box, beside)])
    return kept, sum(map(len, lines))


def _is_beside(box: Box, others: Sequence[Box]) -> bool:
    """Whether a number in front of a dotted line, or the page number behind it, belongs to it."""
    middle = (box.top + box.bottom) / 2
    return box.bottom - box.top < 40 and any(other.top < middle < other.bottom for other in others)


def _placed(page: PageContent) -> list[_Placed]:
    tables, taken = ruled_tables(page)
    segments: list[list[Any]] = []
    previous = -1
    for n, word in enumerate(page.words):
        if n in taken:
            continue
        if n in page.breaks or previous != n - 1 or not segments:
            segments.append([])
        segments[-1].append(word)
        previous = n
    return [*map(_Placed, tables), *(_Placed(segment_of(words)) for words in segments)]


def _column(items: Iterable[_Placed]) -> list[Table | Line]:
    """A column's lines and tables from the top down."""
    found = list(items)
    tables = sorted((i.content for i in found if isinstance(i.content, Table)), key=lambda table: table.box.top)
    lines = lines_of(i.content for i in found if isinstance(i.content, Segment))
    column: list[Table | Line] = []
    for table in tables:
        above = [line for line in lines if line.box.top < table.box.top]
        lines = lines[len(above) :]
        column += [*aligned_tables(above), table]
    return [*column, *aligned_tables(lines)]


def _group_blocks(
    group: Sequence[Table | Line], page: int, style: Style, hyphenated: frozenset[str]
) -> Iterator[Block]:
    lines: list[Line] = []
    for item in group:
        if isinstance(item, Line):
            lines.append(item)
            continue
        yield from blocks_of(lines, page, style, hyphenated)
        lines = []
        yield _grid(item, page)
    yield from blocks_of(lines, page, style, hyphenated)


def _grid(table: Table, page: int) -> Grid:
    header = table.rows[0] if table.has_header else ()
    return Grid(header, table.rows[1:] if header else table.rows, Place(page, table.box))


def _continued(blocks: Sequence[Block]) -> list[Block]:
    """Mends what a page's end cut: a table's header goes on with its rows, a sentence with its rest."""
    mended: list[Block] = []
    for block in blocks:
        last = mended[-1] if mended else None
        if isinstance(block, Grid) and isinstance(last, Grid) and _goes_on(last, block):
            block = replace(block, header=last.header, rows=(block.header, *block.rows) if block.header else block.rows)
        elif isinstance(block, Paragraph) and isinstance(last, Paragraph) and _is_rest(last, block):
            mended[-1] = replace(last, text=f"{last.text} {block.text}")
            continue
        mended.append(block)
    return mended


def _goes_on(last: Grid, block: Grid) -> bool:
    before, after = last.place, block.place
    if not last.header or before.page is None or after.page != before.page + 1 or block.header == last.header:
        return False
    widths = {len(last.header), *(len(row) for row in block.rows)}
    aligned = before.box is not None and after.box is not None and abs(before.box.left - after.box.left) < 4
    return aligned and len(widths) == 1


def _is_rest(last: Paragraph, block: Paragraph) -> bool:
    """A sentence without its end, and a paragraph on the next page or column that begins in small letters."""
    other_place = last.place.page != block.place.page or _is_higher(block, last)
    return other_place and block.text[:1].islower() and not last.text.endswith((".", "!", "?", ":"))


def _is_higher(block: Paragraph, last: Paragraph) -> bool:
    return bool(block.place.box and last.place.box and block.place.box.top < last.place.box.top)
