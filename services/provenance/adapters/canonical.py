"""Canonical JSON as in RFC 8785."""

from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    return rfc8785.dumps(value)
