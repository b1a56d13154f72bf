"""What the rules need to know of units of measurement."""

from typing import Protocol


class Units(Protocol):
    def same(self, value: float, unit: str, other: float, other_unit: str) -> bool:
        """Whether two quantities are the same amount, whatever their units."""
        ...

    def known(self, unit: str) -> bool:
        """Whether a text is a unit."""
        ...
