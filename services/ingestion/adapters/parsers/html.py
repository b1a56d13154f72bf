"""HTML: what a reader would see. Scripts, styles, navigation and hidden parts are left out, and counted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import lxml.html
from bs4.dammit import UnicodeDammit
from lxml import etree

from services.ingestion.adapters.parsers.html_elements import BLOCKS, NEVER_SHOWN
from services.ingestion.adapters.parsers.html_tables import table_blocks
from services.ingestion.domain.blocks import Block, Grid, Heading, Item, Paragraph, Reading
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

MAX_HEADING = 120
# Below every `<h6>`.
_BOLD_LEVEL = 7
_AROUND = frozenset(["nav", "footer", "menu", "dialog"])
_ROLES_AROUND = frozenset(["navigation", "banner", "contentinfo", "search", "menu", "dialog"])
_BOLD = frozenset(["b", "strong"])
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9])"
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(r"<(html|body|head)\b", re.IGNORECASE)


def read(content: bytes, limits: Limits) -> Reading:
    text = _decoded(content)
    root = _tree(text)
    titles = root.xpath("//head/title")
    title = " ".join(titles[0].text_content().split()) if titles else ""
    walker = _Walker()
    bodies = root.xpath("//body")
    walker.block(bodies[0] if bodies else root)
    walker.flush()
    warnings = (f"{walker.hidden} hidden parts left out",) if walker.hidden else ()
    return Reading("text/html", "html/1", tuple(walker.blocks), title, warnings=warnings)


def _decoded(content: bytes) -> str:
    text = UnicodeDammit(content, is_html=True).unicode_markup
    if not text:
        raise Rejected(Reason.CORRUPT, "the page is in no encoding that can be told")
    root = _ROOT.search(text)
    if _ENTITY.search(text, 0, root.start() if root else len(text)):
        raise Rejected(Reason.ENTITY_EXPANSION, "the page declares entities of its own")
    return str(text).replace("\x00", "")


def _tree(text: str) -> Any:
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Rejected(Reason.NO_TEXT, "the page holds no text") from error
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise Rejected(Reason.CORRUPT, "the page is nested too deeply")
    return root


@dataclass
class _Walker:
    """Goes through the tree once; text gathers until a block ends."""

    blocks: list[Block] = field(default_factory=list)
    hidden: int = 0
    _text: list[str] = field(default_factory=list)
    _bold: int = 0
    # What the text becomes when its block ends.
    _make: Callable[[str], Block] | None = None

    def block(self, element: Any, depth: int = -1) -> None:
        """The content of a block element; `depth` is that of the list it stands in, -1 outside of lists."""
        self._add(element.text, _is_bold(element))
        for child in element:
            self._child(child, depth, _is_bold(element))
            self._add(child.tail, _is_bold(element))

    def _child(self, child: Any, depth: int, bold: bool) -> None:
        if not isinstance(child.tag, str) or self._is_unseen(child):
            return
        if child.tag == "br":
            self._text.append("\n")
        elif child.tag not in BLOCKS:
            self._inline(child, depth, bold or _is_bold(child))
        else:
            self.flush()
            self._structure(child, depth)
            self.flush()

    def _is_unseen(self, element: Any) -> bool:
        if element.tag in NEVER_SHOWN or element.tag in _AROUND or element.get("role") in _ROLES_AROUND:
            return True
        # A page's head line, unlike an article's, is the same on every page.
        if element.tag == "header" and not any(e.tag in ("article", "main") for e in element.iterancestors()):
            return not element.xpath(".//h1")
        style = (element.get("style") or "").lower()
        if "hidden" in element.attrib or element.get("aria-hidden") == "true" or _HIDDEN_STYLE.search(style):
            self.hidden += bool(element.text_content().strip())
            return True
        return False

    def _inline(self, element: Any, depth: int, bold: bool) -> None:
        self._add(element.text, bold)
        for child in element:
            self._child(child, depth, bold)
            self._add(child.tail, bold)

    def _structure(self, element: Any, depth: int) -> None:
        tag = element.tag
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._make = lambda text: Heading(text, int(tag[1]))
            self.block(element)
        elif tag in ("ul", "ol"):
            self._list(element, depth + 1)
        elif tag == "dl":
            self._definitions(element)
        elif tag == "table":
            self._table(element, depth)
        elif tag == "pre":
            self.blocks.append(Paragraph(element.text_content()))
        elif tag == "hr":
            return
        else:
            self.block(element, depth)

    def _list(self, element: Any, depth: int) -> None:
        for child, marker in _marked(element):
            if child.tag != "li":
                self._structure(child, depth)
                continue
            if self._is_unseen(child):
                continue
            self._make = lambda text, m=marker: Item(text, m, depth)  # type: ignore[misc]
            self.block(child, depth)
            self.flush()

    def _definitions(self, element: Any) -> None:
        rows: list[tuple[str, str]] = []
        for child in element.iter("dt", "dd"):
            text = " ".join(child.text_content().split())
            if child.tag == "dt":
                rows.append((text, ""))
            elif rows:
                rows[-1] = (rows[-1][0], " ".join(filter(None, (rows[-1][1], text))))
        if rows:
            self.blocks.append(Grid((), tuple(rows)))

    def _table(self, element: Any, depth: int) -> None:
        found = table_blocks(element, self._is_unseen)
        if found is None:  # a table that only lays out the page
            self.block(element, depth)
        else:
            self.blocks.extend(found)

    def _add(self, text: str | None, bold: bool) -> None:
        if text:
            self._text.append(re.sub(r"\s+", " ", text))
            self._bold += len(text.strip()) if bold else 0

    def flush(self) -> None:
        """Ends the block whose text was gathered."""
        text = re.sub(r" *\n *", "\n", re.sub(r" +", " ", "".join(self._text))).strip()
        bold, make = self._bold, self._make
        self._text, self._bold = [], 0
        if not text:
            return
        self._make = None
        if make is not None:
            self.blocks.append(make(text))
        else:
            self.blocks.extend(_paragraphs(text, bold >= 0.9 * len(text)))


def _paragraphs(text: str, bold: bool) -> Iterator[Block]:
    """Paragraphs between double line breaks; a short one in bold is a heading in all but name."""
    if bold and len(text) <= MAX_HEADING and "\n" not in text and not text.endswith((".", ":", ",", ";", ")")):
        yield Heading(text, _BOLD_LEVEL)
        return
    for part in re.split(r"\n{2,}", text):
        yield Paragraph(part)


def _is_bold(element: Any) -> bool:
    return element.tag in _BOLD or bool(_BOLD_STYLE.search((element.get("style") or "").lower()))


def _marked(element: Any) -> Iterator[tuple[Any, str]]:
    """A list's children with the marks that a browser would show."""
    number = _integer(element.get("start"), 1)
    for child in element:
        if not isinstance(child.tag, str):
            continue
        number = _integer(child.get("value"), number)
        yield child, _marker(element.get("type") or "1", number) if element.tag == "ol" else "-"
        number += child.tag == "li"


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text) else default


def _marker(kind: str, number: int) -> str:
    if kind in ("a", "A") and 1 <= number <= 26:
        return f"{chr(ord(kind) + number - 1)})"
    return f"{number}."
