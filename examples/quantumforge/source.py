"""Reads a document's source (YAML front matter, Markdown body) into blocks that each writer lays out its own way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The first row is the header row."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Bullets | Table | PageBreak


@dataclass(frozen=True)
class Source:
    """One document before layout. `output` is its file name; `blocks` was read from the Markdown text `body`."""

    output: str
    title: str
    date: dt.date
    details: tuple[tuple[str, str], ...]
    """What the title block shows, in order: document number, edition, status and so on."""
    author: str
    header: str
    footer: str
    columns: int
    password: str | None
    """A PDF with a password opens only with it."""
    body: str
    blocks: tuple[Block, ...]


def read_source(path: Path) -> Source:
    """Raises KeyError when the front matter lacks `output`, `title` or `date`."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta: dict[str, Any] = yaml.safe_load(front)
    return Source(
        output=meta["output"],
        title=meta["title"],
        date=meta["date"],
        details=tuple((str(key), str(value)) for key, value in meta.get("details", {}).items()),
        author=meta.get("author", "QuantumForge Structures"),
        header=meta.get("header", ""),
        footer=meta.get("footer", ""),
        columns=meta.get("columns", 1),
        password=meta.get("password"),
        body=body.strip() + "\n",
        blocks=parse_blocks(body),
    )


def parse_blocks(markdown: str) -> tuple[Block, ...]:
    """Knows headings, paragraphs, flat bullet lists, tables and `***` as a page break.

    Raises ValueError on anything else.
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    blocks: list[Block] = []
    position = 0
    while position < len(tokens):
        end = _closing(tokens, position)
        blocks.append(_block(tokens[position : end + 1]))
        position = end + 1
    return tuple(blocks)


def _closing(tokens: list[Token], start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    raise ValueError(f"unclosed {tokens[start].type}")


def _block(tokens: list[Token]) -> Block:
    first = tokens[0]
    texts = tuple(_plain(token) for token in tokens if token.type == "inline")
    match first.type:
        case "heading_open":
            return Heading(int(first.tag[1:]), texts[0])
        case "paragraph_open":
            return Paragraph(texts[0])
        case "bullet_list_open":
            return Bullets(texts)
        case "table_open":
            return Table(_rows(tokens))
        case "hr":
            return PageBreak()
    raise ValueError(f"a source may not hold {first.type}")


def _plain(inline: Token) -> str:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    return "".join(breaks.get(child.type, child.content) for child in inline.children or [])


def _rows(tokens: list[Token]) -> tuple[tuple[str, ...], ...]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_plain(token))
    return tuple(tuple(row) for row in rows)
