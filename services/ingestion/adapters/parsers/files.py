"""One file in, one normalised text with its chunks out; the parser is chosen by what the file is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from services.ingestion.adapters.parsers import delimited, email, html, markdown, plain, sheet, word
from services.ingestion.adapters.parsers.pdf import document as pdf
from services.ingestion.adapters.parsers.sniff import Format, sniff
from services.ingestion.domain.blocks import Heading, Reading
from services.ingestion.domain.chunks import Parsed, compose
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits
from services.ingestion.domain.normal import one_line

MAX_TITLE = 200
_JUNK_TITLES = ("untitled", "microsoft word", "microsoft excel", "microsoft powerpoint", "document1", "powerpoint")

_PARSERS: Mapping[Format, Callable[[bytes, Limits], Reading]] = {
    Format.PDF: pdf.read,
    Format.DOCX: word.read,
    Format.XLSX: sheet.read,
    Format.HTML: html.read,
    Format.MARKDOWN: markdown.read,
    Format.CSV: delimited.read,
    Format.EMAIL: email.read,
    Format.TEXT: plain.read,
}


def parse(filename: str, content: bytes, limits: Limits) -> Parsed:
    """Reads a file of any supported format. Raises Rejected."""
    kind, warning = sniff(filename, content)
    reading = _PARSERS[kind](content, limits)
    if warning:
        reading = replace(reading, warnings=(warning, *reading.warnings))
    parsed = compose(reading, title_of(reading, filename))
    if not parsed.text:
        raise Rejected(Reason.NO_TEXT, _no_text(reading))
    return parsed


def _no_text(reading: Reading) -> str:
    return "no page has a text layer; the file may be a scan" if reading.page_count else "the file holds no text"


def title_of(reading: Reading, filename: str) -> str:
    """The title in the file's metadata where it says something, else the first heading, else the file's name."""
    stem = PurePosixPath(filename).stem
    title = one_line(reading.title)
    if title and not _says_nothing(title, stem):
        return title[:MAX_TITLE]
    headings = (one_line(block.text) for block in reading.blocks if isinstance(block, Heading))
    return next((heading for heading in headings if heading), stem)[:MAX_TITLE]


def _says_nothing(title: str, stem: str) -> bool:
    lower = title.lower()
    names_a_file = PurePosixPath(lower).suffix in (".doc", ".docx", ".pdf", ".xls", ".xlsx", ".indd", ".dwg", ".tmp")
    return lower.startswith(_JUNK_TITLES) or names_a_file or not any(c.isalpha() for c in lower)
