"""Numbers with units, through pint."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pint

from services.agents.domain.evidence import Amount

# As documents write them, for what pint spells otherwise or reads as something else.
_SPELLINGS = {
    "": "dimensionless",
    "-": "dimensionless",
    "%": "percent",
    "°C": "degC",
    "°F": "degF",
    "t": "metric_ton",
    "in": "inch",
    "in.": "inch",
    "ksi": "kip_per_square_inch",
    "hr": "hour",
    "h": "hour",
    "years": "year",
}
# Words that pint would take for units: the year `a`, the technical atmosphere `at`, attoseconds.
_WORDS = frozenset({"a", "am", "and", "are", "as", "at", "by", "is", "of", "or", "per", "to"})
_NUMBER = r"(?<![\w.,])[-−±]?\d+(?:[,\u00a0\u2009\u202f]\d{3}(?!\d))*(?:\.\d+)?"
_UNIT = r"(?:%|°[CF]|[A-Za-zµμΩ]+[²³]?(?:[·/*][A-Za-zµμ]+[²³]?)*)"
_AMOUNT = re.compile(rf"(?P<number>{_NUMBER})(?:\s?(?P<unit>{_UNIT}))?")


class PintUnits:
    """The port Units."""

    def __init__(self) -> None:
        self._registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)

    def amounts(self, text: str) -> Sequence[Amount]:
        return [self._read(match) for match in _AMOUNT.finditer(text)]

    def amount(self, value: float, unit: str) -> Amount | None:
        if not self._known(unit.strip()):
            return None
        quantity = self._registry.Quantity(value, _spelled(unit.strip())).to_base_units()
        return Amount(float(quantity.magnitude), str(quantity.dimensionality), f"{value:g} {unit}".strip())

    def _read(self, match: re.Match[str]) -> Amount:
        number = float(re.sub(r"[,\u00a0\u2009\u202f±]", "", match["number"]).replace("−", "-"))
        unit = match["unit"] or ""
        found = self.amount(number, unit) if self._known(unit) else self.amount(number, "")
        if found is None:
            raise AssertionError("a bare number is always an amount")
        # A word that is no unit, as in `3 bolts`, does not belong to the amount.
        return Amount(found.si, found.dimension, match.group() if self._known(unit) else match["number"])

    @lru_cache(maxsize=4096)  # noqa: B019 - one instance lives as long as the service
    def _known(self, unit: str) -> bool:
        if unit in _WORDS:
            return False
        if unit not in _SPELLINGS and not any(c.isalpha() or c in "%°" for c in unit):
            return False
        try:
            self._registry.Unit(_spelled(unit))
        except (pint.PintError, ValueError, TypeError, AttributeError, SyntaxError, AssertionError):
            return False
        return True


def _spelled(unit: str) -> str:
    if unit in _SPELLINGS:
        return _SPELLINGS[unit]
    return unit.replace("²", "**2").replace("³", "**3").replace("·", "*").replace("µ", "micro").replace("μ", "micro")
