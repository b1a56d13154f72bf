"""XLSX: each visible sheet as grids, with the range of cells of every one."""

import re
import zipfile
import zlib
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from lxml.etree import XMLSyntaxError
from openpyxl.utils.exceptions import InvalidFileException

from services.ingestion.adapters.parsers import archives
from services.ingestion.adapters.parsers.grids import blocks_of_sheet
from services.ingestion.adapters.parsers.sniff import Format
from services.ingestion.domain.blocks import Block, Heading, Reading
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

MAX_ROWS, MAX_COLUMNS = 100_000, 500
_BROKEN = (InvalidFileException, KeyError, ValueError, TypeError, IndexError, XMLSyntaxError, ParseError)


def read(content: bytes, limits: Limits) -> Reading:
    archives.check(content, limits)
    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
        blocks, warnings = _sheets(book)
    except (*_BROKEN, zipfile.BadZipFile, zlib.error) as error:
        raise Rejected(Reason.CORRUPT, f"the workbook can't be read: {error}") from error
    return Reading(Format.XLSX.value, "xlsx/1", tuple(blocks), book.properties.title or "", warnings=tuple(warnings))


def _sheets(book: Any) -> tuple[list[Block], list[str]]:
    blocks: list[Block] = []
    warnings = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            warnings.append(f"hidden sheet left out: {sheet.title}")
            continue
        rows = _rows(sheet)
        if any(any(row) for row in rows):
            blocks += [Heading(sheet.title, 1), *blocks_of_sheet(sheet.title, rows)]
    return blocks, warnings


def _rows(sheet: Any) -> list[list[str]]:
    # The file's own word on its dimensions is often wrong.
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    filled = 0
    for row in sheet.iter_rows():
        cells = [shown(cell.value, getattr(cell, "number_format", "")) for cell in row]
        filled += any(cells)
        if filled > MAX_ROWS or (len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:])):
            raise Rejected(Reason.TOO_LARGE, f"sheet {sheet.title} has over {MAX_ROWS} rows or {MAX_COLUMNS} columns")
        rows.append(cells if any(cells) else [])
    return rows


def shown(value: Any, number_format: str) -> str:
    """A cell's value nearly as the sheet shows it: no float noise, percent as percent, dates as ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() if "%" in (number_format or ""):
            return f"{_number(round(value * 100, 10))}%"
        case float():
            return _number(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
    return re.sub(r"_x000D_", "", str(value)).strip()


def _number(value: float) -> str:
    return f"{value:.15g}"
