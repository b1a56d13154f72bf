"""Canonical JSON as in RFC 8785."""

from typing import Any

import rfc8785

from services.provenance.errors import ValueNotCanonical


def canonical(value: Any) -> bytes:
    """Raises ValueNotCanonical."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise ValueNotCanonical(f"no canonical JSON: {error}") from error
