"""Writes a workbook from its YAML source: sheets of rows, the first of which may be titles above the header row."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook
from openpyxl.styles import Font

from examples.quantumforge.archive import normalise


def write_xlsx(path: Path) -> bytes:
    source: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = source["title"]
    book.properties.creator = "QuantumForge Structures"
    book.properties.created = dt.datetime.combine(source["date"], dt.time())
    for name, content in source["sheets"].items():
        _add_sheet(book, name, content)
    out = io.BytesIO()
    book.save(out)
    return normalise(out.getvalue(), f"{source['date'].isoformat()}T00:00:00Z")


def _add_sheet(book: Workbook, name: str, content: dict[str, Any]) -> None:
    sheet = book.create_sheet(name)
    for line in content.get("above", []):
        sheet.append([line])
    sheet.append(content["header"])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for row in content["rows"]:
        sheet.append(row)
