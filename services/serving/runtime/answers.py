"""The use case: a request becomes an answer, is written down, and is given out only then."""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.chassis import auth, telemetry
from services.serving.domain import Completion, project_of
from services.serving.runtime.catalogue import Catalogue
from services.serving.runtime.domain import Answer, Ask, Choice, Finish, Generation, Json, Piece, Route, Sampling
from services.serving.runtime.engine import Engine, Running
from services.serving.runtime.errors import ContextLengthExceeded
from services.serving.runtime.ports import CompletionLog, Tokens
from services.serving.runtime.text import TextStream
from services.serving.runtime.tool_calls import Parsed, ToolCallStream, forced_beginning

Emit = Callable[[Piece], None]
Started = Callable[[Running], None]
GREEDY = Sampling()


def _ignore(_: object) -> None: ...


@dataclass(frozen=True)
class Request:
    """What a caller asked for, read and checked, whatever protocol it came by.

    A raw prompt (`prompt_ids`) goes past the chat template; `messages` says what it was for the record.
    """

    model: str
    messages: Sequence[Json]
    tools: Sequence[Json] = ()
    tool_choice: Any = None
    prompt_ids: tuple[int, ...] | None = None
    max_tokens: int | None = None
    sampling: Sampling = GREEDY
    stop: tuple[str, ...] = ()
    project: str = ""


class Answers:
    def __init__(
        self,
        catalogue: Catalogue,
        engine: Engine,
        tokens: Tokens,
        log: CompletionLog,
        base_digest: str,
        *,
        max_tokens: int,
        project: str,
    ) -> None:
        self._catalogue, self._engine, self._tokens, self._log = catalogue, engine, tokens, log
        self._base_digest, self._max_tokens, self._project = base_digest, max_tokens, project

    def prepare(self, request: Request) -> Ask:
        """Routes and renders. Every error of the request is raised here, before a byte of an answer."""
        route = self._catalogue.route(auth.caller().tenant, request.model, request.project)
        tools = [] if request.tool_choice == "none" else list(request.tools)
        prompt_ids = request.prompt_ids
        if prompt_ids is None:
            prompt_ids = tuple(self._tokens.render(request.messages, tools))
        work = Generation(
            adapter=route.adapter,
            prompt_ids=prompt_ids,
            max_tokens=self._room(len(prompt_ids), request.max_tokens),
            sampling=request.sampling,
            stop=request.stop,
            forced_ids=self._forced(tools, request.tool_choice),
        )
        project = self._project_for(route, request.project)
        return Ask(_completion_id(), project, request.model, route, request.messages, tools, work)

    def answer(self, ask: Ask, emit: Emit = _ignore, started: Started = _ignore) -> Answer:
        """Generates, hands each piece of plain content to `emit`, records, and returns the whole.

        The last piece, the one with `finish`, is emitted after the answer was recorded. `started` gets the running
        answer, so that it can be cancelled.
        """
        with telemetry.span(f"chat {ask.model}") as span:
            span.set_attributes(_request_attributes(ask))
            running = self._engine.submit(ask.generation)
            started(running)
            answer, last = _collect(running, ask, emit)
            span.set_attribute("gen_ai.usage.input_tokens", answer.prompt_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", answer.completion_tokens)
            span.set_attribute("gen_ai.response.finish_reasons", [answer.finish.value])
            self._log.record(ask.completion_id, ask.project, self._completion(ask, answer))
        emit(last)
        return answer

    def _room(self, prompt: int, wanted: int | None) -> int:
        context = self._tokens.context_length
        room = context - prompt
        if room < 1 or (wanted or 0) > room:
            raise ContextLengthExceeded(
                f"prompt ({prompt} tokens) and answer ({wanted or 1}) exceed the context of {context}"
            )
        return wanted or min(self._max_tokens, room)

    def _forced(self, tools: Sequence[Json], tool_choice: Any) -> tuple[int, ...]:
        text = forced_beginning(tools, tool_choice)
        # The last token is left to the model: training may have merged it with what follows.
        return tuple(self._tokens.encode(text)[:-1]) if text else ()

    def _project_for(self, route: Route, wanted: str) -> str:
        return project_of(route.spec.model_version) if route.spec else wanted or self._project

    def _completion(self, ask: Ask, answer: Answer) -> Completion:
        spec = ask.route.spec
        calls = [call.as_openai() for call in answer.tool_calls]
        return Completion(
            name=f"{ask.project}/completions/{ask.completion_id}",
            model_version=ask.route.model_version,
            adapter_digest=ask.route.adapter,
            dataset_version=spec.dataset_version if spec else "",
            dataset_digest=spec.dataset_digest if spec else "",
            base_digest=self._base_digest,
            messages_json=json.dumps(ask.messages, ensure_ascii=False),
            text=answer.text,
            tools_json=json.dumps(ask.tools, ensure_ascii=False) if ask.tools else "",
            tool_calls_json=json.dumps(calls, ensure_ascii=False) if calls else "",
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            finish_reason=answer.finish.value,
            caller=auth.caller().subject,
            trace_id=telemetry.trace_id(),
        )


def _completion_id() -> str:
    """32 hexadecimal digits that begin with the time in milliseconds, so that a list is in the order of time."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def _collect(running: Running, ask: Ask, emit: Emit) -> tuple[Answer, Piece]:
    """Reads an answer to its end; returns it and its last piece, which is not emitted yet."""
    calls = ToolCallStream(ask.tools)
    content, tokens, finish = "", list[Choice](), Finish.STOP
    last = Piece()
    for piece in running:
        text = calls.feed(piece.text)
        content += text
        tokens += piece.tokens
        last = replace(piece, text=text)
        if piece.finish is None:
            emit(last)
    parsed = calls.close()
    finish = _finish(last.finish or finish, parsed)
    answer = Answer(
        text=content + parsed.content,
        tool_calls=parsed.calls,
        tokens=tuple(tokens),
        finish=finish,
        prompt_tokens=len(ask.generation.prompt_ids),
        dropped=parsed.dropped,
    )
    return answer, replace(last, text=last.text + parsed.content, finish=finish)


def _finish(finish: Finish, parsed: Parsed) -> Finish:
    return Finish.TOOL_CALLS if parsed.calls and finish is Finish.STOP else finish


def _request_attributes(ask: Ask) -> Mapping[str, str | int | float]:
    """OpenTelemetry's gen_ai attributes; never the content."""
    work = ask.generation
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "whetstone",
        "gen_ai.request.model": ask.model,
        "gen_ai.response.model": ask.route.model_version,
        "gen_ai.response.id": ask.completion_id,
        "gen_ai.request.max_tokens": work.max_tokens,
        "gen_ai.request.temperature": work.sampling.temperature,
    }


def scored_text(tokens: Tokens, ids: Sequence[int]) -> str:
    """The text of ids as an answer would give it."""
    stream = TextStream(tokens.decode)
    return "".join([stream.feed(id_) for id_ in ids]) + stream.close()
