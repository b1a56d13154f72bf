"""A part of OPTIMADE 1.2's filter language (section 5): comparisons, HAS, CONTAINS, AND, OR, NOT, brackets."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>[-+]?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<op><=|>=|!=|[=<>()]))"""
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class FilterInvalid(ValueError):
    """The filter is not of the language."""


def parse(text: str) -> Test:
    """The test that a filter stands for; an empty filter holds for everything. Raises FilterInvalid."""
    if not text.strip():
        return lambda entry: True
    parser = _Parser(_tokens(text))
    test = parser.either()
    if parser.peek():
        raise FilterInvalid(f"unexpected {parser.peek()!r}")
    return test


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FilterInvalid(f"can't read {text[at:]!r}")
        found.append(match.group().strip())
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, *expected: str) -> str:
        token = self.peek()
        if not token or (expected and token not in expected):
            raise FilterInvalid(f"unexpected {token or 'end'!r}")
        return self._tokens.pop(0)

    def either(self) -> Test:
        tests = [self._both()]
        while self.peek() == "OR":
            self._take()
            tests.append(self._both())
        return lambda entry: any(test(entry) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self.peek() == "AND":
            self._take()
            tests.append(self._single())
        return lambda entry: all(test(entry) for test in tests)

    def _single(self) -> Test:
        if self.peek() == "NOT":
            self._take()
            inner = self._single()
            return lambda entry: not inner(entry)
        if self.peek() == "(":
            self._take()
            inside = self.either()
            self._take(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Test:
        name = self._take()
        if not re.fullmatch(r"[a-z_][a-z_0-9]*", name):
            raise FilterInvalid(f"{name!r} is not a property")
        kind = self._take("HAS", "CONTAINS", *_COMPARE)
        value = _value(self._take())
        if kind in ("HAS", "CONTAINS"):
            return lambda entry: value in (entry.get(name) or ())
        compare = _COMPARE[kind]
        # An unknown property never matches (section 5.4).
        return lambda entry: isinstance(entry.get(name), type(value)) and compare(entry[name], value)


def _value(token: str) -> Any:
    if token.startswith('"'):
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    try:
        return int(token) if re.fullmatch(r"[-+]?\d+", token) else float(token)
    except ValueError as error:
        raise FilterInvalid(f"{token!r} is not a value") from error
