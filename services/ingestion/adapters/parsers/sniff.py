"""What a file is, by its first bytes; its name decides only between kinds of plain text."""

import re
import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import PurePosixPath

from services.ingestion.domain.documents import Reason, Rejected


class Format(StrEnum):
    """Formats with a parser, by media type."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    CSV = "text/csv"
    EMAIL = "message/rfc822"
    TEXT = "text/plain"


_BY_NAME = {
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
    ".xlsx": Format.XLSX,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".eml": Format.EMAIL,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".log": Format.TEXT,
    ".rst": Format.TEXT,
    "": Format.TEXT,
}
_NOT_TEXT = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"{\\rtf": "rich text (RTF)",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"%!PS": "PostScript",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_HTML = re.compile(
    rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)


def sniff(filename: str, content: bytes) -> tuple[Format, str]:
    """The file's format, and a warning where its name says another. Raises Rejected."""
    found = _by_content(content)
    named = _BY_NAME.get(PurePosixPath(filename).suffix.lower())
    if found is None:
        found = _text_format(filename, named)
    if named is not None and named is not found and named is not Format.TEXT:
        return found, f"the file is named {PurePosixPath(filename).suffix} but is {found.value}"
    return found, ""


def _by_content(content: bytes) -> Format | None:
    """None for text of any kind."""
    if not content.strip():
        raise Rejected(Reason.EMPTY, "the file is empty")
    for magic, name in _NOT_TEXT.items():
        if content.startswith(magic):
            raise Rejected(Reason.UNSUPPORTED_TYPE, f"the file is {name}, for which there is no parser")
    if b"%PDF-" in content[:1024]:
        return Format.PDF
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    if content.startswith(_OLE):
        raise _compound(content)
    if _HTML.match(content[:4096].removeprefix(b"\xef\xbb\xbf")):
        return Format.HTML
    if b"\x00" in content[:4096] and not content.startswith(_BYTE_ORDER_MARKS):
        raise Rejected(Reason.UNSUPPORTED_TYPE, "the file is binary, of a kind for which there is no parser")
    return None


def _archive(content: bytes) -> Format:
    try:
        names = set(zipfile.ZipFile(BytesIO(content)).namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise Rejected(Reason.CORRUPT, "the archive's directory can't be read; the file may be cut short") from error
    if "word/document.xml" in names:
        return Format.DOCX
    if "xl/workbook.xml" in names:
        return Format.XLSX
    raise Rejected(Reason.UNSUPPORTED_TYPE, "the file is an archive, but neither a DOCX nor an XLSX document")


def _compound(content: bytes) -> Rejected:
    """Office files from before 2007, and newer ones under a password, are the same kind of container."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Rejected(Reason.ENCRYPTED, "the Office document opens only with a password")
    return Rejected(
        Reason.UNSUPPORTED_TYPE, "the file is of an Office format from before 2007; save it as DOCX or XLSX"
    )


def _text_format(filename: str, named: Format | None) -> Format:
    if named in (Format.PDF, Format.DOCX, Format.XLSX):
        raise Rejected(Reason.CORRUPT, f"{PurePosixPath(filename).name} is not a {named.name} file")
    if named is None:
        suffix = PurePosixPath(filename).suffix
        raise Rejected(Reason.UNSUPPORTED_TYPE, f"there is no parser for files named {suffix}")
    return named
