"""Guards in front of Office files, which are ZIP archives of XML: what they unpack to, and what their XML declares."""

import re
import zipfile
import zlib
from io import BytesIO

from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import MIB, Limits

MAX_MEMBERS = 10_000
# XML of an honest sheet packs to a thirtieth at best; only what is large can do harm.
MAX_RATIO, SMALL_MEMBER = 150, 4 * MIB
_PROLOGUE = 4096
_DECLARES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def check(content: bytes, limits: Limits) -> None:
    """Raises Rejected where the archive is a bomb, locked or broken, or its XML declares entities."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _check_sizes(members, limits)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as file:
                        _check_prologue(file.read(_PROLOGUE), member.filename)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError, zlib.error) as error:
        raise Rejected(Reason.CORRUPT, f"the archive can't be read: {error}") from error


def _check_sizes(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Rejected(Reason.ENCRYPTED, "the archive opens only with a password")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked_bytes or len(members) > MAX_MEMBERS:
        raise Rejected(Reason.ARCHIVE_BOMB, f"the archive unpacks to {unpacked} bytes in {len(members)} members")
    for member in members:
        if member.file_size > SMALL_MEMBER and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise Rejected(Reason.ARCHIVE_BOMB, f"{member.filename} unpacks to {member.file_size} bytes")


def _check_prologue(start: bytes, name: str) -> None:
    # UTF-16 would hide the words from a search in bytes.
    if _DECLARES.search(start.replace(b"\x00", b"")):
        raise Rejected(Reason.ENTITY_EXPANSION, f"{name} declares a document type")
