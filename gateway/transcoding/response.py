"""From response messages to what goes out: proto JSON, lines or events of it, or the bytes of a file."""

import json
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.errors import CallRefused
from gateway.transcoding.surface import Method

JSON, LINES, EVENTS = "application/json", "application/x-ndjson", "text/event-stream"
# First bytes (APPNOTE.TXT of the zip format, ISO 32000 for PDF, RFC 1952) and the media type that they tell.
_MAGIC = {b"PK\x03\x04": ("application/zip", ".zip"), b"%PDF-": ("application/pdf", ".pdf")}


def as_json(method: Method, message: Message, part: str = "") -> Any:
    """Proto JSON of a message, or of its field `part`. Fields at their default are there, so that a list always is."""
    value = json_format.MessageToDict(message, always_print_fields_with_no_presence=True, descriptor_pool=method.pool)
    return value[message.DESCRIPTOR.fields_by_name[part].json_name] if part else value


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


async def as_lines(method: Method, messages: AsyncIterator[Message]) -> AsyncIterator[bytes]:
    """Newline-delimited JSON; a failure midway is the last line, an object with the one key `error`."""
    try:
        async for message in messages:
            yield encoded(as_json(method, message)) + b"\n"
    except CallRefused as error:
        yield encoded(error.refusal.body()) + b"\n"


async def as_events(method: Method, messages: AsyncIterator[Message]) -> AsyncIterator[bytes]:
    """Server-sent events; a failure midway is an event of the type `error`, the end an event of the type `end`."""
    try:
        async for message in messages:
            yield b"data: " + encoded(as_json(method, message)) + b"\n\n"
        yield b"event: end\ndata: {}\n\n"
    except CallRefused as error:
        yield b"event: error\ndata: " + encoded(error.refusal.body()) + b"\n\n"


async def as_parts(method: Method, messages: AsyncIterator[Message]) -> AsyncIterator[bytes]:
    """The bytes of a stream of parts. A failure midway raises: the transfer breaks instead of ending short."""
    async for message in messages:
        yield getattr(message, method.part_field)


def file_type(first: bytes) -> tuple[str, str]:
    """Media type and file name extension of a file that starts with these bytes."""
    known = (kind for magic, kind in _MAGIC.items() if first.startswith(magic))
    return next(known, ("application/octet-stream", ".bin"))
