"""Bytes of a text file as text."""

import codecs

from charset_normalizer import from_bytes

from services.ingestion.domain.documents import Reason, Rejected

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAMPLE = 1 << 20


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and a warning where its encoding had to be guessed. Raises Rejected."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace"), ()
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _guessed(content)


def _guessed(content: bytes) -> tuple[str, tuple[str, ...]]:
    best = from_bytes(content[:_SAMPLE]).best()
    if best is None:
        raise Rejected(Reason.CORRUPT, "the text is in no encoding that can be told")
    return content.decode(best.encoding, errors="replace"), (f"the encoding was guessed: {best.encoding}",)
