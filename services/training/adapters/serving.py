"""The model server, asked through the serving service."""

from collections.abc import Sequence

import grpc

from services.training.domain.evaluation import ParityPrompt, Probe, Served
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc

ANSWER, SCORE = "answer/", "score/"


class ServedModels:
    """Every prompt is asked twice in one call: for the server's own answer, and for its view of the trainer's."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = serving_pb2_grpc.ServingServiceStub(channel)  # type: ignore[no-untyped-call]

    def probe(self, version: str, prompts: Sequence[ParityPrompt]) -> Probe:
        longest = max((prompt.max_new_tokens for prompt in prompts), default=0)
        asked = [_prompt(p, ANSWER, ()) for p in prompts]
        asked += [_prompt(p, SCORE, p.generated_ids) for p in prompts if p.generated_ids]
        request = pb.ProbeModelRequest(model_version=version, prompts=asked, max_new_tokens=longest)
        response = self._stub.ProbeModel(request)
        results = {result.id: result for result in response.results}
        return Probe(
            response.adapter_digest,
            response.base_digest,
            response.dtype,
            tuple(response.end_token_ids),
            {p.id: _served(p, results) for p in prompts if ANSWER + p.id in results},
        )


def _prompt(prompt: ParityPrompt, kind: str, score_ids: Sequence[int]) -> pb.ProbePrompt:
    return pb.ProbePrompt(
        id=kind + prompt.id,
        messages_json=prompt.messages_json,
        tools_json=prompt.tools_json,
        score_ids=score_ids,
    )


def _served(prompt: ParityPrompt, results: dict[str, pb.ProbeResult]) -> Served:
    answer = results[ANSWER + prompt.id]
    scored = results.get(SCORE + prompt.id)
    return Served(
        tuple(answer.prompt_ids),
        tuple(answer.generated_ids),
        tuple(answer.logprobs),
        tuple(scored.logprobs) if scored else (),
    )
