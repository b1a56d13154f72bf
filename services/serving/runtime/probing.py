"""What the gate and the tracer ask of the server that answers users: greedy answers, scores, influence features."""

import json
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from services.serving.domain import AdapterSpec, Completion, InfluenceFeatures, ProbePrompt, ProbeReport, ProbeResult
from services.serving.runtime.adapter_set import AdapterSet
from services.serving.runtime.answers import scored_text
from services.serving.runtime.domain import RAW_PROMPT, Finish, Generation, Json
from services.serving.runtime.engine import Engine
from services.serving.runtime.errors import ContextLengthExceeded, RequestMalformed
from services.serving.runtime.ports import AdapterFiles, LanguageModel, Tokens

DEFAULT_NEW_TOKENS = 48
ENDED = (Finish.STOP.value, Finish.TOOL_CALLS.value)


class Probing:
    """Works on any registered version; one that is not declared is loaded for as long as the question takes."""

    def __init__(
        self, adapters: AdapterSet, engine: Engine, model: LanguageModel, tokens: Tokens, files: AdapterFiles
    ) -> None:
        self._adapters, self._engine, self._files = adapters, engine, files
        self._model, self._tokens = model, tokens

    def probe(self, spec: AdapterSpec | None, prompts: Sequence[ProbePrompt], max_new_tokens: int) -> ProbeReport:
        """Without a spec the plain base is probed. Raises what rendering and loading raise."""
        if spec is None:
            return self._report("", prompts, max_new_tokens)
        with self._adapters.borrowed(spec):
            return self._report(spec.adapter_digest, prompts, max_new_tokens)

    def influence(self, spec: AdapterSpec, completion: Completion) -> InfluenceFeatures:
        """Features of an answer in its adapter's influence index, and its loss with and without the adapter."""
        bundle = self._files.fetch_influence(spec)
        prompt_ids, answer_ids = self._rendered(completion)
        with self._adapters.borrowed(spec):
            rows = self._adapters.undisturbed(lambda: self._model.features(bundle, prompt_ids, answer_ids))
            base, tuned = (self._loss(adapter, prompt_ids, answer_ids) for adapter in ("", spec.adapter_digest))
        flat = tuple(value for row in rows for value in row)
        return InfluenceFeatures(flat, len(rows), len(rows[0]), base, tuned)

    def _loss(self, adapter: str, prompt_ids: Sequence[int], ids: Sequence[int]) -> float:
        """Mean negative log-likelihood in nats per token."""
        return -fmean(self._engine.call(lambda model: model.score(adapter, prompt_ids, ids)))

    def _report(self, adapter: str, prompts: Sequence[ProbePrompt], max_new_tokens: int) -> ProbeReport:
        results = tuple(self._probe(adapter, prompt, max_new_tokens or DEFAULT_NEW_TOKENS) for prompt in prompts)
        ends = tuple(sorted(self._tokens.end_ids))
        return ProbeReport(results, adapter, self._model.base_digest, self._model.dtype, ends)

    def _probe(self, adapter: str, prompt: ProbePrompt, max_new_tokens: int) -> ProbeResult:
        messages = read_json(prompt.messages_json, "messages_json")
        tools = read_json(prompt.tools_json, "tools_json") if prompt.tools_json else []
        prompt_ids = tuple(self._tokens.render(messages, tools))
        wanted = len(prompt.score_ids) or max_new_tokens
        if len(prompt_ids) + wanted > self._tokens.context_length:
            raise ContextLengthExceeded(f"prompt {prompt.id} does not fit the context", prompt=prompt.id)
        # Tokens to be scored are put into an answer's mouth one by one: in half precision a single pass over all of
        # them differs from what users get by more than two machines do.
        ids, logprobs = self._generate(Generation(adapter, prompt_ids, wanted, forced_ids=prompt.score_ids))
        if prompt.score_ids and ids != prompt.score_ids:
            raise RequestMalformed(f"score_ids of {prompt.id} go on after an end token", param="score_ids")
        return ProbeResult(prompt.id, prompt_ids, ids, logprobs, scored_text(self._tokens, ids))

    def _generate(self, work: Generation) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Token ids and log-probabilities; the end token is the last where it came, as the trainer records it."""
        pieces = list(self._engine.submit(work))
        tokens = [choice for piece in pieces for choice in piece.tokens]
        tokens += [pieces[-1].end] if pieces[-1].end else []
        return tuple(choice.id for choice in tokens), tuple(choice.logprob for choice in tokens)

    def _rendered(self, completion: Completion) -> tuple[list[int], list[int]]:
        """Prompt and answer as training would have rendered them: one that ended by itself has its end token."""
        messages = read_json(completion.messages_json, "messages_json")
        calls = read_json(completion.tool_calls_json, "tool_calls_json") if completion.tool_calls_json else []
        answer = self._tokens.encode(completion.text + "".join(map(_call_text, calls)))
        if completion.finish_reason in ENDED:
            answer.append(self._tokens.end_id)
        if not answer:
            raise RequestMalformed(f"{completion.name} has no text that could be traced", param="completion")
        return self._prompt(messages, completion.tools_json), answer

    def _prompt(self, messages: list[Any], tools_json: str) -> list[int]:
        if [message.get("role") for message in messages] != [RAW_PROMPT]:
            return self._tokens.render(messages, read_json(tools_json, "tools_json") if tools_json else [])
        content = messages[0]["content"]
        return self._tokens.encode(content) if isinstance(content, str) else list(content)


def _call_text(call: Json) -> str:
    function = call["function"]
    return f'<tool_call>{{"name": {json.dumps(function["name"])}, "arguments": {function["arguments"]}}}</tool_call>'


def read_json(text: str, field: str) -> list[Any]:
    """A JSON list of objects. Raises RequestMalformed."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise RequestMalformed(f"{field} is not JSON", param=field) from error
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RequestMalformed(f"{field} must be a list of objects", param=field)
    return value
