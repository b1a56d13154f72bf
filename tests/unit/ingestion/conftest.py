"""Files that the parser tests read, made on the spot."""

import io
import zipfile

import docx
import openpyxl
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from services.ingestion.adapters.parsers.files import parse
from services.ingestion.domain.limits import Limits

HEIGHT = A4[1]


class Pdf:
    """Draws text at places; `y` counts from the top of the page."""

    def __init__(self, password=""):
        self._out = io.BytesIO()
        self.canvas = Canvas(
            self._out, pagesize=A4, invariant=1, encrypt=StandardEncryption(password) if password else None
        )

    def text(self, x, y, text, size=10, bold=False):
        self.canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
        self.canvas.drawString(x, HEIGHT - y, text)
        return self

    def lines(self, x, y, lines, leading=12):
        for n, line in enumerate(lines):
            self.text(x, y + n * leading, line)
        return self

    def grid(self, x, y, widths, rows, height=18, bold_header=True):
        """A ruled table."""
        xs = [x + sum(widths[:n]) for n in range(len(widths) + 1)]
        ys = [HEIGHT - y - n * height for n in range(len(rows) + 1)]
        self.canvas.grid(xs, ys)
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                self.text(xs[column] + 4, y + n * height + 13, cell, bold=bold_header and n == 0)
        return self

    def page(self):
        self.canvas.showPage()
        return self

    def bytes(self):
        self.canvas.save()
        return self._out.getvalue()


def word(build):
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def repacked(content, **changed):
    """An archive with some members replaced; names as `word/document.xml`."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    return archive(**(members | changed))


@pytest.fixture
def read():
    """Parses a file and returns its texts with their kinds, or the whole result with `whole`."""

    def parsed(filename, content, whole=False):
        content = content.encode() if isinstance(content, str) else content
        result = parse(filename, content, Limits())
        if whole:
            return result
        return [(piece.kind.value, result.text[piece.start : piece.end]) for piece in result.pieces]

    return parsed
