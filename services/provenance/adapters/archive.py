"""Zip archives of which there is one for the same files: stored, sorted, without times."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _REGULAR_0644 = 3, 0o100644 << 16


def archive(files: Mapping[str, bytes]) -> bytes:
    """Stored, not deflated: a verifier must be able to make the very same archive, whatever its zlib is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as pack:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _UNIX, _REGULAR_0644
            pack.writestr(info, files[name])
    return stream.getvalue()
