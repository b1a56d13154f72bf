"""Lays a source out as PDF: running header and footer, title block, ruled tables, one or two columns."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from examples.quantumforge.source import Block, Bullets, Heading, PageBreak, Paragraph, Source, Table

MARGIN = 20 * mm
GUTTER = 7 * mm
TITLE_HEIGHT = 62 * mm
WIDTH, HEIGHT = A4

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=13, spaceAfter=5)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=9, leading=11, spaceAfter=0)
HEAD_CELL = ParagraphStyle("head_cell", parent=CELL, fontName="Times-Bold")
BULLET = ParagraphStyle("bullet", parent=BODY, leftIndent=12, bulletIndent=2)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Helvetica-Bold", fontSize=15, leading=19, spaceAfter=8)
HEADING = ParagraphStyle("heading", parent=BODY, fontName="Helvetica-Bold", fontSize=11.5, leading=15, spaceBefore=7)
SUBHEADING = ParagraphStyle("subheading", parent=HEADING, fontSize=10.5)
RULED = [
    ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
    ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def write_pdf(source: Source) -> bytes:
    out = io.BytesIO()
    # 128-bit RC4 because AES in PDF needs random bytes, and the file must be the same each time.
    lock = StandardEncryption(source.password, strength=128) if source.password else None
    template = BaseDocTemplate(out, pagesize=A4, invariant=1, title=source.title, author=source.author, encrypt=lock)
    template.addPageTemplates(_page_templates(source))
    template.build(_story(source))
    return out.getvalue()


def _page_templates(source: Source) -> list[PageTemplate]:
    def decorate(canvas: Canvas, _template: BaseDocTemplate) -> None:
        _running_lines(canvas, source)

    top = HEIGHT - 2 * MARGIN
    first = [Frame(MARGIN, MARGIN, WIDTH - 2 * MARGIN, top, id="whole")]
    later = first
    if source.columns == 2:
        first = [_title_frame(), *_column_frames(top - TITLE_HEIGHT)]
        later = _column_frames(top)
    return [
        PageTemplate("first", first, onPage=decorate),
        PageTemplate("later", later, onPage=decorate),
    ]


def _title_frame() -> Frame:
    return Frame(MARGIN, HEIGHT - MARGIN - TITLE_HEIGHT, WIDTH - 2 * MARGIN, TITLE_HEIGHT, id="title")


def _column_frames(height: float) -> list[Frame]:
    width = _column_width(2)
    return [Frame(MARGIN + side * (width + GUTTER), MARGIN, width, height, id=f"column{side}") for side in (0, 1)]


def _column_width(columns: int) -> float:
    return float((WIDTH - 2 * MARGIN - (columns - 1) * GUTTER) / columns)


def _running_lines(canvas: Canvas, source: Source) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.drawString(MARGIN, HEIGHT - 13 * mm, source.header)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 13 * mm, "QuantumForge Structures")
    canvas.line(MARGIN, HEIGHT - 15 * mm, WIDTH - MARGIN, HEIGHT - 15 * mm)
    canvas.drawString(MARGIN, 11 * mm, source.footer)
    canvas.drawRightString(WIDTH - MARGIN, 11 * mm, f"Page {canvas.getPageNumber()}")
    canvas.restoreState()


def _story(source: Source) -> list[Flowable]:
    story: list[Flowable] = [NextPageTemplate("later"), Text(escape(source.title), TITLE)]
    if source.details:
        story += [_grid(source.details, WIDTH - 2 * MARGIN - 12, header=False), Spacer(1, 8)]
    if source.columns == 2:
        story.append(FrameBreak())
    width = _column_width(source.columns) - 12
    for block in source.blocks:
        story += _flowables(block, width)
    return story


def _flowables(block: Block, width: float) -> list[Flowable]:
    match block:
        case Heading(level, text):
            return [Text(escape(text), HEADING if level <= 2 else SUBHEADING)]
        case Paragraph(text):
            # A clause stays on one page, as the firm's template has it.
            return [KeepTogether([Text(escape(text).replace("\n", "<br/>"), BODY)])]
        case Bullets(items):
            return [Text(escape(item), BULLET, bulletText="•") for item in items]
        case Table(rows):
            return [_grid(rows, width), Spacer(1, 6)]
        case PageBreak():
            return [NewPage()]


def _grid(rows: tuple[tuple[str, ...], ...], width: float, header: bool = True) -> Grid:
    longest = [max(len(row[column]) for row in rows) + 4 for column in range(len(rows[0]))]
    cells = [
        [Text(escape(cell), HEAD_CELL if header and index == 0 else CELL) for cell in row]
        for index, row in enumerate(rows)
    ]
    widths = [width * length / sum(longest) for length in longest]
    return Grid(cells, colWidths=widths, style=RULED if header else RULED[:1], repeatRows=int(header))
