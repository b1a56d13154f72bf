"""Arguments: their canonical JSON and whether they fit their schema."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from services.tools.errors import ArgumentsInvalid

MAX_BYTES = 256 * 1024
MAX_MESSAGE = 300


def digest(value: Any) -> str:
    """The port Digest."""
    try:
        canonical = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ArgumentsInvalid(f"the value has no canonical JSON: {error}", path="") from error
    return hashlib.sha256(canonical).hexdigest()


def check(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """The port CheckArguments."""
    size = len(json.dumps(arguments))
    if size > MAX_BYTES:
        raise ArgumentsInvalid(f"the arguments have {size} bytes of JSON; the limit is {MAX_BYTES}", path="")
    errors = sorted(Draft202012Validator(schema).iter_errors(arguments), key=_order)
    if errors:
        path = _pointer(errors[0])
        raise ArgumentsInvalid(f"{path or 'arguments'}: {errors[0].message[:MAX_MESSAGE]}", path=path)


def _order(error: ValidationError) -> tuple[int, str]:
    return len(error.absolute_path), _pointer(error)


def _pointer(error: ValidationError) -> str:
    """JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
