"""Is an answer right? Text as whole words, quantities across units, refusals, tool calls against schemas."""

from __future__ import annotations

import functools
import json
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import jsonschema

from training.data import Example

NUMBER = re.compile(
    r"(?<![\w.])[-−+]?\d{1,3}(?:[,\u202f\u00a0 ]\d{3})+(?:\.\d+)?(?![\d])|(?<![\w.])[-−+]?\d+(?:\.\d+)?"
)
# What may stand between a number and the end of its unit: "N·m", "kN/m²", "m / s".
UNIT_SPAN = re.compile(r"\s*([°µμΩ%A-Za-z²³⁻¹·*/^\-0-9]+(?:\s*[/·*]\s*[A-Za-z²³0-9]+){0,2})")
UNIT_FORM = re.compile(r"(?:[A-Za-zµΩ]+(?:\*\*-?[1-4])?)(?:[*/][A-Za-zµΩ]+(?:\*\*-?[1-4])?){0,3}")
SUPERSCRIPTS = str.maketrans({"²": "**2", "³": "**3", "·": "*", "⋅": "*", "×": "*", "^": "**", "−": "-", "μ": "µ"})
UNIT_NAMES = {"°C": "degC", "°F": "degF", "°": "degree", "%": "percent"}
CALL_START = "<tool_call>"
CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
DECLINE = re.compile(
    r"\b(?:(?:do|does|did|can|could|is|was|are)(?:n['’]t| not)|cannot|not)\b[^.]{0,40}"
    r"\b(?:know|say|answer|tell|find|found|state|stated|contain|contained|in (?:the|my|any)|given|specified|covered|"
    r"available|sure|help|mention|mentioned|provide|provided)\b|"
    r"\bno (?:information|record|data|such|value|mention|document)\b|"
    r"\bunknown\b|\bunable to\b",
    re.IGNORECASE,
)
YES_NO = ("yes", "no")
SAME_UNIT, CONVERTED = 1e-6, 0.005


@dataclass(frozen=True)
class Verdict:
    """`correct` as a whole; the others are None where the question isn't of that kind."""

    correct: bool
    declined: bool
    tool_valid: bool | None = None
    tool_right: bool | None = None


def judge(example: Example, answer: str) -> Verdict:
    """Scores an answer against its example."""
    declined = bool(DECLINE.search(answer))
    if example.must_decline:
        return Verdict(declined, declined)
    if example.kind == "tool" and not example.messages[-1].get("tool_calls"):
        return Verdict(CALL_START not in answer, declined)  # tools are on offer, and none is due
    if example.kind == "tool":
        valid, right = judge_call(example, answer)
        return Verdict(right, declined, valid, right)
    accept = example.accept or [{"text": example.messages[-1].get("content") or ""}]
    return Verdict(any(accepts(a, answer) for a in accept), declined)


def accepts(accept: dict[str, Any], answer: str) -> bool:
    """Whether an answer fits one accepted form: `{"text"}`, or `{"value", "unit", "tolerance"}`.

    A text must occur as whole words, yes and no as the first one. Of quantities the first with a unit of the same
    kind counts, so that an answer can't be right by listing values. Tolerances are relative; a value in the
    accepted unit itself must be the accepted one.
    """
    if "text" in accept:
        return _says(normalise(answer).split(" "), normalise(str(accept["text"])).split(" "))
    wanted, unit = float(accept["value"]), str(accept.get("unit", ""))
    for value, given in quantities(answer):
        converted = convert(value, given, unit)
        if converted is not None:
            same = _unit(given) == _unit(unit)
            tolerance = SAME_UNIT if same else max(float(accept.get("tolerance") or 0), CONVERTED)
            return math.isclose(converted, wanted, rel_tol=tolerance, abs_tol=1e-12)
    return False


def _says(answer: list[str], wanted: list[str]) -> bool:
    starts = range(1 if wanted[0] in YES_NO and len(wanted) == 1 else len(answer))
    return any(answer[i : i + len(wanted)] == wanted for i in starts)


def normalise(text: str) -> str:
    """Lower case, compatibility forms, single spaces, no punctuation at the edges of words."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("−", "-")
    words = (word.strip(".,;:!?\"'()[]*`“”’") for word in text.split())
    return " ".join(word for word in words if word)


def quantities(text: str) -> list[tuple[float, str]]:
    """Numbers in a text with the unit that follows each, or "" for none."""
    found = []
    for match in NUMBER.finditer(text):
        digits = re.sub(r"[,\u202f\u00a0 ]", "", match.group()).replace("−", "-")
        found.append((float(digits), _unit_after(text[match.end() : match.end() + 40])))
    return found


def convert(value: float, unit: str, wanted: str) -> float | None:
    """The value in another unit, or None where the two don't measure the same."""
    import pint

    source, target = _unit(unit), _unit(wanted)
    if source == target:
        return value
    if not source or not target:
        return None
    try:
        return float(_registry().Quantity(value, source).to(target).magnitude)
    except pint.errors.DimensionalityError:
        return None


def judge_call(example: Example, answer: str) -> tuple[bool, bool]:
    """Whether an answer's tool call is valid (JSON, a known tool, arguments by its schema) and the expected one."""
    match = CALL.search(answer)
    if match is None:
        return False, False
    try:
        call = json.loads(match.group(1))
        name, arguments = call["name"], call["arguments"]
        schemas = {t["name"]: t.get("parameters", {}) for t in (t.get("function", t) for t in example.tools)}
        jsonschema.validate(arguments, schemas[name])
    except (ValueError, KeyError, TypeError, jsonschema.ValidationError):
        return False, False
    expected = [c.get("function", c) for c in example.messages[-1].get("tool_calls") or []]
    return True, any(name == e["name"] and arguments == _arguments(e) for e in expected)


def _arguments(call: dict[str, Any]) -> Any:
    return json.loads(call["arguments"]) if isinstance(call["arguments"], str) else call["arguments"]


@functools.cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


@functools.cache
def _unit(text: str) -> str:
    """A unit in pint's own spelling; "" for none, and for a word that is no unit."""
    import pint

    text = text.strip().rstrip(".,;:)")
    if not text:
        return ""
    plain = re.sub(r"([A-Za-z])(-?\d)", r"\1**\2", text.translate(SUPERSCRIPTS).replace("°", "deg"))
    # Only products and quotients of names with small powers reach the parser: an answer may hold anything.
    if text not in UNIT_NAMES and not UNIT_FORM.fullmatch(plain):
        return ""
    try:
        return str(_registry().Unit(UNIT_NAMES.get(text, plain)))
    except (
        pint.errors.UndefinedUnitError,
        pint.errors.DefinitionSyntaxError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):
        return ""


def _unit_after(rest: str) -> str:
    match = UNIT_SPAN.match(rest)
    found = match.group(1).replace(" ", "") if match else ""
    return found if _unit(found) else ""
