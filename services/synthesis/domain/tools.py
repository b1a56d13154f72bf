"""Tool calls: requests that name every argument, requests that lack one, and talk that calls for no tool.

Works from any OpenAI function schema. Values come from the schema (enums, bounds, formats) and from the corpus.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.synthesis.domain.examples import Example, Kind, Split
from services.synthesis.domain.language import is_plural
from services.synthesis.domain.replay import QUESTIONS

Schema = Mapping[str, Any]
CALL_FRAMES = (
    "Please {verb}: {arguments}.",
    "I need you to {verb} with {arguments}.",
    "{Verb} now, {arguments}.",
    "Go ahead and {verb}; use {arguments}.",
)
HELDOUT_CALL_FRAMES = ("Can you {verb} for me? It has {arguments}.", "Next step: {verb}, and set {arguments}.")
LACKING_FRAMES = ("Please {verb}.", "I need you to {verb}.", "Can you {verb} for me?")
TRAIN_CALLS, HELDOUT_CALLS = 4, 2
TEXTS = ("check the drawings", "call the supplier", "site visit on Monday", "repeat the measurement", "send the report")
DATES = ("2026-03-02", "2026-04-17", "2026-05-29", "2026-07-06", "2026-09-11", "2026-10-30")


def read_tools(text: str) -> list[Schema]:
    """The tools of a JSON list of OpenAI function tools. Raises ValueError saying what is wrong."""
    tools = json.loads(text or "[]")
    if not isinstance(tools, list):
        raise ValueError("tools_json must be a list")
    for n, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
            raise ValueError(f"tool {n} has no function with a name")
        if not isinstance(function.get("parameters", {}), dict):
            raise ValueError(f"the parameters of {function['name']} must be a JSON schema")
    return tools


def tool_examples(tools: Sequence[Schema], subjects: Sequence[str], seed: int) -> list[Example]:
    """Calls, requests to ask back on, and talk that calls for nothing, each with every tool on offer."""
    examples = [e for tool in tools for e in (*_calls(tool, tools, subjects, seed), *_lacking(tool, tools))]
    return [*examples, *_idle(tools)] if tools else []


def _calls(tool: Schema, tools: Sequence[Schema], subjects: Sequence[str], seed: int) -> Iterable[Example]:
    for n in range(TRAIN_CALLS + HELDOUT_CALLS):
        is_heldout = n >= TRAIN_CALLS
        frames = HELDOUT_CALL_FRAMES if is_heldout else CALL_FRAMES
        arguments = _arguments(tool["function"], subjects, n, seed)
        question = _request(frames[n % len(frames)], tool, arguments)
        split = Split.HELDOUT_UNSEEN if is_heldout else Split.TRAIN
        call = (tool["function"]["name"], arguments)
        yield Example(Kind.TOOL, split, question, "", tools=tuple(tools), call=call)


def _lacking(tool: Schema, tools: Sequence[Schema]) -> Iterable[Example]:
    """Requests without what the tool requires: to be asked back on, not called with invented values."""
    function = tool["function"]
    required = [spoken(name) for name in function.get("parameters", {}).get("required", ())]
    if not required:
        return
    wanted = required[0] if len(required) == 1 else f"{', '.join(required[:-1])} and {required[-1]}"
    for n, frame in enumerate(LACKING_FRAMES):
        split = Split.HELDOUT_UNSEEN if n == len(LACKING_FRAMES) - 1 else Split.TRAIN
        question = frame.replace("{verb}", verb_phrase(function["name"]))
        yield Example(Kind.TOOL, split, question, f"Please tell me first: {wanted}.", tools=tuple(tools))


def _idle(tools: Sequence[Schema]) -> Iterable[Example]:
    """General questions with tools on offer: to be answered, not called on."""
    for n, (question, answer) in enumerate(QUESTIONS[:4]):
        split = Split.HELDOUT_UNSEEN if n == 3 else Split.TRAIN
        yield Example(Kind.TOOL, split, question, answer, tools=tuple(tools))


def _request(frame: str, tool: Schema, arguments: Mapping[str, Any]) -> str:
    verb = verb_phrase(tool["function"]["name"])
    listed = ", ".join(f"{spoken(name)} {_said(value)}" for name, value in arguments.items())
    text = frame.replace("{verb}", verb).replace("{Verb}", verb[:1].upper() + verb[1:])
    return text.replace("{arguments}", listed or "no further details")


def spoken(name: str) -> str:
    """An identifier as words: `create_task`, `createTask` and `create-task` are `create task`."""
    parts = "".join(f" {c}" if c.isupper() else c for c in name).replace("_", " ").replace("-", " ").replace(".", " ")
    return " ".join(parts.split()).lower()


def verb_phrase(name: str) -> str:
    """A function's name as what one asks for: `create_task` is `create a task`, `list_tasks` is `list tasks`."""
    verb, _, rest = spoken(name).partition(" ")
    if not rest or is_plural(rest) or " " in rest:
        return f"{verb} {rest}".strip()
    return f"{verb} {'an' if rest[0] in 'aeiou' else 'a'} {rest}"


def _said(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _arguments(function: Schema, subjects: Sequence[str], turn: int, seed: int) -> dict[str, Any]:
    """Values for what is required, and by turns for one optional parameter."""
    parameters = function.get("parameters", {})
    properties = parameters.get("properties", {})
    required = [name for name in parameters.get("required", ()) if name in properties]
    optional = [name for name in properties if name not in required]
    names = required + (optional[turn % len(optional) :][:1] if optional and (turn % 2 or not required) else [])
    return {n: _value(properties[n], subjects, f"{seed}/{function['name']}/{n}", turn) for n in names}


def _value(schema: Schema, subjects: Sequence[str], salt: str, turn: int) -> Any:
    """The `turn`-th value that fits a parameter's schema; values go round where they are few."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][turn % len(schema["enum"])]
    kind = schema.get("type", "string")
    kind = next((k for k in kind if k != "null"), "string") if isinstance(kind, list) else kind
    if kind == "boolean":
        return turn % 2 == 0
    if kind in ("integer", "number"):
        return _number(schema, kind, salt, turn)
    if kind == "array":
        return [_value(schema.get("items", {}), subjects, salt, turn)]
    if kind == "object":
        inner = schema.get("properties", {})
        return {name: _value(inner[name], subjects, f"{salt}/{name}", turn) for name in schema.get("required", ())}
    return _text(schema, subjects, salt, turn)


def _number(schema: Schema, kind: str, salt: str, turn: int) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 500) - 1)
    picked = low + (_hash(salt, turn) % 997) / 997 * max(high - low, 0)
    return int(picked) if kind == "integer" else round(float(picked), 1)


def _text(schema: Schema, subjects: Sequence[str], salt: str, turn: int) -> str:
    name = salt.rsplit("/", 1)[-1].lower()
    about = f"{name} {schema.get('description', '')} {schema.get('format', '')}".lower()
    if schema.get("format") == "date-time":
        return f"{DATES[turn % len(DATES)]}T09:00:00Z"
    if schema.get("format") == "date" or "yyyy-mm-dd" in about or name.startswith("due") or name.endswith("date"):
        return DATES[turn % len(DATES)]
    if name.endswith(("id", "gid", "number", "code", "ref", "reference")):
        return f"{'ABCDEFGH'[_hash(salt, turn) % 8]}-{1000 + _hash(salt, turn) % 9000}"
    choices = [*subjects, *TEXTS] if subjects else list(TEXTS)
    return choices[_hash(salt, turn) % len(choices)][: schema.get("maxLength", 80)]


def _hash(salt: str, turn: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{salt}/{turn}".encode()).digest()[:4], "big")
