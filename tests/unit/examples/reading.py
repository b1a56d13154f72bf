"""Simple readers, independent of the product's, that give a document's text as a person would select and copy it."""

from __future__ import annotations

import csv
from pathlib import Path

import docx
import openpyxl
import pypdfium2
from bs4 import BeautifulSoup
from docx.table import Table


def collapse(text: str) -> str:
    return " ".join(text.split())


def text_of(path: Path) -> str:
    """The whole text with whitespace collapsed; a row's cells are joined by one space, and a cell '-' is left out."""
    return collapse(READERS[path.suffix](path))


def pages_of(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def _pdf(path: Path) -> str:
    return "\n".join(pages_of(path))


def _docx(path: Path) -> str:
    parts = []
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            parts += [_row([cell.text for cell in row.cells]) for row in block.rows]
        else:
            parts.append(block.text)
    return "\n".join(parts)


def _html(path: Path) -> str:
    soup = BeautifulSoup(path.read_bytes(), "html.parser")
    for tag in soup.select("script, style, template, [hidden]"):
        tag.decompose()
    return soup.get_text(" ")


def _xlsx(path: Path) -> str:
    sheets = openpyxl.load_workbook(path, read_only=True).worksheets
    return "\n".join(_row([str(cell) for cell in row if cell is not None]) for sheet in sheets for row in sheet.values)


def _csv(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as lines:
        return "\n".join(_row(row) for row in csv.reader(lines))


def _markdown(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(_row(line.strip("|").split("|")) if line.startswith("|") else line.lstrip("# ") for line in lines)


def _row(cells: list[str]) -> str:
    return " ".join(cell.strip() for cell in cells if cell.strip() != "-")


READERS = {".pdf": _pdf, ".docx": _docx, ".html": _html, ".xlsx": _xlsx, ".csv": _csv, ".md": _markdown}
