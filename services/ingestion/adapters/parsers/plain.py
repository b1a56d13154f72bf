"""Plain text: paragraphs between blank lines, lists by their marks, headings by their number, case or underline."""

import re
from collections.abc import Iterator

from services.ingestion.adapters.parsers.decode import decode
from services.ingestion.domain.blocks import Block, Heading, Item, Paragraph, Reading
from services.ingestion.domain.clauses import depth, heading_number
from services.ingestion.domain.limits import Limits

MAX_HEADING = 100
# Lines as long as this were broken by an editor, not by the author.
_WRAPPED = 55
_ITEM = re.compile(r"^(\s*)([-*•–]|\(?[a-z]\)|\(?[ivx]{1,4}\)|\d{1,2}[.)])\s+(\S.*)$")
_RULE = re.compile(r"^\s*([=\-~_*#])\1{2,}\s*$")


def read(content: bytes, limits: Limits) -> Reading:
    text, warnings = decode(content)
    return Reading("text/plain", "plain/1", tuple(blocks(text)), warnings=warnings)


def blocks(text: str) -> Iterator[Block]:
    for group in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")):
        lines = [line for line in group.split("\n") if line.strip()]
        if lines:
            yield from _group(lines)


def _group(lines: list[str]) -> Iterator[Block]:
    if len(lines) >= 2 and _RULE.match(lines[1]) and len(lines[0]) <= MAX_HEADING:
        yield Heading(lines[0].strip(), 1 if "=" in lines[1] else 2)
        lines = lines[2:]
    elif len(lines) <= 2 and is_heading(lines[0]):
        number = heading_number(lines[0].strip())
        yield Heading(lines[0].strip(), depth(number) if number else 1)
        lines = lines[1:]
    lines = [line for line in lines if not _RULE.match(line)]
    yield from _lines(lines)


def is_heading(line: str) -> bool:
    """Whether a line that stands alone is a heading: numbered or in capitals, short, and no sentence."""
    line = line.strip()
    if len(line) > MAX_HEADING or line.endswith((".", ",", ";", ":")) or not any(c.isalpha() for c in line):
        return False
    capitals = sum(c.isupper() for c in line) > 0.7 * sum(c.isalpha() for c in line)
    return bool(heading_number(line)) or (capitals and len(line) > 3)


def _lines(lines: list[str]) -> Iterator[Block]:
    paragraph: list[str] = []
    item: Item | None = None
    for line in lines:
        found = _ITEM.match(line)
        if found is None and item is not None:
            item = Item(f"{item.text} {line.strip()}", item.marker, item.depth)
            continue
        if found is None:
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield Paragraph(_joined(paragraph))
            paragraph = []
        if item is not None:
            yield item
        item = Item(found[3], found[2], len(found[1].expandtabs(4)) // 2)
    if paragraph:
        yield Paragraph(_joined(paragraph))
    if item is not None:
        yield item


def _joined(lines: list[str]) -> str:
    wrapped = len(lines) > 1 and max(map(len, lines[:-1])) >= _WRAPPED
    return (" " if wrapped else "\n").join(lines)
