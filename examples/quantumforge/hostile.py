"""Damages a finished document: a transfer that broke off, a decompression bomb.

Each is harmless to generate and to keep; `truth.json` says what is expected of a reader.
"""

from __future__ import annotations

import io
import zipfile

from examples.quantumforge.archive import fixed_entry

BOMB_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024


def truncate(document: bytes, kept: float) -> bytes:
    """The first part of a file, as an interrupted transfer leaves it; `kept` is a share between 0 and 1."""
    return document[: int(len(document) * kept)]


def bomb(document: bytes) -> bytes:
    """A Word document whose body unpacks to `BOMB_BYTES` of spaces, a thousand times its size on disk."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w", compresslevel=6) as new:
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(fixed_entry(name), old.read(name))
        with new.open(fixed_entry("word/document.xml"), "w") as body:
            for _ in range(BOMB_BYTES // _CHUNK):
                body.write(b" " * _CHUNK)
    return out.getvalue()
