"""Units of measurement through pint."""

import math
from functools import lru_cache
from typing import Any

import pint

# As written in documents, for what pint spells otherwise.
_SPELLINGS = {
    "°C": "degC",
    "°F": "degF",
    "µm": "micrometer",
    "μm": "micrometer",
    "%": "percent",
    "ksi": "kip_per_square_inch",
    "years": "year",
    "N/mm²": "N/mm**2",
}
RELATIVE = 0.005


class PintUnits:
    """Compares amounts across units; 380 MPa and 55.1 ksi are the same within half a percent."""

    def __init__(self) -> None:
        self._registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)

    def same(self, value: float, unit: str, other: float, other_unit: str) -> bool:
        if unit.lower() == other_unit.lower():
            return value == other
        if not (self.known(unit) and self.known(other_unit)):
            return False
        first, second = self._base(value, unit), self._base(other, other_unit)
        same_kind: bool = first.dimensionality == second.dimensionality
        return same_kind and math.isclose(first.magnitude, second.magnitude, rel_tol=RELATIVE)

    @lru_cache(maxsize=4096)  # noqa: B019 - one instance lives as long as the service
    def known(self, unit: str) -> bool:
        if not unit or not any(c.isalpha() or c in "%°" for c in unit):
            return False
        try:
            self._registry.Unit(_spelled(unit))
        except (pint.PintError, ValueError, TypeError, AttributeError, SyntaxError, AssertionError):
            return False
        return True

    def _base(self, value: float, unit: str) -> Any:
        return self._registry.Quantity(value, _spelled(unit)).to_base_units()


def _spelled(unit: str) -> str:
    if unit in _SPELLINGS:
        return _SPELLINGS[unit]
    return unit.replace("²", "**2").replace("³", "**3").replace("·", "*").replace("µ", "micro").replace("μ", "micro")
