"""OpenAI request bodies, read strictly: what would change the answer is honoured or refused, never ignored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.serving.runtime.answers import Request
from services.serving.runtime.domain import RAW_PROMPT, Json, Sampling
from services.serving.runtime.errors import ParameterUnsupported, RequestMalformed
from services.serving.runtime.tool_calls import check_tools

MAX_STOP, MAX_TOP_LOGPROBS, MAX_TEMPERATURE, MAX_SEED = 4, 20, 2.0, 2**63 - 1
ROLES = ("system", "developer", "user", "assistant", "tool")
_SHARED = {"model", "max_tokens", "temperature", "top_p", "seed", "stop", "stream", "stream_options", "logprobs"}
CHAT_FIELDS = _SHARED | {"messages", "tools", "tool_choice", "max_completion_tokens", "top_logprobs"}
TEXT_FIELDS = _SHARED | {"prompt"}
# They say who asks or how to bill and cache; the answer is the same without them.
INERT = {
    "user", "metadata", "store", "service_tier", "parallel_tool_calls", "safety_identifier", "prompt_cache_key",
    "prompt_cache_retention",
}  # fmt: skip
# Values of fields beyond this server's that ask for nothing.
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "echo": (False,),
    "suffix": ("",),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
}


@dataclass(frozen=True)
class Streaming:
    """How the answer is given out."""

    stream: bool
    include_usage: bool
    logprobs: bool


def chat_request(body: Any) -> tuple[Request, Streaming]:
    """Reads a body of /v1/chat/completions. Raises RequestMalformed, ParameterUnsupported."""
    fields = _Fields(body, CHAT_FIELDS)
    tools = fields.take("tools", list) or []
    check_tools(tools)
    logprobs = fields.take("logprobs", bool) or False
    top = fields.number("top_logprobs", int, 0, MAX_TOP_LOGPROBS)
    if top and not logprobs:
        raise RequestMalformed("top_logprobs needs logprobs", param="top_logprobs")
    request = Request(
        model=fields.required("model", str),
        messages=_messages(fields.required("messages", list)),
        tools=tools,
        tool_choice=body.get("tool_choice"),
        max_tokens=fields.number("max_completion_tokens", int, 1) or fields.number("max_tokens", int, 1),
        sampling=fields.sampling(top or 0),
        stop=fields.stop(),
    )
    return request, fields.streaming(logprobs)


def text_request(body: Any, encode: Callable[[str], Sequence[int]]) -> tuple[Request, Streaming]:
    """Reads a body of /v1/completions; the prompt, a text or token ids, goes past the chat template."""
    fields = _Fields(body, TEXT_FIELDS)
    ids, text = _prompt(fields.required("prompt", object), encode)
    top = fields.number("logprobs", int, 0, MAX_TOP_LOGPROBS)
    request = Request(
        model=fields.required("model", str),
        messages=[{"role": RAW_PROMPT, "content": text}],
        prompt_ids=tuple(ids),
        max_tokens=fields.number("max_tokens", int, 1),
        sampling=fields.sampling(top or 0),
        stop=fields.stop(),
    )
    return request, fields.streaming(top is not None)


def _prompt(value: Any, encode: Callable[[str], Sequence[int]]) -> tuple[Sequence[int], Any]:
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], int):
        value = value[0]
    if isinstance(value, str) and value:
        return encode(value), value
    if isinstance(value, list) and value and all(type(item) is int and item >= 0 for item in value):
        return value, value
    raise RequestMalformed("prompt must be one text or one list of token ids", param="prompt")


def _messages(value: list[Any]) -> list[Json]:
    if not value:
        raise RequestMalformed("messages must not be empty", param="messages")
    return [_message(item, f"messages[{at}]") for at, item in enumerate(value)]


def _message(item: Any, where: str) -> Json:
    if not isinstance(item, dict) or item.get("role") not in ROLES:
        raise RequestMalformed(f"{where} needs a role, one of {', '.join(ROLES)}", param=where)
    # OpenAI's newer name of the system role; templates know the older one.
    role = "system" if item["role"] == "developer" else item["role"]
    calls = item.get("tool_calls") or []
    if not isinstance(calls, list) or not all(_is_call(call) for call in calls):
        raise RequestMalformed(f"{where}.tool_calls is not a list of function calls", param=where)
    return {**item, "role": role, "content": _content(item.get("content"), where, optional=bool(calls))}


def _is_call(call: Any) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return (
        isinstance(function, dict)
        and isinstance(function.get("name"), str)
        and isinstance(function.get("arguments"), str)
    )


def _content(value: Any, where: str, *, optional: bool) -> str:
    """Text, or the joined text parts. This model reads nothing else."""
    if isinstance(value, str):
        return value
    if value is None and optional:
        return ""
    if not isinstance(value, list):
        raise RequestMalformed(f"{where}.content must be text", param=where)
    if any(not isinstance(part, dict) or part.get("type") != "text" for part in value):
        raise ParameterUnsupported(f"{where}.content may hold text parts only", param=where)
    return "".join(str(part.get("text", "")) for part in value)


class _Fields:
    """A JSON body's fields, each of a stated type."""

    def __init__(self, body: Any, known: set[str]) -> None:
        if not isinstance(body, dict):
            raise RequestMalformed("the body must be a JSON object")
        self._body = body
        for name, value in body.items():
            neutral = value is None or any(value == item for item in NEUTRAL.get(name, ()))
            if name not in known and name not in INERT and not neutral:
                raise ParameterUnsupported(f"{name} is not supported here", param=name)

    def take(self, name: str, kind: type) -> Any:
        value = self._body.get(name)
        if value is not None and not isinstance(value, kind):
            raise RequestMalformed(f"{name} must be of type {kind.__name__}", param=name)
        return value

    def required(self, name: str, kind: type) -> Any:
        value = self.take(name, kind)
        if value is None:
            raise RequestMalformed(f"{name} is missing", param=name)
        return value

    def number(self, name: str, kind: type, low: float, high: float = float("inf")) -> Any:
        value = self._body.get(name)
        if value is None:
            return None
        fits = type(value) is int or (kind is float and type(value) is float)
        if not fits or not low <= value <= high:
            raise RequestMalformed(f"{name} must be a number from {low:g} to {high:g}", param=name)
        return value

    def sampling(self, top_logprobs: int) -> Sampling:
        top_p = self.number("top_p", float, 0, 1)
        return Sampling(
            temperature=float(self.number("temperature", float, 0, MAX_TEMPERATURE) or 0),
            top_p=1.0 if top_p is None else float(top_p),
            seed=self.number("seed", int, -MAX_SEED, MAX_SEED),
            top_logprobs=top_logprobs,
        )

    def stop(self) -> tuple[str, ...]:
        value = self._body.get("stop")
        stops = [value] if isinstance(value, str) else value or []
        if (
            not isinstance(stops, list)
            or not all(isinstance(one, str) and one for one in stops)
            or len(stops) > MAX_STOP
        ):
            raise RequestMalformed(f"stop must be a text or up to {MAX_STOP} texts", param="stop")
        return tuple(stops)

    def streaming(self, logprobs: bool) -> Streaming:
        stream = bool(self.take("stream", bool))
        options = self.take("stream_options", dict) or {}
        if options and not stream:
            raise RequestMalformed("stream_options needs stream", param="stream_options")
        return Streaming(stream, bool(options.get("include_usage")), logprobs)
