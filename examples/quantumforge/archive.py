"""Makes a ZIP-based office file the same bytes each time it is written."""

from __future__ import annotations

import io
import re
import zipfile

EPOCH = (2024, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def fixed_entry(name: str) -> zipfile.ZipInfo:
    """An entry whose time, system and permissions don't depend on this machine."""
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    return entry


def normalise(archive: bytes, modified: str) -> bytes:
    """Rewrites every entry with a fixed time, and sets `modified` (ISO 8601), which openpyxl would set to now."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=_package_order):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + modified.encode(), content)
            new.writestr(fixed_entry(name), content)
    return out.getvalue()


def _package_order(name: str) -> tuple[bool, str]:
    # Some readers look for the content types in the first entry, as Office writes it.
    return name != "[Content_Types].xml", name
