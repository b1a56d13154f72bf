"""DOCX: the body in its order, headings by style and outline level, the numbers that Word shows, tables."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml.etree import XMLSyntaxError

from services.ingestion.adapters.parsers import archives
from services.ingestion.adapters.parsers.sniff import Format
from services.ingestion.adapters.parsers.word_numbers import Numbering
from services.ingestion.adapters.parsers.word_tables import word_grid
from services.ingestion.adapters.parsers.word_text import is_bold, paragraph_text
from services.ingestion.domain.blocks import Block, Grid, Heading, Item, Paragraph, Reading
from services.ingestion.domain.clauses import depth, heading_number
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

MAX_HEADING = 120
_BODY_LEVEL = 9
_SKIPPED_STYLES = ("toc ", "table of figures", "header", "footer")


def read(content: bytes, limits: Limits) -> Reading:
    archives.check(content, limits)
    try:
        document = docx.Document(BytesIO(content))
        blocks = tuple(_Body(document).blocks())
    except (
        PackageNotFoundError,
        zipfile.BadZipFile,
        XMLSyntaxError,
        zlib.error,
        KeyError,
        ValueError,
        AttributeError,
    ) as error:
        raise Rejected(Reason.CORRUPT, f"the document can't be read: {error}") from error
    return Reading(Format.DOCX.value, "docx/1", blocks, document.core_properties.title or "")


@dataclass(frozen=True)
class _Style:
    """What a paragraph style and those that it is based on say."""

    name: str
    outline: int | None
    num_id: str | None
    num_level: int | None


@dataclass
class _Body:
    document: Any
    _styles: dict[str, _Style] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        self._numbering = Numbering(self.document)
        self._default = self._default_style()
        yield from self._within(self.document.element.body)

    def _within(self, parent: Any) -> Iterator[Block]:
        for child in parent.iterchildren():
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag == qn("w:sdt"):
                content = child.find(qn("w:sdtContent"))
                yield from self._within(content) if content is not None else ()
            elif child.tag in (qn("w:ins"), qn("w:customXml"), qn("w:smartTag")):
                yield from self._within(child)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        style = self._style_of(element)
        text = paragraph_text(element)
        number, level, is_clause = self._number(element, style)
        # A blank paragraph takes no number in Word either, unless it is numbered by hand; it only parts others.
        if not text.strip() or style.name.lower().startswith(_SKIPPED_STYLES):
            return
        outline = self._outline(element, style)
        if outline is not None:
            yield Heading(f"{number} {text}".strip(), outline)
        elif number and not is_clause:
            yield Item(text, number, level)
        elif "list" in style.name.lower() and not number and style.num_id is None:
            yield Item(text, "-", 0)
        elif _looks_like_heading(text) and (is_bold(element) or is_clause):
            whole = f"{number} {text}".strip()
            yield Heading(whole, depth(heading_number(whole)) if heading_number(whole) else _BODY_LEVEL)
        else:
            yield Paragraph(f"{number} {text}".strip())

    def _table(self, element: Any) -> Iterator[Block]:
        grid = word_grid(element)
        width = max((len(row) for row in (grid.header, *grid.rows)), default=0)
        if width == 1:  # a frame around text
            for row in element.iterchildren(qn("w:tr")):
                for cell in row.iterchildren(qn("w:tc")):
                    yield from self._within(cell)
        elif width:
            yield Grid(grid.header, grid.rows)

    def _style_of(self, element: Any) -> _Style:
        named = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._style(named.get(qn("w:val")) if named is not None else self._default)

    def _default_style(self) -> str:
        for style in self.document.styles.element.iterchildren(qn("w:style")):
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true"):
                return str(style.get(qn("w:styleId")))
        return ""

    def _style(self, style_id: str) -> _Style:
        if style_id not in self._styles:
            self._styles[style_id] = self._read_style(style_id)
        return self._styles[style_id]

    def _read_style(self, style_id: str) -> _Style:
        element = self.document.styles.element.get_by_id(style_id)
        if element is None:
            return _Style("", None, None, None)
        self._styles[style_id] = _Style("", None, None, None)  # ends a chain that bites its own tail
        based = element.find(qn("w:basedOn"))
        parent = self._style(based.get(qn("w:val"))) if based is not None else _Style("", None, None, None)
        name = element.find(qn("w:name"))
        outline, num_id, level = _paragraph_marks(element)
        return _Style(
            str(name.get(qn("w:val"))) if name is not None else "",
            parent.outline if outline is None else outline,
            num_id or parent.num_id,
            parent.num_level if level is None else level,
        )

    def _outline(self, element: Any, style: _Style) -> int | None:
        """The heading's level, 1 the outermost; None for text of the body."""
        if style.name.lower() == "title":
            return 0
        own = _paragraph_marks(element)[0]
        outline = style.outline if own is None else own
        return outline + 1 if outline is not None and outline < _BODY_LEVEL else None

    def _number(self, element: Any, style: _Style) -> tuple[str, int, bool]:
        """The number shown, its level, and whether it is that of a clause."""
        _, num_id, level = _paragraph_marks(element)
        num_id, level = num_id or style.num_id, style.num_level if level is None else level
        if not num_id:
            return "", 0, False
        number = self._numbering.next(num_id, level or 0)
        return number, level or 0, _is_clause(number, self._numbering.is_outline(num_id))


def _paragraph_marks(element: Any) -> tuple[int | None, str | None, int | None]:
    """Outline level, numbering and its level as a paragraph or a style states them itself."""
    marks = element.find(qn("w:pPr"))
    if marks is None:
        return None, None, None
    num_id = _value(marks.find(f"{qn('w:numPr')}/{qn('w:numId')}"))
    level = _value(marks.find(f"{qn('w:numPr')}/{qn('w:ilvl')}"))
    outline = _value(marks.find(qn("w:outlineLvl")))
    return (int(outline) if outline else None), num_id, (int(level) if level else None)


def _value(element: Any) -> str | None:
    return element.get(qn("w:val")) if element is not None else None


def _is_clause(number: str, in_outline: bool) -> bool:
    bare = number.rstrip(".")
    return bare.replace(".", "").replace("-", "").isdigit() and (in_outline or "." in bare)


def _looks_like_heading(text: str) -> bool:
    """Short and no sentence: in bold or with a clause's number, it is a heading made by hand."""
    return len(text) <= MAX_HEADING and "\n" not in text and not text.rstrip().endswith((".", ":", ",", ";"))
