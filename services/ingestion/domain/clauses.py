"""Clause paths: which numbered clause a piece of text belongs to, such as `5.2.1 b`."""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(
    r"^(?:(?P<word>annex|appendix|part|chapter|item|schedule|exhibit)\s+(?P<name>[A-Z]|\d+[A-Z]?|[IVXLC]+)\b"
    r"|(?:(?:section|article|clause)\s+|§\s*)?(?P<number>\d{1,3}(?:[.-]\d{1,3}){0,6}|[A-Z](?:[.-]\d{1,3}){1,5})\.?(?=[\s:)–—-]|$))",
    re.IGNORECASE,
)
_INLINE = re.compile(r"^(?:§\s*)?(?P<number>(?:\d{1,3}|[A-Z])(?:[.-]\d{1,3}){1,6})\.?\s+(?=[\"'“‘(\[]?[^\W\d_])")
_MARK = re.compile(r"^\(?(?P<mark>[A-Za-z]|[ivxl]{1,5}|\d{1,3})[.)]$")
_LETTERED = re.compile(r"^(?P<mark>\((?:[a-z]|[ivxl]{1,5}|\d{1,2})\)|[a-z]\)|[ivxl]{1,5}\))\s+(?=\S)")


def heading_number(text: str) -> str:
    """The number that a heading begins with: `5.2` of `5.2 Materials`, `Annex B` of `Annex B (normative)`, or ``."""
    found = _HEADING.match(text)
    if found is None:
        return ""
    if found["word"]:
        return f"{found['word'].capitalize()} {found['name'].upper()}"
    number = found["number"]
    # A year or a measure begins a heading too: `2024 results`, `350 MPa steel`.
    return "" if number.isdigit() and int(number) > 99 else number


def inline_number(text: str, current: str) -> str:
    """The clause number that a paragraph begins with, or ``.

    A measure may look the same (`3.5 Bar is enough`), so a number counts only where it follows from the clause in
    force: below it, beside it or beside one of its parents.
    """
    found = _INLINE.match(text)
    return found["number"] if found and _follows(found["number"], current) else ""


def _confirmed(number: str, current: str) -> str:
    """The number of a heading; `A-1` is one within Annex A only, for elsewhere it is a grade, a bolt or a road."""
    is_lettered = number[:1].isalpha() and "-" in number
    return "" if is_lettered and not (current and _follows(number, current)) else number


def _follows(number: str, current: str) -> bool:
    parts, now = re.split(r"[.-]", number), re.split(r"[.-]", current.rsplit(" ", 1)[-1]) if current else []
    if not now:
        return parts[-1] in ("0", "1")
    return parts[:-1] == now[: len(parts) - 1]


def item_mark(marker: str) -> str:
    """The mark of an enumerated list item, `b` of `b)` or `(b)`; `` for a bullet."""
    found = _MARK.match(marker)
    return found["mark"] if found else ""


def lettered(text: str) -> str:
    """The written mark of a paragraph that is a list item, `b)` or `(b)`; `` where it is none."""
    found = _LETTERED.match(text)
    return found["mark"] if found else ""


def depth(number: str) -> int:
    """How deep a clause number is: 1 of `5`, 3 of `5.2.1`, 1 of `Annex B`."""
    return len(re.split(r"[.-]", number))


@dataclass
class Outline:
    """The headings and the clause in force while blocks go by."""

    _stack: list[tuple[int, str, str]] = field(default_factory=list)
    _number: str = ""
    _marks: list[str] = field(default_factory=list)

    def enter(self, text: str, level: int) -> None:
        """A heading: closes those of its level and below."""
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        self._stack.append((level, text, _confirmed(heading_number(text), self._base())))
        self._number, self._marks = "", []

    def paragraph(self, text: str) -> bool:
        """A paragraph; returns whether it begins a clause of its own."""
        number = inline_number(text, self._base())
        if number:
            self._number = number
        self._marks = []
        return bool(number)

    def item(self, marker: str, level: int) -> bool:
        """A list item; returns whether it is an enumerated part of a clause."""
        mark = item_mark(marker)
        del self._marks[level:]
        if mark and self._base():
            self._marks.append(mark)
        return bool(mark and self._base())

    def _base(self) -> str:
        return self._number or next((number for _, _, number in reversed(self._stack) if number), "")

    @property
    def clause(self) -> str:
        return " ".join([self._base(), *self._marks]).strip()

    @property
    def base(self) -> str:
        """The clause without the marks of list items."""
        return self._base()

    def headings(self) -> tuple[str, ...]:
        return tuple(text for _, text, _ in self._stack)
