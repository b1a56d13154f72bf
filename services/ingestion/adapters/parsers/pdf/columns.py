"""Reading order: columns of text are read one after the other, between what runs over the whole width."""

from collections.abc import Sequence
from statistics import median
from typing import Protocol, TypeVar

from services.ingestion.domain.blocks import Box

MIN_LINES = 5
# Least width of the blank between two columns, in points.
MIN_GUTTER = 7.0
# Of a column's width, what its lines fill in the middle; cells of a table fill less.
MIN_FILL = 0.55
_MAX_DEPTH = 3


class Boxed(Protocol):
    @property
    def box(self) -> Box: ...


B = TypeVar("B", bound=Boxed)


def in_columns(items: Sequence[B], depth: int = 0) -> list[list[B]]:
    """Groups of items, each one column wide, in reading order."""
    gutter = _gutter(items) if depth < _MAX_DEPTH else None
    if gutter is None:
        return [list(items)] if items else []
    crossing = sorted((i for i in items if _crosses(i, gutter)), key=lambda i: i.box.top)
    rest = [i for i in items if not _crosses(i, gutter)]
    groups: list[list[B]] = []
    for wide in [*crossing, None]:
        above = [i for i in rest if wide is None or i.box.top < wide.box.top]
        rest = [i for i in rest if i not in above]
        left = [i for i in above if i.box.right <= gutter + 1]
        right = [i for i in above if i.box.right > gutter + 1]
        # A few lines on one side only belong to the wide text around them.
        groups += [*in_columns(left, depth + 1), *in_columns(right, depth + 1)]
        if wide is not None:
            groups.append([wide])
    return _merged(groups, crossing)


def _merged(groups: list[list[B]], crossing: Sequence[B]) -> list[list[B]]:
    """Wide items that follow each other as one group."""
    wide = {id(item) for item in crossing}
    merged: list[list[B]] = []
    for group in groups:
        if merged and id(group[0]) in wide and id(merged[-1][-1]) in wide:
            merged[-1] += group
        else:
            merged.append(group)
    return merged


def _gutter(items: Sequence[B]) -> float | None:
    """The middle of the blank between two columns, or None."""
    best: tuple[int, float] | None = None
    # The best gutter parts many lines and is crossed by few.
    for at in sorted({round(item.box.right + MIN_GUTTER / 2) for item in items}):
        left = [i for i in items if i.box.right <= at - MIN_GUTTER / 2 + 1]
        right = [i for i in items if i.box.left >= at + MIN_GUTTER / 2 - 1]
        lines = min(len(left), len(right))
        score = lines - (len(items) - len(left) - len(right))
        if lines >= MIN_LINES and (best is None or score > best[0]) and _is_prose(left) and _is_prose(right):
            best = (score, float(at))
    return best[1] if best is not None else None


def _is_prose(items: Sequence[B]) -> bool:
    width = max(i.box.right for i in items) - min(i.box.left for i in items)
    return width > 80 and median(i.box.right - i.box.left for i in items) >= MIN_FILL * width


def _crosses(item: Boxed, gutter: float) -> bool:
    return item.box.left < gutter - 1 and item.box.right > gutter + 1
