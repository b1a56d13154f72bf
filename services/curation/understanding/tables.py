"""Claims of table rows: the row's head is the subject, the column's title or the property column the property."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.curation.domain.claims import Comparator
from services.curation.domain.passages import Chunk, Row
from services.curation.understanding import definitions
from services.curation.understanding.quantities import read_cell, with_comparator
from services.curation.understanding.statements import Reading
from services.curation.understanding.units import find_unit
from services.curation.understanding.wording import is_code

_PROPERTY = re.compile(
    r"^(?:property|parameter|characteristic|quantity|attribute|requirement|variable|test|check|criterion)$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"^(?:value|limit|requirement|required(?: value)?|result|setting|measured(?: value)?|minimum|maximum"
    r"|min\.?|max\.?|specified(?: value)?|target|amount)$",
    re.IGNORECASE,
)
_UNIT = re.compile(r"^(?:units?|uom|unit of measure)$", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\b(?:item|material|component|element|member|product|part|design|structure|subject|name|specimen|system"
    r"|equipment|location|area|type|description|procedure|section|designation)\b",
    re.IGNORECASE,
)
_NO_CLAIM = re.compile(
    r"\b(?:contact|phone|telephone|mobile|e-?mail|address|fax|account|iban|signature|date|status|remarks?"
    r"|notes?|comments?|page|no\.?|clause|evidence|approved|prepared|owner|edition|issue|revision|author"
    r"|source|reference|ref\.?|verdict|code|id)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:condition|direction|position|applies|range|for|when|where|case)\b", re.IGNORECASE)
_MEASURED = re.compile(r"\b(?:measured|observed|actual|result|tested|recorded|found)\b", re.IGNORECASE)
_TITLE_UNIT = re.compile(
    r"^(?P<title>.*?)\s*(?:\((?P<a>[^()]+)\)|\[(?P<b>[^\]]+)\]|,\s*(?P<c>\S{1,12})|\bin (?P<d>\S{1,8}))\s*$"
)
MAX_CELL_WORDS = 12


@dataclass(frozen=True)
class RowReading:
    row: Row
    reading: Reading
    extractor: str


@dataclass(frozen=True)
class _Columns:
    subject: int
    property: int | None
    value: int | None
    unit: int | None


def read(chunk: Chunk) -> list[RowReading]:
    """The readings of a table's rows; rows that can't be told apart state nothing."""
    if not chunk.rows or not any(title.strip() for title in chunk.header):
        return []
    if definitions.glossary_columns(chunk.header):
        return list(_glossary(chunk))
    columns = _columns(chunk.header, chunk.rows)
    cells = list(
        _long(chunk, columns) if columns.property is not None and columns.value is not None else _wide(chunk, columns)
    )
    return _told_apart(chunk, cells, columns)


def _glossary(chunk: Chunk) -> Iterator[RowReading]:
    columns = definitions.glossary_columns(chunk.header)
    term, _, meaning = columns or (0, None, None)
    for row in chunk.rows:
        if meaning is not None and len(row.cells) > max(term, meaning) and row.cells[meaning].strip(" -"):
            text = row.cells[meaning].strip()
            yield RowReading(
                row, Reading(row.cells[term].strip(), "definition", "means", 0.9, value_text=text), "table/glossary"
            )


def _columns(header: Sequence[str], rows: Sequence[Row]) -> _Columns:
    titles = [title.strip() for title in header]
    prop = next((n for n, title in enumerate(titles) if _PROPERTY.match(title)), None)
    value = next((n for n, title in enumerate(titles) if _VALUE.match(title) and n != prop), None)
    unit = next((n for n, title in enumerate(titles) if _UNIT.match(title)), None)
    taken = {prop, value, unit}
    free = [n for n in range(len(titles)) if n not in taken]
    subject = next((n for n in free if _SUBJECT.search(titles[n]) and _is_wordy(rows, n)), None)
    if subject is None:
        subject = next((n for n in free if _is_wordy(rows, n)), free[0] if free else 0)
    return _Columns(subject, prop, value, unit)


def _is_wordy(rows: Sequence[Row], column: int) -> bool:
    """Whether most cells of a column are words rather than numbers or bare codes."""
    cells = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column].strip(" -")]
    wordy = sum(
        1
        for cell in cells
        if read_cell(cell) is None and re.search(r"[A-Za-z]{2}", cell) and (" " in cell or not is_code(cell))
    )
    return wordy * 2 > len(cells)


def _long(chunk: Chunk, columns: _Columns) -> Iterator[RowReading]:
    """One claim a row: subject, property, value, unit in columns of their own."""
    for row in chunk.rows:
        subject, prop = _cell(row, columns.subject), _cell(row, columns.property)
        title = chunk.header[columns.value or 0]
        reading = _reading(subject, prop, _cell(row, columns.value), _cell(row, columns.unit), f"{title} {prop}", chunk)
        if reading:
            yield RowReading(row, reading, "table/long")


def _wide(chunk: Chunk, columns: _Columns) -> Iterator[RowReading]:
    """One claim a cell: the row's head is the subject, the column's title the property."""
    for row in chunk.rows:
        for n, title in enumerate(chunk.header):
            if n in (columns.subject, columns.unit) or not title.strip() or _NO_CLAIM.search(title):
                continue
            prop, unit = _title_unit(title)
            reading = _reading(
                _cell(row, columns.subject), prop, _cell(row, n), unit or _cell(row, columns.unit), title, chunk
            )
            if reading:
                yield RowReading(row, reading, "table/wide")


def _cell(row: Row, column: int | None) -> str:
    return row.cells[column].strip() if column is not None and column < len(row.cells) else ""


def _title_unit(title: str) -> tuple[str, str]:
    """`Yield strength, MPa` as title and unit; what is no unit stays in the title."""
    match = _TITLE_UNIT.match(title.strip())
    unit = next((group for group in match.groups()[1:] if group), "") if match else ""
    return (match.group("title"), unit) if match and unit and find_unit(unit) else (title.strip(), "")


def _reading(subject: str, prop: str, cell: str, unit: str, binding: str, chunk: Chunk) -> Reading | None:
    if not subject or not prop or not cell.strip(" -–—") or subject.lower() == prop.lower():
        return None
    prop, prop_unit = _title_unit(prop)
    name, comparator = _binding(prop, binding)
    modality = "was" if _MEASURED.search(f"{binding} {' '.join(chunk.headings)}") else "is"
    quantity = read_cell(cell, unit or prop_unit)
    if quantity and (quantity.unit or not unit.strip(" -–") or not find_unit(unit)):
        if _names_a_grade(prop):
            return Reading(subject, name, modality, 0.85, None, cell)
        return Reading(subject, name, modality, 0.9, with_comparator(quantity, comparator) if comparator else quantity)
    if len(cell.split()) > MAX_CELL_WORDS or quantity:
        return None
    return Reading(subject, name, modality, 0.75 if any(is_code(word) for word in cell.split()) else 0.6, None, cell)


def _names_a_grade(prop: str) -> bool:
    """Whether a bare number under this title is a name, as 8.8 is one of a bolt grade."""
    return bool(
        re.search(
            r"\b(?:grade|class|type|category|no|number|code|model|series|designation|year)\b", prop, re.IGNORECASE
        )
    )


def _binding(prop: str, title: str) -> tuple[str, Comparator | None]:
    name = re.sub(
        r"\b(?:minimum|maximum|min\.?|max\.?|measured|required|specified)(?=\s)\s*", "", prop, flags=re.IGNORECASE
    ).strip()
    if re.search(r"\b(?:minimum|min)\b", title, re.IGNORECASE):
        return name or prop, Comparator.AT_LEAST
    return name or prop, Comparator.AT_MOST if re.search(r"\b(?:maximum|max|limit)\b", title, re.IGNORECASE) else None


def _told_apart(chunk: Chunk, found: list[RowReading], columns: _Columns) -> list[RowReading]:
    """Rows that speak of the same subject and property differ by their other cells, which become conditions."""
    counts = Counter((one.reading.subject, one.reading.property) for one in found)
    out = []
    for one in found:
        extra = tuple(
            f"{title.strip()}: {_cell(one.row, n)}"
            for n, title in enumerate(chunk.header)
            if n not in (columns.subject, columns.property, columns.value, columns.unit)
            and (_CONDITION.search(title) or counts[one.reading.subject, one.reading.property] > 1)
            and _cell(one.row, n).strip(" -")
            and title.strip() != one.reading.property
            and not _NO_CLAIM.search(title)
        )
        if counts[one.reading.subject, one.reading.property] == 1 or extra:
            out.append(replace(one, reading=replace(one.reading, conditions=one.reading.conditions + extra)))
    return out
