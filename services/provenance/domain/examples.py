"""Lines of a dataset version: the trainer's examples and the chunks that they were made from."""

import json
from collections.abc import Mapping
from typing import Any

from services.provenance.domain.trace import Place, Quote
from services.provenance.errors import DatasetUnreadable

Line = Mapping[str, Any]


def lines_of(data: bytes) -> list[dict[str, Any]]:
    """The objects of a JSON lines blob. Raises DatasetUnreadable."""
    try:
        found = [json.loads(line) for line in raw_lines(data)]
    except ValueError as error:
        raise DatasetUnreadable(f"a blob of the dataset is not JSON lines: {error}") from error
    if not all(isinstance(line, dict) for line in found):
        raise DatasetUnreadable("a line of the dataset is no JSON object")
    return found


def raw_lines(data: bytes) -> list[bytes]:
    """The lines as stored, without their ends; empty ones don't count."""
    return [line for line in data.split(b"\n") if line.strip()]


def prompt_of(example: Line) -> str:
    """What was asked: the last message of a user."""
    asked = [message for message in example.get("messages", []) if message.get("role") == "user"]
    return str(asked[-1].get("content") or "") if asked else ""


def completion_of(example: Line) -> str:
    """What was learnt to say: the last message's text, or the calls that it makes."""
    messages = example.get("messages", [])
    last = messages[-1] if messages else {}
    calls = [call.get("function", {}) for call in last.get("tool_calls") or []]
    called = " ".join(f"{call.get('name', '')}({call.get('arguments', '')})" for call in calls)
    return " ".join(part for part in (str(last.get("content") or ""), called) if part)


def text_of(example: Line) -> str:
    """Everything in the example that the model reads or learns to say."""
    said = [str(message.get("content") or "") for message in example.get("messages", [])[:-1]]
    return "\n".join([*said, completion_of(example)])


def quote_of(chunk: Line) -> Quote:
    """A chunk's text and place; ingestion's exact location goes before the chunk's own keys."""
    told: Mapping[str, Any] = chunk.get("location", {})
    page = told.get("page", chunk.get("page"))
    place = Place(
        document=str(told.get("document") or chunk.get("document") or ""),
        revision=str(told.get("revision") or chunk.get("revision") or ""),
        chunk=str(chunk.get("id", "")),
        page=int(page) if page else None,
        clause=str(told.get("clause") or chunk.get("clause") or ""),
        cells=str(told.get("cells", "")),
        char_start=int(told.get("char_start", 0)),
        char_end=int(told.get("char_end", 0)),
    )
    return Quote(str(chunk.get("text", "")), place, str(chunk.get("title") or ""))
