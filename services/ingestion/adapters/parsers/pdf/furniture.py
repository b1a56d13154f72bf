"""Running headers and footers: what stands at the same place of many pages, page numbers aside."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

from services.ingestion.domain.blocks import Box

# The part of a page's height at its top and its bottom where running lines stand.
MARGIN = 0.12
_PAGE_NUMBER = re.compile(
    r"^(page|pagina|seite|p\.)?\s*[-–]?\s*(\d{1,4}|[ivxl]{1,6})\s*[-–]?(\s*(of|/|van|von)\s*\d{1,4})?$", re.I
)


class Placed(Protocol):
    @property
    def box(self) -> Box: ...
    @property
    def text(self) -> str: ...


P = TypeVar("P", bound=Placed)
Key = tuple[str, int]


def split_furniture(pages: Sequence[Sequence[P]], heights: Sequence[float]) -> tuple[list[list[P]], list[str]]:
    """Each page without its running lines, and these lines once each, without page numbers."""
    keys = [[_key(item, height) for item in items] for items, height in zip(pages, heights, strict=True)]
    counts = Counter(key for page in keys for key in _around({key for key in page if key is not None}))
    needed = max(2, min(round(0.4 * len(pages)), 4))
    removed: dict[str, str] = {}
    kept = []
    for items, page_keys in zip(pages, keys, strict=True):
        numbers = [item for item, key in zip(items, page_keys, strict=True) if key is not None and _is_number(item)]
        rest = []
        for item, key in zip(items, page_keys, strict=True):
            # What shares its line with the page number is no text of the page either.
            if key is not None and (counts[key] >= needed or any(_side_by_side(item, other) for other in numbers)):
                removed.setdefault(key[0], "" if _is_number(item) else item.text)
            else:
                rest.append(item)
        kept.append(rest)
    return kept, list(filter(None, removed.values()))


def _is_number(item: Placed) -> bool:
    return bool(_PAGE_NUMBER.match(item.text.strip()))


def _side_by_side(item: Placed, other: Placed) -> bool:
    return other.box.top <= (item.box.top + item.box.bottom) / 2 <= other.box.bottom


def _key(item: Placed, height: float) -> Key | None:
    """The words without their numbers, and the height where they stand; None outside of the margins."""
    if MARGIN * height < item.box.bottom and item.box.top < (1 - MARGIN) * height:
        return None
    words = re.sub(r"\d+", "#", item.text.lower())
    if words.strip(" #-–/|") in ("", "of", "page", "page of"):
        words = "#"
    return words, round(item.box.top / 4)


def _around(keys: set[Key]) -> set[Key]:
    """The keys, and the same words a little higher or lower."""
    return keys | {(words, at + shift) for words, at in keys for shift in (-1, 1)}
