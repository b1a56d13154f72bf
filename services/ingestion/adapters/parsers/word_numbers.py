"""The numbers that Word computes for its paragraphs: `5.2.1`, `b)`, `•` (ECMA-376 part 1, 17.9)."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_LOW = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True)
class _Level:
    kind: str
    text: str
    start: int


class Numbering:
    """Counts paragraphs as Word does: each list has nine counters, and a count resets those below it."""

    def __init__(self, document: Any) -> None:
        self._abstract: dict[str, str] = {}
        self._levels: dict[str, dict[int, _Level]] = defaultdict(dict)
        self._overrides: dict[str, dict[int, _Level]] = defaultdict(dict)
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[str] = set()
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if part is not None:
            self._read(part.element)

    def _read(self, root: Any) -> None:
        for abstract in root.iterchildren(qn("w:abstractNum")):
            for level in abstract.iterchildren(qn("w:lvl")):
                self._levels[abstract.get(qn("w:abstractNumId"))][int(level.get(qn("w:ilvl")))] = _level(level)
        for number in root.iterchildren(qn("w:num")):
            num_id = number.get(qn("w:numId"))
            link = number.find(qn("w:abstractNumId"))
            self._abstract[num_id] = link.get(qn("w:val")) if link is not None else ""
            for override in number.iterchildren(qn("w:lvlOverride")):
                self._read_override(num_id, override)

    def _read_override(self, num_id: str, override: Any) -> None:
        at = int(override.get(qn("w:ilvl")))
        level = override.find(qn("w:lvl"))
        known = _level(level) if level is not None else self._level(num_id, at)
        start = override.find(qn("w:startOverride"))
        if start is not None and known is not None:
            known = _Level(known.kind, known.text, int(start.get(qn("w:val"))))
        if known is not None:
            self._overrides[num_id][at] = known

    def _level(self, num_id: str, at: int) -> _Level | None:
        return self._overrides[num_id].get(at) or self._levels[self._abstract.get(num_id, "")].get(at)

    def is_outline(self, num_id: str) -> bool:
        """Whether a list numbers clauses: on some level it shows the numbers of the levels above, as `%1.%2` does."""
        levels = (self._level(num_id, at) for at in range(LEVELS))
        return any(level is not None and level.text.count("%") > 1 for level in levels)

    def next(self, num_id: str, at: int) -> str:
        """The number of the next paragraph on level `at` (0-based) of a list, as it is shown; `` where it has none."""
        level = self._level(num_id, at)
        if level is None or level.kind == "none":
            return ""
        if level.kind == "bullet":
            return "-"
        counts = self._counter(num_id)
        before = counts[at]
        counts[at] = level.start if before is None else before + 1
        counts[at + 1 :] = [None] * (LEVELS - at - 1)
        return re.sub(
            r"%([1-9])", lambda found: self._shown(num_id, counts, int(found[1]) - 1, level), level.text
        ).strip()

    def _counter(self, num_id: str) -> list[int | None]:
        """Lists of one definition count on together, until one of them starts anew."""
        key = self._abstract.get(num_id, "")
        if num_id not in self._started:
            self._started.add(num_id)
            counts = self._counts.setdefault(key, [None] * LEVELS)
            for at in self._overrides[num_id]:
                counts[at:] = [None] * (LEVELS - at)
        return self._counts[key]

    def _shown(self, num_id: str, counts: list[int | None], at: int, shown: _Level) -> str:
        level = self._level(num_id, at) or shown
        count = counts[at]
        return _numeral(level.kind, level.start if count is None else count)


def _level(element: Any) -> _Level:
    def value(tag: str, default: str) -> str:
        found = element.find(qn(tag))
        return str(found.get(qn("w:val"), default)) if found is not None else default

    return _Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(value("w:start", "1")))


def _numeral(kind: str, number: int) -> str:
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman"):
        return roman(number) if kind == "lowerRoman" else roman(number).upper()
    if kind == "decimalZero":
        return f"{number:02d}"
    return str(number)


def roman(number: int) -> str:
    numeral = ""
    for value, sign in (*_ROMAN, *_ROMAN_LOW):
        count, number = divmod(number, value)
        numeral += sign * count
    return numeral
