"""Markdown (CommonMark with tables): its tokens as blocks, and the title of its front matter."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.ingestion.adapters.parsers import html
from services.ingestion.adapters.parsers.decode import decode
from services.ingestion.adapters.parsers.grids import rectangle
from services.ingestion.domain.blocks import Block, Grid, Heading, Item, Paragraph, Reading
from services.ingestion.domain.documents import Rejected
from services.ingestion.domain.limits import Limits

MAX_NESTING = 100
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def read(content: bytes, limits: Limits) -> Reading:
    text, warnings = decode(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(text)
    blocks: list[Block] = []
    title = ""
    if front is not None:
        named = _TITLE.search(front[1])
        title = named[1].strip("\"'") if named else ""
        blocks.append(Paragraph(front[1]))
        text = text[front.end() :]
    # Raw HTML inside goes through the HTML parser, never into the text as it stands.
    options = {"html": True, "maxNesting": MAX_NESTING}
    tokens = MarkdownIt("commonmark", options).enable("table").enable("strikethrough").parse(text)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        warnings = (*warnings, f"what is nested over {MAX_NESTING} levels deep is left out")
    blocks += _Walker(limits).walk(tokens)
    return Reading("text/markdown", "markdown/1", tuple(blocks), title, warnings=warnings)


@dataclass
class _List:
    ordered: bool
    number: int
    delimiter: str


@dataclass
class _Walker:
    limits: Limits
    _lists: list[_List] = field(default_factory=list)
    # The mark of a list item whose first paragraph is still to come.
    _marker: str | None = None

    def walk(self, tokens: Sequence[Token]) -> Iterator[Block]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                yield _grid(tokens[at:end])
                at = end
            elif token.type == "inline":
                yield from self._inline(token, tokens[at - 1])
            else:
                yield from self._other(token)
            at += 1

    def _inline(self, token: Token, opened: Token) -> Iterator[Block]:
        text = plain_text(token)
        if opened.type == "heading_open":
            yield Heading(text, int(opened.tag[1]))
        elif self._marker is not None:
            marker, self._marker = self._marker, None
            yield Item(text, marker, len(self._lists) - 1)
        else:
            yield Paragraph(text)

    def _other(self, token: Token) -> Iterator[Block]:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else 1
            self._lists.append(_List(token.type == "ordered_list_open", start, token.markup))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            listed = self._lists[-1]
            self._marker = f"{listed.number}{token.markup}" if listed.ordered else "-"
            listed.number += 1
        elif token.type == "list_item_close":
            self._marker = None
        elif token.type in ("fence", "code_block"):
            yield Paragraph(token.content)
        elif token.type == "html_block":
            yield from self._html(token.content)

    def _html(self, content: str) -> Iterator[Block]:
        try:
            yield from html.read(f"<html><body>{content}</body></html>".encode(), self.limits).blocks
        except Rejected:
            return  # a tag without text, such as a lone `</div>`


def plain_text(token: Token) -> str:
    """The words of an inline token, without marks; what a tag of raw HTML says is left out."""
    parts = []
    for child in token.children or ():
        if child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and child.content.lower().startswith("<br")):
            parts.append("\n")
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(plain_text(child))
    return "".join(parts)


def _grid(tokens: Sequence[Token]) -> Grid:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(plain_text(token))
    cells = rectangle(rows)
    return Grid(cells[0], cells[1:]) if cells else Grid((), ())
