"""Units as documents write them, and their factors to SI.

`pint` knows the factors; it is asked once per spelling, for its parser is too slow to ask for each value.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pint

_PREFIXED: dict[str, tuple[str, str]] = {
    # symbol: (pint name, prefixes that are in use with it)
    "m": ("meter", "k d c m µ μ u n"),
    "g": ("gram", "k m µ μ n"),
    "N": ("newton", "k M"),
    "Pa": ("pascal", "k M G h m"),
    "J": ("joule", "k M m"),
    "W": ("watt", "k M m G"),
    "V": ("volt", "k m M"),
    "A": ("ampere", "k m µ μ"),
    "Hz": ("hertz", "k M G"),
    "Ω": ("ohm", "k M m"),
    "L": ("liter", "m µ μ"),
    "l": ("liter", "m µ μ"),
    "bar": ("bar", "m"),
    "s": ("second", "m µ μ n"),
    "mol": ("mole", "m k"),
    "Wh": ("watt_hour", "k M G"),
    "VA": ("volt_ampere", "k M"),
    "Bq": ("becquerel", "k M G"),
    "Sv": ("sievert", "m µ μ"),
}
_PREFIX_NAMES = {
    "k": "kilo", "M": "mega", "G": "giga", "h": "hecto", "d": "deci", "c": "centi", "m": "milli", "µ": "micro",
    "μ": "micro", "u": "micro", "n": "nano",
}  # fmt: skip
_SYMBOLS = {
    "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "sec": "second", "t": "metric_ton", "K": "kelvin",
    "°C": "degC", "℃": "degC", "º C": "degC", "° C": "degC", "°F": "degF", "℉": "degF", "° F": "degF", "%": "percent",
    "‰": "permille", "ksi": "ksi", "psi": "psi", "psf": "psf", "pcf": "pcf", "plf": "plf", "kip": "kip",
    "kips": "kip", "ksf": "ksf", "lb": "pound", "lbs": "pound", "lbf": "pound_force", "oz": "ounce", "ft": "foot",
    "in": "inch", "in.": "inch", "″": "inch", "′": "foot", "yd": "yard", "mi": "mile", "mph": "mile_per_hour",
    "gpm": "gallon_per_minute", "GPM": "gallon_per_minute", "cfm": "cfm", "CFM": "cfm", "gal": "gallon", "rpm": "rpm",
    "HV": "HV", "HB": "HB", "HBW": "HB", "HRC": "HRC", "HRB": "HRB", "dB": "sound_level",
    "dBA": "weighted_sound_level", "dB(A)": "weighted_sound_level", "ppm": "ppm", "ppb": "ppb", "lx": "lux",
    "cd": "candela", "lm": "lumen", "°": "degree", "deg": "degree", "rad": "radian", "ha": "hectare",
    "Shore A": "ShoreA", "mil": "mil", "mils": "mil", "ft-lb": "foot*pound_force", "ft-lbs": "foot*pound_force",
    "ft·lb": "foot*pound_force", "ft-lbf": "foot*pound_force", "lb-ft": "foot*pound_force",
    "lbf·ft": "foot*pound_force", "in-lb": "inch*pound_force", "ft·lbf": "foot*pound_force", "kn": "knot",
    "USD": "USD", "EUR": "EUR", "GBP": "GBP",
}  # fmt: skip
_WORDS = {
    "inch": "inch", "inches": "inch", "foot": "foot", "feet": "foot", "yards?": "yard", "miles?": "mile",
    "minutes?": "minute", "seconds?": "second", "hours?": "hour", "days?": "day", "weeks?": "week",
    "months?": "month", "years?": "year", "calendar days?": "day", "percent": "percent", "per cent": "percent",
    "degrees celsius": "degC", "degrees fahrenheit": "degF", "degrees c": "degC", "degrees f": "degF",
    "degrees?": "degree", "tonnes?": "metric_ton", "tons?": "ton", "pounds?": "pound", "microns?": "micrometer",
    "kelvins?": "kelvin", "gallons?": "gallon", "acres?": "acre", "foot-candles?": "footcandle",
    "footcandles?": "footcandle", "knots?": "knot", "dollars?": "USD", "euros?": "EUR",
}  # fmt: skip
_WORD_BASES = {
    r"met(?:er|re)s?": "meter", "grams?": "gram", "newtons?": "newton", "pascals?": "pascal", "joules?": "joule",
    "watts?": "watt", "volts?": "volt", "amp(?:ere)?s?": "ampere", "hertz": "hertz", r"lit(?:er|re)s?": "liter",
}  # fmt: skip
_WORD_PREFIXES = ("kilo", "mega", "giga", "centi", "milli", "micro", "nano", "deci", "hecto")
_EXTRA = """
psf = pound_force / foot ** 2
pcf = pound / foot ** 3
plf = pound_force / foot
ksf = kip / foot ** 2
gallon_per_minute = gallon / minute
permille = 0.001
footcandle = lumen / foot ** 2
HV = [vickers_hardness]
HB = [brinell_hardness]
HRC = [rockwell_c_hardness]
HRB = [rockwell_b_hardness]
sound_level = [level]
weighted_sound_level = [weighted_level]
ShoreA = [shore_a_hardness]
USD = [us_dollar]
EUR = [euro]
GBP = [pound_sterling]
"""
# Units of temperature have an offset, so that a value and a difference convert differently.
OFFSET = frozenset({"degC", "degF"})


@dataclass(frozen=True)
class Unit:
    """A unit of measure: `si = value * factor + offset`."""

    written: str
    factor: float
    offset: float
    si: str
    dimension: str

    def to_si(self, value: float) -> float:
        return value * self.factor + self.offset


NONE = Unit("", 1.0, 0.0, "", "dimensionless")


@cache
def _symbols() -> dict[str, str]:
    found = dict(_SYMBOLS)
    for symbol, (name, prefixes) in _PREFIXED.items():
        found[symbol] = name
        for prefix in prefixes.split():
            found.setdefault(prefix + symbol, _PREFIX_NAMES[prefix] + name)
    return found


@cache
def _words() -> dict[str, str]:
    found = dict(_WORDS)
    for pattern, name in _WORD_BASES.items():
        found[pattern] = name
        for prefix in _WORD_PREFIXES:
            found[prefix + pattern] = prefix + name
    return found


@cache
def unit_pattern() -> str:
    """A regular expression (no groups) of one unit, simple or composed, without the number before it."""
    symbols = "|".join(re.escape(s) for s in sorted(_symbols(), key=len, reverse=True))
    words = "|".join(sorted(_words(), key=len, reverse=True))
    atom = (
        rf"(?:(?:square|cubic|sq\.?|cu\.?)[ ])?(?:(?i:{words})(?![A-Za-z])|(?:{symbols})(?![A-Za-z]))(?:[²³]"
        rf"|\^[23]|[23](?![\d.,]))?"
    )
    joint = r"(?:[·⋅∙*/×]|[ ]?per[ ]|(?<=[A-Za-z])[-](?=[A-Za-z])|(?<=N)[ ](?=m\b))"
    return rf"(?:{atom}(?:{joint}{atom})*)"


@cache
def _registry() -> Any:
    registry: Any = pint.UnitRegistry(cache_folder=None)
    for line in _EXTRA.strip().splitlines():
        name = line.split(" ")[0]
        if name not in registry:
            registry.define(line)
    return registry


_ATOM = re.compile(r"^(?:(square|cubic|sq\.?|cu\.?) )?(.+?)(²|³|\^[23]|[23])?$")
_JOINT = re.compile(r"[·⋅∙*×]| ?per |/|(?<=[A-Za-z])-(?=[A-Za-z])|(?<=N) (?=m\b)")


@lru_cache(maxsize=4096)
def find_unit(written: str) -> Unit | None:
    """The unit of a spelling that `unit_pattern` matched; None where its parts make no unit."""
    text = re.sub(r"\s+", " ", written.strip())
    single = _name(text)
    expression = single or _expression(text)
    if expression is None:
        return None
    try:
        return _convert(text, expression)
    except (pint.errors.PintError, AttributeError, ZeroDivisionError):
        return None


def _convert(text: str, expression: str) -> Unit:
    registry = _registry()
    one = registry.Quantity(1.0, registry.parse_units(expression)).to_base_units()
    zero = registry.Quantity(0.0, registry.parse_units(expression)).to_base_units()
    offset = float(zero.magnitude)
    si = f"{one.units:~C}"
    return Unit(text, float(one.magnitude) - offset, offset, si, str(one.dimensionality))


def _name(text: str) -> str | None:
    if text in _symbols():
        return _symbols()[text]
    low = text.lower()
    return next((name for pattern, name in _words().items() if re.fullmatch(pattern, low)), None)


def _expression(text: str) -> str | None:
    """`kN/m2` as `(kilonewton) / (meter ** 2)`; what follows a stroke or `per` divides."""
    parts: list[str] = []
    at = 0
    sign = ""
    for joint in [*_JOINT.finditer(text), None]:
        end = joint.start() if joint else len(text)
        atom = _power(text[at:end])
        if atom is None:
            return None
        parts.append(sign + atom)
        if joint:
            at, sign = joint.end(), " / " if joint.group().strip() in ("/", "per") else " * "
    return "".join(parts)


def _power(text: str) -> str | None:
    found = _ATOM.match(text.strip())
    if found is None:
        return None
    shape, body, digits = found.groups()
    name = _name(body)
    if name is None or (name in OFFSET and (shape or digits)):
        return None
    powers = {"²": 2, "2": 2, "³": 3, "3": 3, "s": 2, "c": 3}
    power = powers[shape[0]] if shape else powers[digits[-1]] if digits else 1
    return f"({name} ** {power})" if name not in OFFSET else f"(delta_{name} ** {power})"
