"""Lays a source out as a Word document, with the title block as a table and running header and footer."""

from __future__ import annotations

import datetime as dt
import io

from docx import Document
from docx.document import Document as WordDocument

from examples.quantumforge.archive import normalise
from examples.quantumforge.source import Block, Bullets, Heading, PageBreak, Paragraph, Source, Table


def write_docx(source: Source) -> bytes:
    document = Document()
    _properties(document, source)
    section = document.sections[0]
    section.header.paragraphs[0].text = source.header
    section.footer.paragraphs[0].text = source.footer
    document.add_heading(source.title, level=0)
    if source.details:
        _table(document, source.details)
    for block in source.blocks:
        _add(document, block)
    out = io.BytesIO()
    document.save(out)
    return normalise(out.getvalue(), f"{source.date.isoformat()}T00:00:00Z")


def _properties(document: WordDocument, source: Source) -> None:
    issued = dt.datetime.combine(source.date, dt.time())
    properties = document.core_properties
    properties.title = source.title
    properties.author = source.author
    properties.last_modified_by = source.author
    properties.created = issued
    properties.modified = issued
    properties.comments = ""


def _add(document: WordDocument, block: Block) -> None:
    match block:
        case Heading(level, text):
            document.add_heading(text, level=max(1, level - 1))
        case Paragraph(text):
            document.add_paragraph(text)
        case Bullets(items):
            for item in items:
                document.add_paragraph(item, style="List Bullet")
        case Table(rows):
            _table(document, rows)
        case PageBreak():
            document.add_page_break()


def _table(document: WordDocument, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph()
