"""The files that a product must refuse or clean: truncated, encrypted, a decompression bomb, entity and script tricks.

Each is harmless to generate and to keep; `truth.json` says what is expected of a reader.
"""

from __future__ import annotations

import io
import zipfile

from pypdf import PdfReader, PdfWriter

from examples.quantumforge.archive import fixed_entry

OWNER_PASSWORD = "sealed-until-opening"
BOMB_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024


def truncate(document: bytes, kept: float) -> bytes:
    """The first part of a file, as an interrupted transfer leaves it; `kept` is a share between 0 and 1."""
    return document[: int(len(document) * kept)]


def encrypt(document: bytes) -> bytes:
    """A PDF that opens only with a password. RC4 because AES in PDF needs a random salt, and the bytes must not change."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document)))
    writer.encrypt(user_password=OWNER_PASSWORD, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


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
