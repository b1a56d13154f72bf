"""Tool calls in an answer's text, `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, and their check."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import SchemaError, best_match
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from services.serving.runtime.domain import Json, ToolCall
from services.serving.runtime.errors import RequestMalformed

OPEN, CLOSE = "<tool_call>", "</tool_call>"


@dataclass(frozen=True)
class Parsed:
    """What is left of a text: plain content, the calls that are valid, and why others are not."""

    content: str
    calls: tuple[ToolCall, ...] = ()
    dropped: tuple[str, ...] = ()


class ToolCallStream:
    """Splits a streamed text into content, given out at once, and calls, given out at the end."""

    def __init__(self, tools: Sequence[Json]) -> None:
        self._parameters = {_function(tool)["name"]: _function(tool).get("parameters") or {} for tool in tools}
        self._held = ""

    def feed(self, text: str) -> str:
        """The content that is certain now."""
        if not self._parameters:
            return text
        self._held += text
        at = self._held.find(OPEN)
        if at < 0:
            at = len(self._held) - _beginning(self._held)
        content, self._held = self._held[:at], self._held[at:]
        return content

    def close(self) -> Parsed:
        """What was held back: calls, and content where it is none. Text of an invalid call stays content."""
        content, calls, dropped = "", [], []
        rest = self._held
        while rest:
            before, opened, after = rest.partition(OPEN)
            content += before
            if not opened:
                break
            body, closed, rest = after.partition(CLOSE)
            try:
                calls.append(self._call(body))
            except ValueError as error:
                content += opened + body + closed
                dropped.append(str(error))
        return Parsed(content if content.strip() or not calls else "", tuple(calls), tuple(dropped))

    def _call(self, body: str) -> ToolCall:
        """Raises ValueError with the reason."""
        try:
            value = json.loads(body)
        except RecursionError as error:
            raise ValueError("a tool call nests too deeply") from error
        if not isinstance(value, dict) or not isinstance(value.get("name"), str):
            raise ValueError("a tool call is an object with a name")
        name, arguments = value["name"], value.get("arguments", {})
        if name not in self._parameters:
            raise ValueError(f"no tool is called {name!r}")
        if not isinstance(arguments, dict):
            raise ValueError(f"arguments of {name!r} are no object")
        if fault := _fault(self._parameters[name], arguments):
            raise ValueError(f"arguments of {name!r}: {fault}")
        return ToolCall(f"call_{uuid.uuid4().hex[:24]}", name, json.dumps(arguments, ensure_ascii=False))


def _function(tool: Json) -> Mapping[str, Any]:
    found: Mapping[str, Any] = tool["function"]
    return found


def _fault(schema: Mapping[str, Any], arguments: Json) -> str:
    """Why the arguments don't fit; empty where they do."""
    try:
        # An empty registry: a schema of the request must never make this server fetch an address.
        error = best_match(validator_for(schema)(schema, registry=Registry()).iter_errors(arguments))
    except (Unresolvable, RecursionError) as unreadable:
        return f"the schema can't be followed: {unreadable}"
    return f"{error.json_path}: {error.message}" if error else ""


def _beginning(text: str) -> int:
    """How many characters at the end may be the beginning of a call."""
    return next((size for size in range(min(len(OPEN) - 1, len(text)), 0, -1) if text.endswith(OPEN[:size])), 0)


def check_tools(tools: Sequence[Json]) -> None:
    """Raises RequestMalformed where a tool is not one, or its schema is no JSON schema."""
    for at, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str) or not function["name"]:
            raise RequestMalformed(f"tools[{at}] is not a function with a name", param=f"tools[{at}]")
        schema = function.get("parameters") or {}
        try:
            if not isinstance(schema, Mapping):
                raise TypeError("a schema of parameters is an object")
            validator_for(schema).check_schema(schema)
        except (SchemaError, TypeError, RecursionError) as error:
            raise RequestMalformed(
                f"tools[{at}].function.parameters is no JSON schema", param=f"tools[{at}]"
            ) from error


def forced_beginning(tools: Sequence[Json], tool_choice: Any) -> str:
    """The text that an answer must begin with for `tool_choice`; empty where it is free. Raises RequestMalformed."""
    if tool_choice in (None, "auto", "none"):
        return ""
    if not tools:
        raise RequestMalformed("tool_choice needs tools", param="tool_choice")
    if tool_choice == "required":
        return OPEN + '{"name": "'
    name = (tool_choice.get("function") or {}).get("name") if isinstance(tool_choice, Mapping) else None
    if name not in {_function(tool)["name"] for tool in tools}:
        raise RequestMalformed("tool_choice names no tool of the request", param="tool_choice")
    return f'{OPEN}{{"name": {json.dumps(name)}, "arguments": {{'
