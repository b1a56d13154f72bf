"""Answers in OpenAI's shapes: whole, in chunks, and errors."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.chassis.errors import HTTP_STATUS, ServiceError, grpc_status
from services.serving.runtime.domain import Answer, Ask, Choice
from services.serving.runtime.ports import Tokens

Shape = dict[str, Any]
# OpenAI's error types by HTTP status.
ERROR_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


def error_body(error: ServiceError) -> tuple[int, Shape]:
    """HTTP status and OpenAI error body; `code` is the stable reason."""
    status = HTTP_STATUS[grpc_status(error)]
    kind = ERROR_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    body = {
        "message": error.message,
        "type": kind,
        "param": error.metadata.get("param"),
        "code": error.reason,
        "status": grpc_status(error).name,
    }
    return status, {"error": body}


def headers(ask: Ask) -> dict[str, str]:
    """What every answer says of its making."""
    spec = ask.route.spec
    given = {
        "whetstone-completion-id": ask.completion_id,
        "whetstone-completion-name": f"{ask.project}/completions/{ask.completion_id}",
        "whetstone-model-version": ask.route.model_version,
        "whetstone-adapter-digest": ask.route.adapter,
        "whetstone-dataset-version": spec.dataset_version if spec else "",
    }
    if ask.route.warning:
        given["whetstone-warning"] = _header_text(ask.route.warning)
    return given


def _header_text(text: str) -> str:
    """Header values are Latin-1 on one line (RFC 9110)."""
    return " ".join(text.split()).encode("latin-1", "replace").decode("latin-1")


def usage(answer: Answer) -> Shape:
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }


class ChatShape:
    """`chat.completion` and `chat.completion.chunk`."""

    path = "chat.completion"

    def __init__(self, ask: Ask, tokens: Tokens, *, with_logprobs: bool) -> None:
        self._ask, self._tokens, self._with_logprobs = ask, tokens, with_logprobs
        self._created = int(time.time())

    def whole(self, answer: Answer) -> Shape:
        message: Shape = {"role": "assistant", "content": answer.text, "refusal": None}
        if answer.tool_calls:
            message["content"] = answer.text or None
            message["tool_calls"] = [call.as_openai() for call in answer.tool_calls]
        choice = {"index": 0, "message": message, "finish_reason": answer.finish.value}
        shape = self._shape("chat.completion", choice | self._logprobs(answer.tokens)) | {"usage": usage(answer)}
        return shape | ({"whetstone_dropped_tool_calls": list(answer.dropped)} if answer.dropped else {})

    def first(self) -> Shape:
        return self._chunk({"role": "assistant", "content": ""}, ())

    def piece(self, text: str, tokens: Sequence[Choice]) -> Shape:
        return self._chunk({"content": text}, tokens)

    def calls(self, answer: Answer) -> list[Shape]:
        """One chunk for each tool call."""
        calls = [{"index": at, **call.as_openai()} for at, call in enumerate(answer.tool_calls)]
        return [self._chunk({"tool_calls": [call]}, ()) for call in calls]

    def last(self, answer: Answer) -> Shape:
        return self._chunk({}, (), answer.finish.value)

    def usage(self, answer: Answer) -> Shape:
        return self._shape("chat.completion.chunk", None) | {"usage": usage(answer)}

    def _chunk(self, delta: Shape, tokens: Sequence[Choice], finish: str | None = None) -> Shape:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return self._shape("chat.completion.chunk", choice | self._logprobs(tokens))

    def _logprobs(self, tokens: Sequence[Choice]) -> Shape:
        if not self._with_logprobs or not tokens:
            return {"logprobs": None}
        return {"logprobs": {"content": [_token(self._tokens, choice) for choice in tokens], "refusal": None}}

    def _shape(self, kind: str, choice: Shape | None) -> Shape:
        return {
            "id": f"chatcmpl-{self._ask.completion_id}",
            "object": kind,
            "created": self._created,
            "model": self._ask.model,
            "choices": [choice] if choice else [],
        }


class TextShape(ChatShape):
    """`text_completion`, whole and in chunks alike."""

    def whole(self, answer: Answer) -> Shape:
        return self._text(answer.text, answer.tokens, answer.finish.value) | {"usage": usage(answer)}

    def first(self) -> Shape:
        return self._text("", ())

    def piece(self, text: str, tokens: Sequence[Choice]) -> Shape:
        return self._text(text, tokens)

    def calls(self, answer: Answer) -> list[Shape]:
        return []

    def last(self, answer: Answer) -> Shape:
        return self._text("", (), answer.finish.value)

    def usage(self, answer: Answer) -> Shape:
        return self._shape("text_completion", None) | {"usage": usage(answer)}

    def _text(self, text: str, tokens: Sequence[Choice], finish: str | None = None) -> Shape:
        choice = {"index": 0, "text": text, "finish_reason": finish, "logprobs": self._old_logprobs(tokens)}
        return self._shape("text_completion", choice) | {"id": f"cmpl-{self._ask.completion_id}"}

    def _old_logprobs(self, tokens: Sequence[Choice]) -> Shape | None:
        if not self._with_logprobs or not tokens:
            return None
        texts = [_text_of(self._tokens, choice.id) for choice in tokens]
        return {
            "tokens": texts,
            "token_logprobs": [choice.logprob for choice in tokens],
            "top_logprobs": [{_text_of(self._tokens, i): p for i, p in choice.top} for choice in tokens],
            "text_offset": [sum(map(len, texts[:at])) for at in range(len(texts))],
        }


def _token(tokens: Tokens, choice: Choice) -> Shape:
    alternatives = [_alternative(tokens, id_, logprob) for id_, logprob in choice.top]
    return _alternative(tokens, choice.id, choice.logprob) | {"top_logprobs": alternatives}


def _alternative(tokens: Tokens, id_: int, logprob: float) -> Shape:
    return {"token": _text_of(tokens, id_), "logprob": logprob, "bytes": list(tokens.raw(id_))}


def _text_of(tokens: Tokens, id_: int) -> str:
    return tokens.raw(id_).decode(errors="replace")


def model_list(names: Sequence[str], started: int, describe: Callable[[str], Mapping[str, str]]) -> Shape:
    return {"object": "list", "data": [model_card(name, started, describe(name)) for name in names]}


def model_card(name: str, started: int, details: Mapping[str, str]) -> Shape:
    return {"id": name, "object": "model", "created": started, "owned_by": "whetstone", **details}
