"""CSV and TSV: one grid, its header the first row."""

import csv
from io import StringIO

from services.ingestion.adapters.parsers.decode import decode
from services.ingestion.adapters.parsers.grids import blocks_of_sheet
from services.ingestion.domain.blocks import Reading
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

_DELIMITERS = ",;\t|"


def read(content: bytes, limits: Limits) -> Reading:
    text, warnings = decode(content)
    csv.field_size_limit(max(len(text), 1))
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise Rejected(Reason.CORRUPT, f"the table can't be read: {error}") from error
    return Reading("text/csv", "delimited/1", tuple(blocks_of_sheet("", rows)), warnings=warnings)


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines most evenly."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        common = max(set(widths), key=widths.count)
        return (widths.count(common) if common > 1 else 0, common)

    return max(_DELIMITERS, key=score)
